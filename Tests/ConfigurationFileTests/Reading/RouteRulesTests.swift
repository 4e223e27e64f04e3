import Testing

@testable import ConfigurationFile

struct RouteRulesTests {
    private static func route(_ lines: String, host: String = "a.example") -> String {
        "[[route]]\nhost = \"\(host)\"\norganization = \"acme\"\nupstream = [\"http://10.0.0.1:80\"]\n\(lines)"
    }

    private static func header(_ name: String, _ value: String = "{email}") -> String { route("headers = { \"\(name)\" = \"\(value)\" }") }
    private static let fine = route("")

    static let rules: [Rule] = [
        Rule("host is required", .tenancy, bad: fine.replacing("host = \"a.example\"\n", with: ""), "[[route]] needs `host`", good: fine),
        Rule(
            "upstream is required", .tenancy, bad: "[[route]]\nhost = \"a.example\"\norganization = \"acme\"", "[[route]] needs `upstream`",
            good: fine),
        Rule(
            "upstream is not empty", .tenancy, bad: "[[route]]\nhost = \"a.example\"\norganization = \"acme\"\nupstream = []", line: 4,
            "the list is empty", good: fine),
        Rule(
            "organization is required", .tenancy, bad: "[[route]]\nhost = \"a.example\"\nupstream = [\"http://10.0.0.1\"]",
            "[[route]] needs `organization`", good: fine),
        Rule(
            "the label says the organization", .tenancy, bad: route("", host: "{organization}.a.example"), line: 3,
            "the host says which organization", good: "[[route]]\nhost = \"{organization}.a.example\"\nupstream = [\"http://10.0.0.1\"]"),
        Rule(
            "an upstream has no path", .tenancy, bad: fine.replacing("10.0.0.1:80", with: "10.0.0.1:80/app"), line: 4,
            "scheme, host and port alone", good: fine),
        Rule(
            "an upstream has a scheme", .tenancy, bad: fine.replacing("http://10.0.0.1:80", with: "10.0.0.1:80"), line: 4,
            "begins with https://", good: fine),
        Rule(
            "a path is canonical", .tenancy, bad: route("path = \"/a//b\""), line: 5, "// is collapsed",
            good: route("path = \"/a//b\"\nkeep_repeated_slashes = true")),
        Rule(
            "a path has no slash at its end", .tenancy, bad: route("path = \"/a/\""), line: 5, "without the / at the end",
            good: route("path = \"/a\"")),
        Rule(
            "max_age leaves time for the sign-in", .tenancy, bad: route("max_age = \"30s\""), line: 5, "must be from 1m to",
            good: route("max_age = \"15m\"")),
        Rule(
            "acr names something", .tenancy, bad: route("acr = []"), line: 5, "the list is empty", good: route("acr = [\"urn:mfa\"]")),
        Rule(
            "an acr value has no spaces", .tenancy, bad: route("acr = [\"a b\"]"), line: 5, "without spaces",
            good: route("acr = [\"a\", \"b\"]")),
        Rule(
            "a public path within the route", .tenancy, bad: route("path = \"/app\"\npublic_paths = [\"/application\"]"), line: 6,
            "outside of the route's path /app", good: route("path = \"/app\"\npublic_paths = [\"/app\", \"/app/static/\"]")),
    ]

    @Test("[[route]]", arguments: rules)
    func checkRoute(rule: Rule) { rule.check() }

    private static let https = fine.replacing("http://10.0.0.1:80", with: "https://app.internal:8443")

