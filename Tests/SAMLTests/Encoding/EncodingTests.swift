import Testing

@testable import SAML

@Suite struct EncodingTests {
    @Test(
        "Base64 of RFC 4648 §10 in both directions",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ])
    func base64(plain: String, encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == encoded)
        #expect(Base64.decode(Array(encoded.utf8)) == Array(plain.utf8))
    }

    @Test(
        "A second spelling of the same bytes is refused",
        arguments: ["Zh==", "Zm9=", "Zg", "Zg=", "Zg= =", "Z===", "====", "Zm9v\n", "Zm-v", "=m9v", "Zg==Zm9v"])
    func strictBase64(text: String) {
        #expect(Base64.decode(Array(text.utf8)) == nil)
    }

    @Test("Stored DEFLATE blocks hold the bytes", arguments: [0, 1, 0xFFFF, 0x10000, 0x1FFFF])
    func deflate(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        #expect(inflateStored(Deflate.stored(bytes)) == bytes)
    }

    @Test(
        "Only https, and http to loopback, are allowed",
        arguments: [
            ("https://idp.example/sso?x=1", true), ("https://idp.example:8443/", true), ("https://[2001:db8::1]/", true),
            ("http://localhost:8080/sso", true), ("http://idp.localhost/sso", true), ("http://127.0.0.1/sso", true),
            ("http://127.9.8.7:1/", true),
            ("http://[::1]:8080/sso", true), ("http://idp.example/sso", false), ("http://127.0.0.1.evil.example/", false),
            ("http://localhost@evil.example/", false), ("http://localhost.evil.example/", false), ("http://127.0.0.256/", false),
            ("https://user@idp.example/", false), ("https:///sso", false), ("https://", false), ("javascript:alert(1)", false),
            ("JAVASCRIPT:alert(1)", false), ("data:text/html,x", false), ("/sso", false),
            ("https://idp.example/\r\nSet-Cookie: a=b", false),
            ("https://idp.example/#x", false), ("https://idp.example/ x", false), ("https://idp.example:port/", false), ("", false),
            ("https://idp.example/\u{e9}", false),
        ])
    func urls(url: String, isAllowed: Bool) {
        #expect(WebURL.isAllowed(url) == isAllowed)
    }

    @Test(
        "An identifier is an ASCII NCName",
        arguments: [
            ("_a", true), ("a-b.c_1", true), ("1a", false), ("-a", false), ("", false), ("a:b", false), ("a b", false), ("a'b", false),
            ("a)", false),
        ])
    func ncName(text: String, isAllowed: Bool) {
        #expect(NCName.isAllowed(text) == isAllowed)
    }
}

/// The other direction of `Deflate.stored`, for tests only.
func inflateStored(_ bytes: [UInt8]) -> [UInt8]? {
    var result: [UInt8] = []
    var rest = bytes[...]
    while rest.count >= 5 {
        let header = Array(rest.prefix(5))
        let length = Int(header[1]) | Int(header[2]) << 8
        guard header[0] <= 1, header[1] == ~header[3], header[2] == ~header[4], rest.count >= 5 + length else { return nil }
        result += rest.dropFirst(5).prefix(length)
        rest = rest.dropFirst(5 + length)
        if header[0] == 1 { return rest.isEmpty ? result : nil }
    }
    return nil
}
