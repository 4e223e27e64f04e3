import Testing

@testable import ConfigurationFile

struct WebURLTests {
    @Test(
        "a URL is taken apart",
        arguments: [
            ("https://a.example", "https://a.example", "", nil as String?, nil as String?),
            ("https://a.example:8443/x/y?q=1#f", "https://a.example:8443", "/x/y", "q=1", "f"),
            ("https://a.example:443?", "https://a.example", "", "", nil), ("http://[::1]:80/", "http://[::1]", "/", nil, nil),
            ("https://127.0.0.1#", "https://127.0.0.1", "", nil, ""),
            ("https://a.example/%C3%A4;v=1", "https://a.example", "/%C3%A4;v=1", nil, nil),
        ])
    func parts(text: String, origin: String, path: String, query: String?, fragment: String?) throws {
        let url = try WebURL.parse(text).get()
        #expect(url.text == text && url.origin.text == origin && url.path == path && url.query == query && url.fragment == fragment)
    }

    @Test(
        "what is refused",
        arguments: [
            "", "a.example", "//a.example", "ftp://a.example", "HTTPS://a.example", "https:/a.example", "https:a.example", "https://",
            "https:///x", "https://u@a.example", "https://u:p@a.example", "https://a.example:", "https://a.example:0",
            "https://a.example:65536",
            "https://a.example:080", "https://a.example:8a", "https://a..example", "https://A.example", "https://a.example.",
            "https://a_b.example",
            "https://[::1", "https://::1", "https://[10.0.0.1]", "https://[fe80::1%25eth0]", "https://0x7f.1", "https://2130706433",
            "https://a.example/ä",
            "https://a.example/a b", "https://a.example/%zz", "https://a.example/%2", "https://a.example/\\b",
            "https://a.example\\@b.example",
            "https://a.example/#a#b", "https://a.example/\"", "https://a.example/<x>", "https://xn--.example-",
        ])
    func refused(text: String) { #expect((try? WebURL.parse(text).get()) == nil) }

    @Test(
        "loopback is loopback, and looks alone are not",
        arguments: [
            ("http://localhost", true), ("http://a.b.localhost", true), ("http://127.8.9.1", true), ("http://[::1]", true),
            ("http://[::ffff:127.0.0.1]", true),
            ("http://localhost.example", false), ("http://notlocalhost", false), ("http://127.example", false), ("http://10.0.0.1", false),
            ("http://[::]", false), ("http://0.0.0.0", false),
        ])
    func loopback(text: String, isLoopback: Bool) throws { #expect(try WebURL.parse(text).get().origin.isLoopback == isLoopback) }

    @Test("a URL has a longest length")
    func length() {
        let base = "https://a.example/"
        let longest = base + String(repeating: "x", count: WebURL.maximumBytes - base.utf8.count)
        #expect((try? WebURL.parse(longest).get()) != nil)
        #expect((try? WebURL.parse(longest + "x").get()) == nil)
    }

    @Test(
        "listeners",
        arguments: [
            ("127.0.0.1:0", "127.0.0.1:0"), ("[::]:443", "[::]:443"), ("[0:0::1]:1", "[::1]:1"), ("unix:/run/g.sock", "unix:/run/g.sock"),
            ("systemd:web", "systemd:web"), ("systemd:0", "systemd:0"), ("systemd:a:b", nil), ("systemd:a b", nil),
            ("", nil), (":80", nil), ("127.0.0.1", nil), ("127.0.0.1:", nil), ("127.0.0.1:65536", nil), ("::1:80", nil),
            ("[127.0.0.1]:80", nil),
            ("a.example:80", nil), ("unix:", nil), ("unix:run", nil), ("unix:/\(String(repeating: "x", count: 107))", nil),
        ] as [(String, String?)])
    func listeners(text: String, canonical: String?) {
        // "[127.0.0.1]:80" has brackets around what is not an IPv6 address.
        #expect(ListenAddress(text)?.description == canonical)
    }
}
