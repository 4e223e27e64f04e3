import Testing

@testable import OIDC

@Suite struct EndpointURLTests {
    @Test(
        "https, and http to loopback",
        arguments: [
            "https://op.example", "https://op.example/", "https://op.example:8443/a/b?c=d&e", "https://op.example?x",
            "https://192.0.2.1", "https://[2001:db8::1]:443/", "https://a_b.example", "http://localhost",
            "http://localhost:8080/x", "http://acme.localhost/", "http://127.0.0.1:1", "http://127.255.255.255",
            "http://[::1]:9000/realms/a", "https://op.example/%7Euser/~x;y=z,(!$'*+@:)",
        ])
    func accepted(text: String) {
        #expect(EndpointURL(text)?.text == text)
    }

    @Test(
        "Nothing else",
        arguments: [
            "", "op.example", "//op.example", "ftp://op.example", "file:///etc/passwd", "HTTPS://op.example",
            "https:op.example", "https:/op.example", "https://", "https:///x", "https://?x", "https://OP.example",
            "https://user@op.example", "https://user:pass@op.example", "https://op.example@evil.example",
            "https://op.example:0", "https://op.example:65536", "https://op.example:", "https://op.example:+1",
            "https://op.example:80:80", "https://op.example:080", "https://op.example#f", "https://op.example\\@evil",
            "https://op.example/a b", "https://op.example/\r\nX: y", "https://op.example/\u{0}", "https://op.éxample",
            "https://op.example/é", "https://{tenant}.example", "https://op.example/{tenant}", "https://%6Fp.example",
            "https://[::1", "https://[]", "https://[::1]x", "https://[fe80::1%25eth0]", "https://::1", " https://op.example",
            "http://op.example", "http://127.1", "http://127.0.0.01", "http://127.0.0.256", "http://2130706433",
            "http://0177.0.0.1", "http://localhost.evil.example", "http://evillocalhost", "http://127.0.0.1.evil.example",
            "http://10.0.0.1", "http://0.0.0.0", "http://[::]", "http://[::ffff:127.0.0.1]", "http://localhost@evil.example",
            "https://op.example/" + String(repeating: "a", count: Bounds.maximumURLBytes),
        ])
    func refused(text: String) {
        #expect(EndpointURL(text) == nil)
    }
}
