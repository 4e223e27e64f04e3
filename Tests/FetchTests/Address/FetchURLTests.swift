import Testing

@testable import Fetch

@Suite("Fetch URL")
struct FetchURLTests {
    @Test(
        "What we fetch from",
        arguments: [
            ("https://idp.example", false, "idp.example:443"), ("https://IdP.Example/a?b=c", false, "idp.example:443"),
            ("https://idp.example:8443/", false, "idp.example:8443"), ("https://idp.example?x=1", false, "idp.example:443"),
            ("https://8.8.8.8/", false, "8.8.8.8:443"), ("https://2130706433/", false, "2130706433:443"),
            ("https://[2001:db8::1]:444/", false, "[2001:db8::1]:444"), ("https://a_b-c.example./", false, "a_b-c.example.:443"),
            ("https://idp.example/a@b:c", false, "idp.example:443"), ("http://localhost/", true, "localhost:80"),
            ("http://LOCALHOST:8080/", true, "localhost:8080"), ("http://idp.localhost/", true, "idp.localhost:80"),
            ("http://127.0.0.1:1/", true, "127.0.0.1:1"), ("http://127.255.255.254", true, "127.255.255.254:80"),
            ("http://[::1]:65535/", true, "[::1]:65535"), ("http://[0:0::1]/", true, "[0:0::1]:80"),
        ])
    func accepted(text: String, isPlain: Bool, origin: String) throws {
        let url = try #require(FetchURL(text))
        #expect(url.isPlain == isPlain)
        #expect(url.origin == origin)
    }

    @Test(
        "What we don't",
        arguments: [
            "", "idp.example", "//idp.example/", "https:", "https://", "https:///x", "https://:443/", "https://?x", "HTTPS://x/",
            "https:/idp.example", "ftp://idp.example/", "file:///etc/passwd", "gopher://127.0.0.1:6379/_", "unix:/run/x.sock",
            "dict://x/", "data:,x", "https+unix://x/", " https://idp.example", "https://idp.example/a b", "https://idp.example/\r\n",
            "https://idp.example/\u{0}", "https://idp.example/\t", "https://idp.example/ä", "https://ıdp.example/",
            "https://user@idp.example/", "https://user:pass@idp.example/", "https://idp.example:443@evil.example/",
            "https://idp.example#@evil.example/", "https://idp.example/#x", "https://idp.example\\@evil.example/",
            "https://idp.example/\\", "https://idp%2eexample/", "https://idp.example%00.evil.example/", "https://a,b/",
            "https://idp.example:/", "https://idp.example:0/", "https://idp.example:65536/", "https://idp.example:+80/",
            "https://idp.example:-1/", "https://idp.example:80:80/", "https://idp.example:8x/", "https://::1/",
            "https://[::1/", "https://[::1]x/", "https://[fe80::1%25eth0]/", "https://[127.0.0.1]/", "https://[]/",
            "https://[v1.x]/", "https://[::1]]/", "https://[[::1]]/", "http://idp.example/", "http://10.0.0.1/",
            "http://169.254.169.254/", "http://localhost.", "http://localhost.evil.example/", "http://evillocalhost/",
            "http://127.0.0.1.evil.example/", "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/",
            "http://127.0.0.010/", "http://127.0.0.256/", "http://0.0.0.0/", "http://[::]/", "http://[fd00::1]/", "http://0/",
        ])
    func refused(text: String) {
        #expect(FetchURL(text) == nil)
    }

    @Test("A URL has at most 8 KiB, its host at most 254 bytes")
    func lengths() {
        let start = "https://idp.example/"
        #expect(FetchURL(start + String(repeating: "a", count: 8192 - start.count)) != nil)
        #expect(FetchURL(start + String(repeating: "a", count: 8193 - start.count)) == nil)
        #expect(FetchURL("https://" + String(repeating: "a", count: 254) + "/") != nil)
        #expect(FetchURL("https://" + String(repeating: "a", count: 255) + "/") == nil)
    }
}
