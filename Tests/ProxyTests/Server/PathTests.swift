import Testing

@testable import Proxy

/// Group C: the path that is decided on is the path that is forwarded.
@Suite(.timeLimit(.minutes(2))) struct PathTests {
    @Test(
        "the canonical path is forwarded with the query as it was",
        arguments: [
            ("/a/../b?x=/../y&z=%2e", "/b?x=/../y&z=%2e"), ("//a//b", "/a/b"), ("/%7euser/%c3%a9", "/~user/%C3%A9"), ("/a;x=y", "/a;x=y"),
            ("/?", "/?"), ("/.", "/"),
            ("/a?b?c", "/a?b?c"), ("/a?%zz", "/a?%zz"), ("http://wiki.acme.example?q", "/?q"), ("http://wiki.acme.example", "/"),
            ("http://wiki.acme.example/a//b", "/a/b"),
        ])
    func forwarded(_ target: String, _ expected: String) async throws {
        try await World.run { world async throws in
            #expect(try await world.exchange(World.request(target)).status == 200)
            #expect(world.upstream.requests.last?.target == expected)
        }
    }

    @Test(
        "a public rule can't be reached by another path",
        arguments: [
            "/private?x=/static/", "/static/../private", "/static/%2e%2e/private", "/static/.%2e/", "/static", "/health/", "/healthy",
            "/Health", "/static/./../private", "//private",
            "/health/../private", "/private/../private",
        ])
    func privatePaths(_ target: String) async throws {
        try await World.run { world async throws in
            let response = try await world.exchange("GET \(target) HTTP/1.1\r\nHost: wiki.acme.example\r\n\r\n")
            #expect(response.status == 401)
            #expect(world.upstream.requests.isEmpty)
            #expect(try await world.exchange("GET /static/x HTTP/1.1\r\nHost: wiki.acme.example\r\n\r\n").status == 200)
            #expect(world.upstream.requests.map(\.target) == ["/static/x"])
        }
    }

    @Test(
        "an ambiguous path is 400, signed in or not",
        arguments: [
            "/static/..%2fadmin", "/static/%2e%2e%2fadmin", "/a%2Fb", "/static/..;/admin", "/static/%252e%252e/admin", "/static/..%5cadmin",
            "/static/\\admin", "/a%00", "/a%5C", "/%c0%ae%c0%ae/a",
            "/foo/secret#/bar", "/static/%25%32%65%25%32%65/x", "/a\u{1}b", "/a%", "*", "http://wiki.acme.example/%2f",
        ])
    func ambiguous(_ target: String) async throws {
        try await World.run { world async throws in
            #expect(try await world.exchange(World.request(target)).status == 400)
            #expect(try await world.exchange("GET \(target) HTTP/1.1\r\nHost: wiki.acme.example\r\n\r\n").status == 400)
            #expect(world.upstream.requests.isEmpty)
            #expect(world.local.count == 0)
            try await world.expectServing()
        }
    }

    @Test func `an escaped number sign and the like stay in the path`() async throws {
        try await World.run { world async throws in
            #expect(try await world.exchange("GET /static%23/x HTTP/1.1\r\nHost: wiki.acme.example\r\n\r\n").status == 401)
            #expect(try await world.exchange(World.request("/a%23b%3Fc")).status == 200)
            #expect(world.upstream.requests.last?.target == "/a%23b%3Fc")
        }
    }

    @Test func `a route can keep repeated and encoded slashes, and decides on them as it forwards them`() async throws {
        try await World.run { world async throws in
            #expect(try await world.exchange(World.request("/a//b%2fc", host: "kept.example")).status == 200)
            #expect(world.upstream.requests.last?.target == "/a//b%2Fc")
            let before = world.upstream.requests.count
            for (target, status) in [
                ("//public/x", 401), ("/public//../../private", 401), ("/public/..%2fprivate", 400), ("/public%2fx", 401),
            ] {
                #expect(try await world.exchange("GET \(target) HTTP/1.1\r\nHost: kept.example\r\n\r\n").status == status, "\(target)")
            }
            #expect(world.upstream.requests.count == before)
            #expect(try await world.exchange("GET /public//x HTTP/1.1\r\nHost: kept.example\r\n\r\n").status == 200)
        }
    }

    @Test func `a path that an application would read as one of another route is 400`() async throws {
        try await World.run(routes: { port in
            ["/", "/admin", "/files/a,b"].map {
                Route(
                    id: $0, host: .exact("wiki.acme.example"), path: $0, organizationSlug: "acme",
                    upstreams: [.init(host: "127.0.0.1", port: port)])
            }
        }) { world async throws in
            for target in ["/admin;x/y", "/;/admin", "/;x/;y/admin/z", "/files/a%2Cb/c", "/%3B/admin", "/files/a%2cb;v=1"] {
                #expect(try await world.exchange(World.request(target)).status == 400, "\(target)")
            }
            #expect(world.upstream.requests.isEmpty)
            for target in ["/admin/y;x", "/x;y/admin", "/files/a,b/c%20d", "/;x/adminx", "/a%2Cb"] {
                #expect(try await world.exchange(World.request(target)).status == 200, "\(target)")
                #expect(world.upstream.requests.last?.target == target)
            }
        }
    }

    @Test func `the gateway's own paths are recognized in canonical form and never forwarded`() async throws {
        try await World.run { world async throws in
            for target in [
                "/.gateway/session", "//.gateway///session", "/x/../.gateway/session", "/%2egateway/session", "/.g%61teway/session",
                "http://wiki.acme.example/.gateway/session",
            ] {
                #expect(try await world.exchange(World.request(target)).text == "local", "\(target)")
                #expect(world.local.last?.path == "/.gateway/session")
                #expect(world.local.last?.purpose == .own)
            }
            #expect(world.upstream.requests.isEmpty)
            // Not ours: no segment boundary, and paths of the host of external_url only.
            for target in ["/.gatewayx", "/.Gateway/session", "/v1/public/sso/start", "/.well-known/jwks.json", "/sdk/v1/x"] {
                #expect(try await world.exchange(World.request(target)).text == "ok", "\(target)")
            }
        }
    }

    @Test func `the host of external_url answers everything itself, with a route only its own paths`() async throws {
        try await World.run { world async throws in
            for target in ["/", "/x", "/v1/public/sso/start?a=b", "/.well-known/jwks.json"] {
                #expect(try await world.exchange(World.request(target, host: "auth.example")).text == "local")
            }
            #expect(world.local.requests.withLock { $0.map(\.purpose) }.allSatisfy { $0 == .own })
            #expect(world.local.requests.withLock { $0[2].query } == "a=b")
            #expect(world.upstream.requests.isEmpty)
        }
        try await World.run(routes: {
            [Route(id: "app", host: .exact("auth.example"), organizationSlug: "acme", upstreams: [.init(host: "127.0.0.1", port: $0)])]
        }) { world async throws in
            for target in ["/v1/x", "/sdk/v1/x", "/.well-known/jwks.json", "/.gateway/x"] {
                #expect(try await world.exchange(World.request(target, host: "auth.example")).text == "local", "\(target)")
            }
            for target in ["/", "/v1", "/sdk/v2/", "/.well-known/other"] {
                #expect(try await world.exchange(World.request(target, host: "auth.example")).text == "ok", "\(target)")
            }
        }
    }

    @Test func `an unknown host is answered by the gateway, also for its own paths`() async throws {
        try await World.run { world async throws in
            for target in ["/", "/.gateway/session"] {
                #expect(try await world.exchange(World.request(target, host: "unknown.example")).status == 404)
                #expect(world.local.last?.purpose == .unknownHost)
            }
            #expect(world.upstream.requests.isEmpty)
        }
    }
}
