import Testing

@testable import Proxy

/// Group A: whatever a client sends, the upstream sees only what the gateway says.
@Suite(.timeLimit(.minutes(2))) struct SpoofingTests {
    private static let own = [
        "Host", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Request-Id", "X-Gateway-Organization", "X-Gateway-Assertion",
    ]

    /// The one request that the upstream saw.
    private func seen(_ world: World, _ text: String, status: Int = 200) async throws -> RecordingUpstream.Request {
        let before = world.upstream.requests.count
        let response = try await world.exchange(text)
        #expect(response.status == status)
        #expect(world.upstream.requests.count == before + 1)
        return try #require(world.upstream.requests.last)
    }

    @Test func `reserved names are removed in every spelling, and each of ours arrives once`() async throws {
        try await World.run { world async throws in
            let spellings = [
                "X-Gateway-Assertion", "x-gateway-assertion", "X_Gateway_Assertion", "x.gateway.assertion", "X-GATEWAY_ASSERTION",
                "X-Gateway-Member",
                "X_Gateway-Groups", "Remote-User", "remote_user", "REMOTE.USER", "X-Forwarded-For", "X_Forwarded_For", "X-Forwarded-Host",
                "X-Forwarded-Proto",
                "X_Forwarded_Proto", "X-Forwarded-Prefix", "X-Forwarded-Port", "X-Forwarded-Ssl", "X-Forwarded-Scheme", "X-Forwarded-Uri",
                "X-Forwarded-Path", "X-Forwarded-Method",
                "Forwarded", "Via", "X-Real-IP", "X-Original-URL", "X-Original-Uri", "X-Rewrite-URL", "X-Request-Id", "Proxy",
            ]
            for spelling in spellings {
                let request = try await seen(world, World.request("/", "\(spelling): evil\r\nX-Control: kept\r\n"))
                #expect(!request.head.contains("evil"), "\(spelling)")
                #expect(request.values("X-Control") == ["kept"])
                for name in Self.own { #expect(request.values(name).count == 1, "\(name) after \(spelling)") }
                #expect(request.values("X-Gateway-Assertion") == ["signed"])
                #expect(request.values("X-Forwarded-For") == ["127.0.0.1"])
                #expect(request.values("X-Forwarded-Host") == ["wiki.acme.example"])
                #expect(request.values("X-Forwarded-Proto") == ["http"])
            }
        }
    }

    @Test func `reserved names of one route are removed on all routes, with and without a session`() async throws {
        try await World.run { world async throws in
            let other = try await seen(world, World.request(host: "acme.apps.example", "Remote-User: evil\r\n"))
            #expect(!other.head.contains("evil"))
            let open = try await seen(
                world,
                "GET /health HTTP/1.1\r\nHost: wiki.acme.example\r\nRemote_User: evil\r\nX_Gateway_Assertion: evil\r\nX-Gateway-Anonymous: evil\r\n\r\n"
            )
            #expect(!open.head.contains("evil"))
            #expect(open.values("X-Gateway-Assertion").isEmpty)
            #expect(open.values("X-Gateway-Anonymous") == ["proof"])
        }
    }

    @Test func `what Connection nominates goes before ours is added`() async throws {
        try await World.run { world async throws in
            let request = try await seen(
                world,
                World.request(
                    "/",
                    "Connection: close, X-Forwarded-For, x-gateway-assertion\r\nConnection: X-Real-IP,x-MINE, X-Gateway-Organization,Host\r\nX-Mine: gone\r\nX-Stays: here\r\nX-Forwarded-For: evil\r\n"
                ))
            for name in Self.own { #expect(request.values(name).count == 1, "\(name)") }
            #expect(request.values("X-Mine").isEmpty)
            #expect(request.values("X-Stays") == ["here"])
            #expect(!request.head.contains("evil"))
        }
    }

    @Test func `hop-by-hop fields end at the gateway, and upgrades are not passed on`() async throws {
        try await World.run { world async throws in
            let request = try await seen(
                world,
                World.request(
                    "/",
                    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAAA\r\nTE: trailers\r\nKeep-Alive: 5\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: x\r\nTrailer: X\r\nAccept: */*\r\n"
                ))
            for name in [
                "Connection", "Upgrade", "HTTP2-Settings", "TE", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "Trailer",
            ] {
                #expect(request.values(name).isEmpty, "\(name)")
            }
            #expect(request.values("Accept") == ["*/*"])
        }
    }

    @Test("requests with short-cuts elsewhere carry no reserved header", arguments: ["OPTIONS", "HEAD", "PROPFIND", "get"])
    func methods(_ method: String) async throws {
        try await World.run(reply: { _ in .text("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") }) { world async throws in
            let text =
                "\(method) /health HTTP/1.1\r\nHost: wiki.acme.example\r\nAccess-Control-Request-Method: GET\r\nOrigin: https://evil.example\r\nPAOS: x\r\nX-Gateway-Member: evil\r\nConnection: close\r\n\r\n"
            let client = try await world.connect()
            try await client.send(text)
            _ = try await client.readToEnd()
            let request = try #require(world.upstream.requests.last)
            #expect(request.line == "\(method) /health HTTP/1.1")
            #expect(request.values("X-Gateway-Member").isEmpty)
            let before = world.upstream.requests.count
            await client.close()
            let closed = try await world.connect()
            try await closed.send(text.replacing("/health", with: "/private"))
            _ = try await closed.readToEnd()
            #expect(world.upstream.requests.count == before)
        }
    }

    @Test(
        "CONNECT and TRACE are not served", arguments: ["CONNECT wiki.acme.example:443 HTTP/1.1", "TRACE / HTTP/1.1", "CONNECT / HTTP/1.1"])
    func notServed(_ line: String) async throws {
        try await World.run { world async throws in
            let response = try await world.exchange("\(line)\r\nHost: wiki.acme.example\r\nCookie: gateway-session=\(World.token)\r\n\r\n")
            #expect(response.status == 501)
            #expect(world.upstream.requests.isEmpty)
            try await world.expectServing()
        }
    }

    @Test(
        "an untrusted peer decides nothing by forwarding fields",
        arguments: [
            "X-Forwarded-Uri: /health", "X-Original-URL: /health", "X-Rewrite-URL: /health", "X-Forwarded-Path: /health",
            "X-Forwarded-Method: OPTIONS",
            "X-HTTP-Method-Override: OPTIONS", "X-Forwarded-Host: auth.example", "X-Forwarded-Proto: https",
            "Forwarded: host=auth.example;proto=https", "X-Forwarded-Prefix: /health",
            "User-Agent: GoogleHC/1.0", "User-Agent: kube-probe/1.29", "Accept: application/vnd.paos+xml\r\nPAOS: ver=x",
        ])
    func untrusted(_ field: String) async throws {
        try await World.run { world async throws in
            let response = try await world.exchange("GET /private HTTP/1.1\r\nHost: wiki.acme.example\r\n\(field)\r\n\r\n")
            #expect(response.status == 401)
            #expect(world.upstream.requests.isEmpty)
            #expect(world.local.last?.origin == "http://wiki.acme.example")
            #expect(world.local.last?.scheme == "http")
            #expect(world.local.last?.path == "/private")
            try await world.expectServing()
        }
    }

    @Test(
        "behind a trusted proxy the client is the right-most address that is no proxy",
        arguments: [
            ("203.0.113.9", "203.0.113.9"), ("10.0.0.1, 203.0.113.9", "203.0.113.9"), ("evil, 203.0.113.9, 127.0.0.5", "203.0.113.9"),
            ("2001:db8::1", "2001:db8::1"), ("a", "127.0.0.1"), ("", "127.0.0.1"), ("unknown", "127.0.0.1"), ("fe80::1%eth0", "127.0.0.1"),
            ("203.0.113.9:80", "127.0.0.1"),
            ("203.0.113.9, x", "127.0.0.1"), ("127.0.0.9", "127.0.0.9"), ("203.0.113.9,", "127.0.0.1"),
            ("203.0.113.9, x, 127.0.0.2", "127.0.0.2"),
        ])
    func trusted(_ value: String, _ expected: String) async throws {
        let trusted = TrustedProxies(networks: [try #require(AddressRange("127.0.0.0/8"))])
        try await World.run(trusted: trusted) { world async throws in
            let request = try await seen(world, World.request("/", "X-Forwarded-For: \(value)\r\nX-Forwarded-Proto: https\r\n"))
            #expect(request.values("X-Forwarded-For") == [expected])
            #expect(request.values("X-Forwarded-Proto") == ["https"])
            #expect(world.sessions.lookups.withLock { $0.last?.origin } == "https://wiki.acme.example")
        }
    }

    @Test func `ten thousand forwarded addresses cost one look and change nothing`() async throws {
        let trusted = TrustedProxies(networks: [try #require(AddressRange("127.0.0.0/8"))])
        try await World.run(trusted: trusted) { world async throws in
            let many = Array(repeating: "1", count: 10_000).joined(separator: ",")
            let request = try await seen(world, World.request("/", "X-Forwarded-For: \(many)\r\n"))
            #expect(request.values("X-Forwarded-For") == ["127.0.0.1"])
        }
    }

    @Test func `a trusted proxy names the host, once and clearly`() async throws {
        let trusted = TrustedProxies(networks: [try #require(AddressRange("127.0.0.1"))])
        try await World.run(trusted: trusted) { world async throws in
            let request = try await seen(
                world, World.request(host: "internal", "X-Forwarded-Host: Wiki.Acme.Example:8443\r\nX-Forwarded-Proto: https\r\n"))
            #expect(request.values("X-Forwarded-Host") == ["wiki.acme.example:8443"])
            #expect(request.values("Host") == ["wiki.acme.example:8443"])
            let before = world.upstream.requests.count
            for fields in [
                "X-Forwarded-Host: a\r\nX-Forwarded-Host: b\r\n", "X-Forwarded-Host: a, b\r\n", "X-Forwarded-Proto: ftp\r\n",
                "X-Forwarded-Proto: https, http\r\n", "X-Forwarded-Proto: https\r\nX-Forwarded-Proto: http\r\n",
            ] {
                #expect(try await world.exchange(World.request("/", fields)).status == 400)
            }
            #expect(world.upstream.requests.count == before)
        }
    }

    @Test(
        "a host that is ambiguous is refused",
        arguments: [
            "GET http://other.example/ HTTP/1.1\r\nHost: wiki.acme.example\r\n",
            "GET http://wiki.acme.example:81/ HTTP/1.1\r\nHost: wiki.acme.example\r\n",
            "GET http://wiki.acme.example@other/ HTTP/1.1\r\nHost: wiki.acme.example\r\n",
            "GET / HTTP/1.1\r\nHost: wiki.acme.example\r\nHost: wiki.acme.example\r\n",
            "GET / HTTP/1.1\r\nHost: user@wiki.acme.example\r\n", "GET / HTTP/1.1\r\nHost: wiki.acme.example:x\r\n",
            "GET / HTTP/1.1\r\nHost: wiki.acme.example..\r\n",
            "GET / HTTP/1.1\r\nHost: wiki%2eacme.example\r\n", "GET / HTTP/1.1\r\nHost: wiki.acme.example, other\r\n",
            "GET / HTTP/1.1\r\nHost:\r\n", "GET / HTTP/1.1\r\n",
        ])
    func ambiguousHost(_ head: String) async throws {
        try await World.run { world async throws in
            let response = try await world.exchange("\(head)Cookie: gateway-session=\(World.token)\r\n\r\n")
            #expect(response.status == 400)
            #expect(world.upstream.requests.isEmpty)
            try await world.expectServing()
        }
    }

    @Test(
        "a host is matched in its canonical form, and that form is forwarded",
        arguments: [
            ("GET / HTTP/1.1\r\nHost: wIkI.AcMe.Example.\r\n", "wiki.acme.example"),
            ("GET / HTTP/1.1\r\nHost: wiki.acme.example:80\r\n", "wiki.acme.example"),
            ("GET / HTTP/1.1\r\nHost: wiki.acme.example:12345\r\n", "wiki.acme.example"),
            ("GET http://WIKI.acme.example./ HTTP/1.1\r\nHost: wiki.acme.example\r\n", "wiki.acme.example"),
        ])
    func canonicalHost(_ head: String, _ expected: String) async throws {
        try await World.run { world async throws in
            let request = try await seen(world, "\(head)Cookie: gateway-session=\(World.token)\r\n\r\n")
            #expect(request.values("Host") == [expected])
            #expect(request.line == "GET / HTTP/1.1")
            #expect(world.sessions.lookups.withLock { $0.last?.origin } == "http://wiki.acme.example")
        }
    }

    @Test func `the listener's own port is part of the origin`() async throws {
        try await World.run { world async throws in
            let request = try await seen(world, World.request(host: "wiki.acme.example:\(world.port)"))
            #expect(request.values("Host") == ["wiki.acme.example:\(world.port)"])
            #expect(world.sessions.lookups.withLock { $0.last?.origin } == "http://wiki.acme.example:\(world.port)")
        }
    }

    @Test func `reserved fields, gateway cookies and hop-by-hop fields of a response are removed`() async throws {
        let reply =
            "HTTP/1.1 200 OK\r\nX-Gateway-Member: evil\r\nx_gateway_assertion: evil\r\nSet-Cookie: gateway-session=evil; Path=/\r\nSet-Cookie: app=1\r\nSet-Cookie: __Host-gateway-flow=evil\r\nConnection: X-Internal\r\nX-Internal: evil\r\nKeep-Alive: timeout=5\r\nX-Accel-Redirect: /evil\r\nX-Sendfile: /etc/evil\r\nX-Accel-Buffering: no\r\nServer: app\r\nContent-Length: 2\r\n\r\nok"
        try await World.run(reply: { _ in .text(reply) }) { world async throws in
            let response = try await world.exchange(World.request())
            #expect(!response.head.contains("evil"))
            #expect(response.values("Set-Cookie") == ["app=1"])
            #expect(response.value("Server") == "app")
            #expect(response.value("Keep-Alive") == nil)
            #expect(response.value("X-Accel-Buffering") == "no")
            #expect(response.text == "ok")
        }
    }

    @Test func `request trailers never reach the upstream`() async throws {
        try await World.run { world async throws in
            let request = try await seen(
                world,
                World.request(
                    method: "POST", "Transfer-Encoding: chunked\r\nTrailer: X-Gateway-Member\r\n",
                    body: "2\r\nhi\r\n0\r\nX-Gateway-Member: evil\r\n\r\n"))
            #expect(String(decoding: request.body, as: UTF8.self) == "hi")
            #expect(!request.head.contains("evil"))
        }
    }

    @Test func `a block of headers that is not well-formed is never sent`() async throws {
        try await World.run { world async throws in
            world.sessions.set { _ in .session(StubSessions.headers("X-Gateway-Name: Eve\r\n\r\nGET /admin HTTP/1.1\r\n")) }
            #expect(try await world.exchange(World.request()).status == 503)
            #expect(world.upstream.requests.isEmpty)
            world.sessions.set(StubSessions.usual)
            try await world.expectServing()
        }
    }
}
