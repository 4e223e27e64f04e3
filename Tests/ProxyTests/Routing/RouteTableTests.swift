import Testing

@testable import Proxy

@Suite struct RouteTableTests {
    private static let upstream = [Upstream(host: "127.0.0.1", port: 80)]

    private func route(_ id: String, _ host: String, _ path: String = "/") -> Route {
        Route(id: id, host: .exact(host), path: path, organizationSlug: "acme", upstreams: Self.upstream)
    }

    private func find(_ table: RouteTable, _ host: String, _ path: String) -> String? {
        withView(host) { host in
            guard let match = table.match(host: host) else { return nil }
            return withView(path) { match.routes.match(path: $0)?.route.id }
        }
    }

    @Test func `the longest prefix at a segment boundary wins, with few and with many routes`() throws {
        for filler in [0, 20] {
            var routes = [route("root", "a.example"), route("app", "a.example", "/app"), route("deep", "a.example", "/app/x/")]
            routes += (0..<filler).map { route("f\($0)", "a.example", "/filler/\($0)") }
            let table = try RouteTable(routes: routes, externalHost: "auth.example")
            for (path, id) in [
                ("/", "root"), ("/app", "app"), ("/app/", "app"), ("/apple", "root"), ("/app/x", "deep"), ("/app/x/y", "deep"),
                ("/app/xy", "app"), ("/b", "root"),
            ] {
                #expect(find(table, "a.example", path) == id, "\(path) with \(filler)")
            }
            if filler > 0 { #expect(find(table, "a.example", "/filler/7/x") == "f7") }
        }
    }

    @Test func `an exact host wins over a label, and a label is one lower-case DNS label`() throws {
        let labelled = Route(id: "label", host: .organizationLabel(suffix: "apps.example"), organizationSlug: nil, upstreams: Self.upstream)
        let table = try RouteTable(routes: [labelled, route("exact", "special.apps.example")], externalHost: "auth.example")
        #expect(find(table, "acme.apps.example", "/") == "label")
        #expect(find(table, "special.apps.example", "/") == "exact")
        for host in [
            "apps.example", "a.b.apps.example", "-a.apps.example", "a-.apps.example", "a_b.apps.example", ".apps.example", "xapps.example",
        ] {
            #expect(find(table, host, "/") == nil, "\(host)")
        }
    }

    @Test func `ten thousand hosts are all found`() throws {
        let table = try RouteTable(routes: (0..<10_000).map { route("r\($0)", "h\($0).example") }, externalHost: "auth.example")
        for index in stride(from: 0, to: 10_000, by: 37) { #expect(find(table, "h\(index).example", "/") == "r\(index)") }
        #expect(find(table, "h10000.example", "/") == nil)
    }

    @Test func `configured hosts and paths are matched in canonical form`() throws {
        let table = try RouteTable(routes: [route("r", "A.Example.", "/%7Ex//y")], externalHost: "AUTH.example")
        #expect(find(table, "a.example", "/~x/y/z") == "r")
        withView("auth.example") { #expect(table.isExternalHost($0)) }
    }

    @Test func `what can't be served is refused`() throws {
        #expect(throws: RouteTableError.duplicate(route: "b")) {
            try RouteTable(routes: [route("a", "a", "/x"), route("b", "A", "/x/")], externalHost: "e")
        }
        #expect(throws: RouteTableError.duplicate(route: "b")) {
            try RouteTable(routes: [route("a", "a", "/x,y"), route("b", "a", "/x%2cy;z/")], externalHost: "e")
        }
        #expect(throws: RouteTableError.host(route: "a")) { try RouteTable(routes: [route("a", "a b")], externalHost: "e") }
        #expect(throws: RouteTableError.host(route: "a")) { try RouteTable(routes: [route("a", "a:80")], externalHost: "e") }
        #expect(throws: RouteTableError.path(route: "a")) { try RouteTable(routes: [route("a", "a", "x")], externalHost: "e") }
        #expect(throws: RouteTableError.path(route: "a")) { try RouteTable(routes: [route("a", "a", "/a%2fb")], externalHost: "e") }
        #expect(throws: RouteTableError.externalHost) { try RouteTable(routes: [], externalHost: "") }
        let none = Route(id: "a", host: .exact("a"), organizationSlug: "acme", upstreams: [])
        #expect(throws: RouteTableError.upstream(route: "a")) { try RouteTable(routes: [none], externalHost: "e") }
        let slug = Route(id: "a", host: .organizationLabel(suffix: "a"), organizationSlug: "acme", upstreams: Self.upstream)
        #expect(throws: RouteTableError.organization(route: "a")) { try RouteTable(routes: [slug], externalHost: "e") }
        let name = Route(
            id: "a", host: .exact("a"), organizationSlug: "acme", upstreams: Self.upstream, headers: [.init(name: "A:", template: [])])
        #expect(throws: RouteTableError.headerName(route: "a")) { try RouteTable(routes: [name], externalHost: "e") }
    }

    @Test func `public paths are exact unless they end in a slash`() {
        let route = CompiledRoute(
            route: self.route("a", "a"), prefix: [], publicPaths: [Array("/static/".utf8), Array("/health".utf8)],
            rules: CanonicalPath.Rules(),
            upstreams: [])
        for (path, expected) in [
            ("/static/", true), ("/static/x", true), ("/static", false), ("/Static/", false), ("/health", true), ("/health/", false),
            ("/healthy", false),
        ] {
            #expect(withView(path) { route.isPublic($0) } == expected, "\(path)")
        }
    }
}
