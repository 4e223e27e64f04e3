import Testing

@testable import Proxy

@Suite struct CookieFilterTests {
    private func strip(_ value: String) -> String {
        withUnsafeTemporaryAllocation(byteCount: 1_000, alignment: 1) { memory in
            var writer = ByteWriter(memory)
            withView(value) { CookieFilter.writeOthers(of: $0, to: &writer) }
            return String(decoding: memory.prefix(writer.count), as: UTF8.self)
        }
    }

    @Test(
        "the gateway's cookies are taken out and the application's left",
        arguments: [
            ("gateway-session=x", ""), ("a=b; gateway-session=x", "Cookie: a=b\r\n"),
            ("gateway-session=x; a=b;c=d", "Cookie: a=b; c=d\r\n"),
            (
                "__Host-gateway-session=x; __Host-gateway-sign-in=y; __Host-gateway-flow=z; gateway-flow=1; gateway-sign-in=2; a",
                "Cookie: a\r\n"
            ),
            ("gateway-session =x; a=b", "Cookie: a=b\r\n"), ("gateway-session; a=b", "Cookie: a=b\r\n"),
            ("__host-Gateway-Session=x; a=b", "Cookie: a=b\r\n"),
            (";;gateway-session=x;;", ""), ("gateway-sessions=x; xgateway-session=y", "Cookie: gateway-sessions=x; xgateway-session=y\r\n"),
        ])
    func strips(_ value: String, _ expected: String) { #expect(strip(value) == expected) }

    @Test(
        "a token has one encoding",
        arguments: [
            (String(repeating: "A", count: 43), true), (String(repeating: "_", count: 42) + "w", true),
            (String(repeating: "A", count: 42), false),
            (String(repeating: "A", count: 44), false), (String(repeating: "A", count: 42) + "B", false),
            (String(repeating: "A", count: 42) + "=", false),
            (String(repeating: "A", count: 42) + "+", false), (String(repeating: "/", count: 43), false), ("", false),
        ])
    func token(_ text: String, _ accepted: Bool) { #expect((withView(text) { CookieFilter.hash($0) } != nil) == accepted) }

    @Test func `the hash is the SHA-256 of the decoded bytes`() {
        let expected: [UInt8] = [
            0x66, 0x68, 0x7A, 0xAD, 0xF8, 0x62, 0xBD, 0x77, 0x6C, 0x8F, 0xC1, 0x8B, 0x8E, 0x9F, 0x8E, 0x20,
            0x08, 0x97, 0x14, 0x85, 0x6E, 0xE2, 0x33, 0xB3, 0x90, 0x2A, 0x59, 0x1D, 0x0D, 0x5F, 0x29, 0x25,
        ]
        #expect(withView(World.token) { CookieFilter.hash($0) }?.bytes == expected)
    }

    @Test(
        "an upstream can't set a cookie with a name of the gateway",
        arguments: [
            ("gateway-session=x; Path=/", true), ("__Host-gateway-session=x", true), (" gateway-flow =x", true),
            ("GATEWAY-SIGN-IN=x", true),
            ("gateway-session", true), ("gateway-session; Path=/", true), ("session=gateway-session=x", false),
            ("sid=1; gateway-session=2", false),
        ])
    func setCookie(_ value: String, _ expected: Bool) { #expect(withView(value) { CookieFilter.setsGatewayCookie($0) } == expected) }
}
