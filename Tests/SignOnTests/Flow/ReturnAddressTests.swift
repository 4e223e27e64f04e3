import Testing

@testable import SignOn

struct ReturnAddressTests {
    static let routes = RoutePlan(
        hosts: [.exact("wiki.acme.example", organizationSlug: "acme"), .organizationLabel(suffix: "apps.example")],
        scheme: "https", port: nil)

    @Test(
        "A rooted address on a routed origin is taken as it is",
        arguments: [
            ("https://wiki.acme.example/", "wiki.acme.example", "/"), ("https://wiki.acme.example", "wiki.acme.example", "/"),
            ("https://wiki.acme.example/a?b=https://evil.example/", "wiki.acme.example", "/a?b=https://evil.example/"),
            ("https://globex.apps.example/x", "globex.apps.example", "/x"),
        ])
    func accepted(text: String, host: String, target: String) {
        let address = ReturnAddress(absolute: text, routes: Self.routes)
        #expect(address?.host == host)
        #expect(address?.target == target)
    }

    @Test(
        "Everything else is no address",
        arguments: [
            "", "/", "//evil.example", "https://evil.example/", "http://wiki.acme.example/", "https://wiki.acme.example:8443/",
            "https://wiki.acme.example.evil.example/", "https://evil-wiki.acme.example/", "https://user@wiki.acme.example/",
            "https://wiki.acme.example@evil.example/", "https://wiki.acme.example//evil.example", "https:/wiki.acme.example/",
            "https://wiki.acme.example/\\evil.example", "https://wiki.acme.example\\.evil.example/", "https://WIKI.acme.example/",
            "https://wiki.acme.example/\r\nSet-Cookie:x", "https://wiki.acme.example/ü", "https://wiki.acme.example/a#b",
            "https://wiki.acme.example./", "javascript:alert(1)", "https://a.b.apps.example/", "https://.apps.example/",
            "https://apps.example/", "https://1249763844?.apps.example/", "https://evil#.apps.example/x", "https://u@evil.apps.example/",
            "https://Globex.apps.example/", "https://-x.apps.example/", "https://\u{301}wiki.acme.example/",
            "https:/\u{301}/wiki.acme.example/",
            "https://wiki.acme.example?x", "https://wiki.acme.example/" + String(repeating: "a", count: 2048),
        ])
    func refused(text: String) {
        #expect(ReturnAddress(absolute: text, routes: Self.routes) == nil)
    }
}
