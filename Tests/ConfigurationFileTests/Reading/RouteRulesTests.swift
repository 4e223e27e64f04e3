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
            ("email}", "a brace is open", "email"), ("{}", "is not a placeholder", "x"), ("ä", "printable ASCII", "a"),
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