    static let upstreams: [Rule] = [
        Rule(
            "a unix socket has an absolute path", .tenancy, bad: fine.replacing("http://10.0.0.1:80", with: "unix:run/a.sock"), line: 4,
            "an absolute path", good: fine.replacing("http://10.0.0.1:80", with: "unix:/run/a.sock")),
        Rule(
            "authorities without TLS", .tenancy, bad: route("upstream_ca = \"strong.pem\""), line: 5, "no upstream of the route is https",
            good: https + "upstream_ca = \"strong.pem\""),
        Rule(
            "authorities that are not there", .tenancy, bad: https + "upstream_ca = \"nowhere.pem\"", line: 5, "does not exist",
            good: https + "upstream_ca = \"both.pem\""),
        Rule(
            "authorities that are none", .tenancy, bad: https + "upstream_ca = \"text.pem\"", line: 5, "must hold PEM certificates",
            good: https + "upstream_ca = \"strong.pem\""),
        Rule(
            "authorities with a weak key", .tenancy, bad: https + "upstream_ca = \"weak.pem\"", line: 5, "at least 2048 are needed",
            good: https),
        Rule(
            "a health check has a path", .tenancy, bad: route("health_check = { interval = \"5s\" }"), line: 5, "health_check needs `path`",
            good: route("health_check = { path = \"/healthz\" }")),
        Rule(
            "the path of a health check is one", .tenancy, bad: route("health_check = { path = \"healthz\" }"), line: 5, "begins with /",
            good: route("health_check = { path = \"/healthz?full=1\", interval = \"1s\", timeout = \"500ms\", healthy = 1, unhealthy = 1 }")
        ),
        Rule(
            "a path with a line end", .tenancy, bad: route("health_check = { path = \"/a b\" }"), line: 5, "begins with /",
            good: route("health_check = { path = \"/a%20b\" }")),
        Rule(
            "it takes at least one failure", .tenancy, bad: route("health_check = { path = \"/\", unhealthy = 0 }"), line: 5,
            "from 1 to 100", good: route("health_check = { path = \"/\", unhealthy = 1 }")),
        Rule(
            "a route's own patience", .tenancy, bad: route("upstream_connect_timeout = \"2m\""), line: 5, "from 100ms to 1m",
            good: route("upstream_connect_timeout = \"1s\"\nupstream_response_timeout = \"5m\"\nupstream_idle_timeout = \"1h\"")),
    ]

    @Test("upstreams of a route", arguments: upstreams)
    func checkUpstreams(rule: Rule) { rule.check() }

    static let responseHeaders: [Rule] =
        [
            ("X-Gateway-Member", "the gateway's own"), ("Connection", "belongs to one connection"), ("Set-Cookie", "part of the response"),
            ("Content-Length", "part of the response"), ("a b", "letters, digits and hyphens"),
        ].map { name, message in
            Rule(
                name, .tenancy, bad: route("response_headers = { \"\(name)\" = \"x\" }"), line: 5, message,
                good: route("response_headers = { \"Server\" = \"\", \"Strict-Transport-Security\" = \"max-age=31536000\" }"))
        } + [
            Rule(
                "printable", .tenancy, bad: route("response_headers = { A = \"ä\" }"), line: 5, "printable ASCII",
                good: route("response_headers = { A = \"a\" }")),
            Rule(
                "one name", .tenancy, bad: route("response_headers = { A = \"1\", a = \"2\" }"), line: 5, "given twice",
                good: route("response_headers = { A = \"1\", b = \"2\" }")),
        ]

    @Test("response headers of a route", arguments: responseHeaders)
    func checkResponseHeaders(rule: Rule) { rule.check() }

    @Test("what a route says about its upstreams arrives")
    func upstreamSettings() throws {
        let text =
            Self.https + """
                upstream_ca = "strong.pem"
                upstream_response_timeout = "5m"
                keep_trailers = true
                upstream_http2 = true
                response_headers = { "Server" = "" }
                health_check = { path = "/up", unhealthy = 5 }
                """
        let route = try #require(try configuration(Rule.Base.tenancy.text + text).routes.first)
        #expect(route.upstreams == [.https(host: "app.internal", port: 8443)])
        #expect(route.upstreamSettings.authorities?.contains("BEGIN CERTIFICATE") == true)
        #expect(route.upstreamSettings.responseTimeout == .seconds(300))
        #expect(route.upstreamSettings.connectTimeout == nil)
        var check = HealthCheckSettings(path: "/up")
        check.unhealthy = 5
        #expect(route.upstreamSettings.healthCheck == check)
        #expect(route.keepsTrailers)
        #expect(route.upstreamSettings.speaksHTTP2)
        #expect(route.responseHeaders == [ResponseHeader(name: "Server", value: "")])
    }

    static let hosts: [Rule] = [
        ("A.example", "in lower case: `a.example`"), ("a.example:8080", "without a port"), ("a.example.", "without the dot at the end"),
        ("https://a.example", "without a scheme"), ("a.example/x", "a path goes into `path`"),
        ("*.example", "a wildcard is written `{organization}.`"),
        ("bücher.example", "`xn--…`"), ("a_b.example", "labels of letters"), ("-a.example", "labels of letters"),
        ("a..example", "labels of letters"),
        ("[::1]", "an IPv6 address"), ("127.1", "labels of letters"), ("a.{organization}.example", "the whole first label"),
        ("x{organization}.example", "the whole first label"), ("{organization}.{organization}.example", "the whole first label"),
        ("{organisation}.example", "the whole first label"), ("{organization}", "the whole first label"),
        ("{organization}.A.example", "in lower case"),
        ("{organization}.127.0.0.1", "no names under an IP address"),
    ].map { host, message in
        // Without `organization`, which a label must not have, where the host begins like one.
        let text = route("", host: host)
        return Rule(host, .tenancy, bad: text, line: 2, message, good: fine)
    }

