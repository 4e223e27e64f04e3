import Testing

@testable import Proxy

@Suite struct CanonicalHostTests {
    private func parse(_ text: String) -> String? {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: CanonicalHost.bufferBytes) { out in
            guard let base = out.baseAddress else { return nil }
            let bytes = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
            return withView(bytes) { CanonicalHost.parse($0, into: base) }.map { parsed in
                String(decoding: out.prefix(parsed.count), as: UTF8.self) + (parsed.port.map { " \($0)" } ?? "")
            }
        }
    }

    @Test(
        "a host has one form",
        arguments: [
            ("wiki.acme.example", "wiki.acme.example"), ("aPp.Example.COM.", "app.example.com"), ("a:8080", "a 8080"),
            ("a.:8080", "a 8080"), ("A_b-c", "a_b-c"), ("127.0.0.1:1", "127.0.0.1 1"), ("[::1]", "[::1]"),
            ("[2001:DB8:0:0::1]:443", "[2001:db8::1] 443"), ("a:065535", nil), ("a:65535", "a 65535"),
        ])
    func accepts(_ text: String, _ expected: String?) { #expect(parse(text) == expected) }

    @Test(
        "what is no plain host is refused",
        arguments: [
            "", ".", "..", "a..b", ".a", "a..", "a@b", "user:pass@a", "a:", "a:0", "a:65536", "a:x", "a:-1", "a: 80", "a:80:80", "a b",
            "a/b", "a%2e", "a%", "a?b", "a#b", "a\\b", "a,b", "\u{E9}", "a\u{0}", "[::1", "::1", "[::1]x", "[::ffff:1.2.3.4]",
            "[127.0.0.1]",
            "[fe80::1%eth0]", "[]", String(repeating: "a", count: 254), String(repeating: "a", count: 5_000),
        ])
    func refuses(_ text: String) { #expect(parse(text) == nil) }

    @Test func `a host of the greatest length is accepted, also with its trailing dot`() {
        let longest = String(repeating: "a.", count: 126) + "b"
        #expect(longest.utf8.count == 253)
        #expect(parse(longest) == longest)
        #expect(parse(longest + ".") == longest)
    }
}
