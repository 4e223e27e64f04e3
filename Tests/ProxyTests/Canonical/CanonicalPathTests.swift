import Testing

@testable import Proxy

@Suite struct CanonicalPathTests {
    private func make(_ text: String, repeated: Bool = false, encoded: Bool = false) -> (path: String?, hasEncoded: Bool, hasRepeated: Bool)
    {
        let bytes = Array(text.utf8)
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(1, bytes.count)) { out in
            guard let base = out.baseAddress else { return (nil, false, false) }
            let rules = CanonicalPath.Rules(keepsRepeatedSlashes: repeated, keepsEncodedSlashes: encoded)
            let result = withView(bytes) { CanonicalPath.make($0, rules: rules, into: base) }
            let path: String? =
                switch result.outcome {
                case .unchanged: text
                case .rewritten(let count): String(decoding: out.prefix(count), as: UTF8.self)
                case .refused: nil
                }
            return (path, result.hasEncodedSlash, result.hasRepeatedSlash)
        }
    }

    @Test(
        "a path has one form",
        arguments: [
            ("/", "/"), ("/a/b", "/a/b"), ("/a/", "/a/"), ("/.well-known/x", "/.well-known/x"), ("/a.b", "/a.b"),
            ("/%61%2D%2e%5F%7e", "/a-._~"), ("/%41%7a", "/Az"), ("/%c3%a9", "/%C3%A9"), ("/%20", "/%20"), ("/%3b", "/%3B"),
            ("//", "/"), ("//a", "/a"), ("/a//b", "/a/b"), ("/a///", "/a/"), ("/./a", "/a"), ("/a/.", "/a/"), ("/a/./b", "/a/b"),
            ("/public/../admin", "/admin"), ("/public/%2e%2e/admin", "/admin"), ("/public/.%2e/", "/"), ("/..", "/"), ("/../../a", "/a"),
            ("/a/b/../..", "/"), ("/a/b/..", "/a/"), ("/...", "/..."), ("/..a", "/..a"), ("/a;b=c", "/a;b=c"), ("/a;jsessionid=x/..", "/"),
            ("/a%25", "/a%25"), ("/a%2541", "/a%2541"), ("/%25zz", "/%25zz"), ("/a|b\"^", "/a|b\"^"), ("/%e9", "/%E9"), ("/x%0a", "/x%0A"),
        ])
    func canonical(_ raw: String, _ expected: String) { #expect(make(raw).path == expected) }

    @Test(
        "an ambiguous path is refused",
        arguments: [
            "", "a", "/a%", "/a%2", "/a%zz", "/a%2g", "/\\", "/a\\b", "/%5c", "/%5C..", "/%00", "/a%00b", "/..;/admin", "/.;x/", "/..;",
            "/a/..;b=c/d",
            "/..%3b/", "/..%3Ba", "/%2e%2e;/", "/%252e%252e/admin", "/%252E", "/%252f", "/a%252Fb", "/%255c", "/%2500", "/%25252f",
            "/%2525252e", "/%25%2532e", "/%2525%2532%66", "/%25%2525%33%30%300",
            "/%25%32%66", "/%25%32%65", "/%c0%ae", "/%c0%af", "/%C1%9C", "/%e0%80%af", "/%f0%80%80%af", "/a b", "/a\u{7F}", "/\u{1}",
        ])
    func refused(_ raw: String) {
        #expect(make(raw).path == nil)
        #expect(make(raw, repeated: true, encoded: true).path == nil)
    }

    @Test func `an encoded slash is reported, and beside dots refused also where it is kept`() {
        #expect(make("/a%2fb").hasEncoded)
        #expect(make("/a%2fb", encoded: true).path == "/a%2Fb")
        for raw in ["/public/..%2fadmin", "/a%2f..", "/a%2F..%2fb", "/.%2fa", "/%2e%2e%2fa", "/x%2f..;/"] {
            #expect(make(raw, encoded: true).path == nil, "\(raw)")
        }
    }

    @Test(
        "a route can keep repeated slashes",
        arguments: [("//", "//"), ("/a//b", "/a//b"), ("/a//../b", "/a/b"), ("//../x", "/x"), ("/a//./b", "/a//b")])
    func keepsSlashes(_ raw: String, _ expected: String) {
        let made = make(raw, repeated: true)
        #expect(made.path == expected)
        #expect(made.hasRepeated)
    }

    @Test func `the canonical form of a canonical path is itself, and has none of what is resolved`() {
        var generator = SeededGenerator(state: 2)
        let pieces = [
            "/", "//", ".", "..", "a", "b", "%2e", "%2E", "%2f", "%25", "%32", "%66", "2f", "%61", ";", "%3b", "\\", "%c3%a9", "%5c", "%00",
            "~", "%",
        ]
        var accepted = 0
        for _ in 0..<50_000 {
            var raw = "/"
            for _ in 0..<Int.random(in: 0...8, using: &generator) { raw += pieces.randomElement(using: &generator) ?? "" }
            for (repeated, encoded) in [(false, false), (true, true)] {
                let made = make(raw, repeated: repeated, encoded: encoded)
                guard let path = made.path, encoded || !made.hasEncoded else { continue }
                accepted += 1
                #expect(make(path, repeated: repeated, encoded: encoded).path == path, "\(raw)")
                let segments = path.split(separator: "/", omittingEmptySubsequences: false)
                #expect(!segments.contains(".") && !segments.contains(".."), "\(raw)")
                #expect(repeated || !path.contains("//"), "\(raw)")
                #expect(path.utf8.count <= raw.utf8.count)
            }
        }
        #expect(accepted > 10_000)
    }
}