    @Test("hosts of routes", arguments: hosts)
    func checkHosts(rule: Rule) { rule.check() }

    static let paths: [Rule] = [
        ("static", "a path begins with /", "/static"), ("/a?b", "before ? and #", "/a"), ("/a#b", "before ? and #", "/a"),
        ("/a/../b", "dot segments", "/b"),
        ("/./a", "dot segments", "/a"), ("/a/..;x/b", "dot segments", "/a/x;.."), ("/a//b", "// is collapsed", "/a/b"),
        ("/a\\\\b", "a backslash", "/a/b"),
        ("/a%2Fb", "keep_encoded_slashes", "/a%3Fb"), ("/a%5Cb", "backslash or control", "/ab"), ("/a%00", "backslash or control", "/a"),
        ("/%7E", "write the character itself", "/~"),
        ("/%2e%2e/", "upper case", "/"), ("/%2E", "write the character itself", "/"), ("/%3f", "upper case", "/%3F"),
        ("/%252F", "an escaped escape", "/%25zz"), ("/%2", "two hexadecimal digits", "/2"),
        ("/a b", "percent-encoded", "/a%20b"), ("/ä", "percent-encoded", "/%C3%A4"), ("/*", "there are no wildcards", "/"),
    ].map { bad, message, good in
        Rule(bad, .tenancy, bad: route("public_paths = [\"\(bad)\"]"), line: 5, message, good: route("public_paths = [\"\(good)\"]"))
    }

    @Test("public paths are canonical", arguments: paths)
    func checkPaths(rule: Rule) { rule.check() }

    @Test("a route that keeps encoded slashes can have them in its paths")
    func keepsEncodedSlashes() throws {
        let route = try #require(
            try configuration(Rule.Base.tenancy.text + Self.route("public_paths = [\"/a%2Fb\"]\nkeep_encoded_slashes = true")).routes.first)
        #expect(route.keepsEncodedSlashes && !route.keepsRepeatedSlashes)
        #expect(route.publicPaths == ["/a%2Fb"])
    }

    static let headerNames: [Rule] =
        [
            "X-Gateway-Roles", "x_gateway_roles", "X.Gateway-New", "X-Forwarded-For", "X_Forwarded-Anything", "Forwarded", "X-Request-Id",
            "Connection", "Keep-Alive",
            "Transfer_Encoding", "TE", "Trailer", "Upgrade", "Proxy-Authorization", "Host", "Content-Length", "Content-Type", "Cookie",
            "Sec-WebSocket-Key", "Sec-Fetch-Mode", "Expect",
        ].map { Rule($0, .tenancy, bad: header($0), line: 5, "`headers`: `\($0)`: ", good: header("My-\($0.filter { $0 != "." })-User")) }
        + ["a b", "a:b", "é", String(repeating: "a", count: 65)].map {
            Rule($0, .tenancy, bad: header($0), line: 5, "letters, digits and hyphens", good: header("a-b"))
        }

    @Test("names of extra headers", arguments: headerNames)
    func checkHeaderNames(rule: Rule) { rule.check() }

    static let templates: [Rule] =
        [
            ("{mail}", "did you mean `email`?", "{email}"), ("{organization.id}", "is not a placeholder", "{organization_id}"),
            ("{email", "a brace is open", "{email}"),
            ("email}", "a brace is open", "email"), ("{}", "is not a placeholder", "x"),
            ("{email} {client_certificate_subject}", "a header of its own", "dn={client_certificate_subject}"),
            ("ä", "printable ASCII", "a"),
            ("{{email}}", "a brace is open", "<{email}>"),
        ].map { bad, message, good in
            Rule(bad, .tenancy, bad: header("Remote-User", bad), line: 5, message, good: header("Remote-User", good))
        } + [
            Rule(
                "one name in two spellings", .tenancy, bad: route("headers = { \"Remote-User\" = \"a\", \"remote_user\" = \"b\" }"),
                line: 5, "are one name to many servers", good: header("Remote-User"))
        ]

    @Test("values of extra headers", arguments: templates)
    func checkTemplates(rule: Rule) { rule.check() }

    @Test("templates arrive as parts")
    func parts() throws {
        let route = try #require(
            try configuration(Rule.Base.tenancy.text + Self.route("headers = { B = \"<{email}> {roles}\", A = \"\" }")).routes.first)
        #expect(
            route.headers == [
                RouteHeader(name: "A", template: []),
                RouteHeader(name: "B", template: [.text("<"), .placeholder(.email), .text("> "), .placeholder(.roles)]),
            ])
    }
}
