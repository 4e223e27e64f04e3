import NIOCore
import Testing

@testable import Proxy

@Suite(.timeLimit(.minutes(2))) struct SessionTests {
    private func get(_ cookie: String, _ target: String = "/", host: String = "wiki.acme.example", _ fields: String = "") -> String {
        "GET \(target) HTTP/1.1\r\nHost: \(host)\r\n\(cookie.isEmpty ? "" : "Cookie: \(cookie)\r\n")\(fields)\r\n"
    }

    @Test func `a session is looked up once, and then served from the cache`() async throws {
        try await World.run { world async throws in
            for _ in 0..<5 { try await world.expectServing() }
            #expect(world.sessions.count == 1)
            let lookup = try #require(world.sessions.lookups.withLock { $0.first })
            #expect(lookup.tokenHash == World.hash(World.token))
            #expect(lookup.organizationSlug == "acme")
            #expect(lookup.route.id == "wiki")
            #expect(lookup.purpose == .request)
            let seen = try #require(world.upstream.requests.first?.values("x-request-id").first)
            #expect(lookup.requestID == seen)
            // Another host, another block (J14).
            #expect(try await world.exchange(World.request(host: "acme.apps.example")).status == 200)
            #expect(try await world.exchange(World.request(host: "globex.apps.example")).status == 200)
            #expect(world.sessions.lookups.withLock { $0.map(\.organizationSlug) } == ["acme", "acme", "globex"])
        }
    }

    @Test(
        "one well-formed session cookie is a session, anything else is none",
        arguments: [
            "", "other=1", "gateway-session=", "gateway-session=x", "gateway-session=\(World.token)=", "gateway-session=\(World.token)A",
            "gateway-session=\"\(World.token)\"",
            "gateway-session=\(World.token); gateway-session=\(World.token)",
            "gateway-session=\(World.token); gateway-session=\(World.otherToken)", "gateway-session=\(World.token); gateway-session",
            "Gateway-Session=\(World.token)", "__Host-gateway-session=\(World.token)", "gateway-session=\(World.otherToken)",
            "xgateway-session=\(World.token)",
        ])
    func noSession(_ cookie: String) async throws {
        try await World.run { world async throws in
            #expect(try await world.exchange(get(cookie)).status == 401)
            #expect(world.upstream.requests.isEmpty)
            try await world.expectServing()
        }
    }

    @Test func `two cookie fields with a session each are none`() async throws {
        try await World.run { world async throws in
            #expect(
                try await world.exchange(get("gateway-session=\(World.token)", "/", "Cookie: gateway-session=\(World.token)\r\n")).status
                    == 401)
            #expect(world.upstream.requests.isEmpty)
        }
    }

    @Test func `with https only the cookie with the prefix is a session`() async throws {
        try await World.run(secure: true) { world async throws in
            #expect(try await world.exchange(get("gateway-session=\(World.token)")).status == 401)
            #expect(world.upstream.requests.isEmpty)
            #expect(try await world.exchange(get("__Host-gateway-session=\(World.token)")).status == 200)
            #expect(world.upstream.requests.count == 1)
        }
    }

    @Test func `a damaged token never passes`() async throws {
        try await World.run { world async throws in
            var generator = SeededGenerator(state: 3)
            let client = try await world.connect()
            for _ in 0..<200 {
                var bytes = Array(World.token.utf8)
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[index] ^= 1 << UInt8.random(in: 0..<7, using: &generator)
                guard bytes[index] > 0x20, bytes[index] < 0x7F else { continue }
                try await client.send(get("gateway-session=\(String(decoding: bytes, as: UTF8.self))"))
                #expect(try await client.readResponse().status == 401)
            }
            #expect(world.upstream.requests.isEmpty)
            try await world.expectServing()
        }
    }

    @Test func `the gateway's cookies stay here and the application's go on`() async throws {
        try await World.run { world async throws in
            let cookie = "app=1; gateway-session=\(World.token); gateway-sign-in=s; __Host-gateway-flow=f; lang=de"
            #expect(try await world.exchange(get(cookie)).status == 200)
            #expect(world.upstream.requests.last?.values("Cookie") == ["app=1; lang=de"])
            #expect(try await world.exchange(World.request()).status == 200)
            #expect(world.upstream.requests.last?.values("Cookie") == [])
        }
    }

    @Test func `without a session a page load is redirected and anything else is 401`() async throws {
        let cases: [(String, String, Int)] = [
            ("GET", "Sec-Fetch-Mode: navigate\r\n", 302), ("HEAD", "Sec-Fetch-Mode: navigate\r\n", 302),
            ("POST", "Sec-Fetch-Mode: navigate\r\n", 401),
            ("GET", "Sec-Fetch-Mode: cors\r\nAccept: text/html\r\n", 401), ("GET", "Sec-Fetch-Site: none\r\nAccept: text/html\r\n", 401),
            ("GET", "Accept: text/html,application/xhtml+xml;q=0.9\r\n", 302),
            ("GET", "Accept: application/json, text/html;q=0.1\r\n", 302), ("GET", "Accept: text/htmlx\r\n", 401),
            ("GET", "Accept: */*\r\n", 401), ("GET", "", 401), ("get", "Accept: text/html\r\n", 401),
            ("OPTIONS", "Accept: text/html\r\n", 401),
        ]
        try await World.run { world async throws in
            for (method, fields, status) in cases {
                let text = "\(method) /page?q=1 HTTP/1.1\r\nHost: wiki.acme.example\r\n\(fields)\r\n"
                #expect(try await world.exchange(text, toHead: method == "HEAD").status == status, "\(method) \(fields)")
                #expect(world.local.last?.purpose == .signInNeeded(isPageLoad: status == 302))
                #expect(world.local.last?.path == "/page")
                #expect(world.local.last?.query == "q=1")
                #expect(world.local.last?.organizationSlug == "acme")
            }
            #expect(world.upstream.requests.isEmpty)
        }
    }

    @Test func `public paths carry the proof of absence, or the session where there is one`() async throws {
        try await World.run { world async throws in
            #expect(try await world.exchange(get("", "/health")).status == 200)
            #expect(world.upstream.requests.last?.values("X-Gateway-Anonymous") == ["proof"])
            #expect(try await world.exchange(get("gateway-session=\(World.otherToken)", "/health")).status == 200)
            #expect(world.upstream.requests.last?.values("X-Gateway-Anonymous") == ["proof"])
            #expect(world.sessions.anonymousLookups.withLock { $0.count } == 1)
            #expect(try await world.exchange(World.request("/health")).status == 200)
            #expect(world.upstream.requests.last?.values("X-Gateway-Anonymous") == [])
            #expect(world.upstream.requests.last?.values("X-Gateway-Assertion") == ["signed"])
        }
    }

    @Test func `forbidden is a page of its own, and on a public path nobody in particular`() async throws {
        try await World.run { world async throws in
            world.sessions.set { _ in .forbidden }
            #expect(try await world.exchange(World.request()).status == 403)
            #expect(world.local.last?.purpose == .forbidden)
            #expect(world.upstream.requests.isEmpty)
            #expect(try await world.exchange(World.request("/health")).status == 200)
            #expect(world.upstream.requests.last?.values("X-Gateway-Anonymous") == ["proof"])
        }
    }

    @Test func `a sign-in that is not enough is asked for again with what the route demands`() async throws {
        let demand = Route.SignInDemand(maximumAge: .seconds(60), contexts: ["mfa"])
        try await World.run(routes: { port in
            [
                Route(
                    id: "wiki", host: .exact("wiki.acme.example"), organizationSlug: "acme",
                    upstreams: [Upstream(host: "127.0.0.1", port: port)], publicPaths: ["/health"], signInDemand: demand)
            ]
        }) { world async throws in
            try await world.expectServing()
            world.sessions.set { _ in .stepUpNeeded }
            // What is cached is not asked about again until it is due: the answer's own `expiresAt` says when.
            world.server.invalidate(.everything)
            #expect(try await world.exchange(World.request("/", method: "GET", "Accept: text/html\r\n")).status == 302)
            #expect(world.local.last?.purpose == .stepUpNeeded(isPageLoad: true, demand))
            #expect(try await world.exchange(World.request("/", method: "POST", "Content-Length: 0\r\n")).status == 401)
            #expect(world.local.last?.purpose == .stepUpNeeded(isPageLoad: false, demand))
            #expect(world.upstream.requests.count == 1)
            #expect(try await world.exchange(World.request("/health")).status == 200)
            #expect(world.upstream.requests.last?.values("X-Gateway-Anonymous") == ["proof"])
        }
    }

    @Test func `an organization that does not exist is 404 on a public path`() async throws {
        try await World.run { world async throws in
            world.sessions.setAnonymous(.noSuchOrganization)
            #expect(try await world.exchange(get("", "/health")).status == 404)
            #expect(world.local.last?.purpose == .noSuchOrganization)
            world.sessions.setAnonymous(.unknown)
            #expect(try await world.exchange(get("", "/health")).status == 503)
            #expect(world.upstream.requests.isEmpty)
        }
    }

    @Test func `an unreachable store is 503 without a cached session, and within grace nothing at all`() async throws {
        try await World.run { world async throws in
            world.sessions.set { _ in .unknown }
            let response = try await world.exchange(World.request())
            #expect(response.status == 503)
            #expect(response.values("Set-Cookie").isEmpty)
            #expect(world.local.last?.purpose == .unavailable)
            #expect(world.upstream.requests.isEmpty)

            let now = world.clock.now
            world.sessions.set { _ in
                .session(StubSessions.headers(World.block, refreshAt: now + 10_000, expiresAt: now + 60_000, graceUntil: now + 30_000))
            }
            try await world.expectServing()
            world.sessions.set { _ in .unknown }
            let asked = world.sessions.count
            world.clock.advance(9_999)
            try await world.expectServing()
            #expect(world.sessions.count == asked)
            world.clock.advance(1)
            try await world.expectServing()
            try await world.expectServing()
            #expect(world.sessions.count == asked + 1)
            world.clock.advance(20_000)
            #expect(try await world.exchange(World.request()).status == 503)
            world.sessions.set(StubSessions.usual)
            try await world.expectServing()
        }
    }

    @Test func `an expired entry is not used, whatever the grace`() async throws {
        try await World.run { world async throws in
            let now = world.clock.now
            world.sessions.set { _ in
                .session(StubSessions.headers(World.block, refreshAt: now + 5_000, expiresAt: now + 5_000, graceUntil: now + 60_000))
            }
            try await world.expectServing()
            world.sessions.set { _ in .unknown }
            world.clock.advance(5_000)
            #expect(try await world.exchange(World.request()).status == 503)
            world.sessions.set { _ in .absent }
            #expect(try await world.exchange(World.request()).status == 401)
        }
    }

    @Test("an invalidation reaches the next request", arguments: [0, 1, 2])
    func invalidation(_ kind: Int) async throws {
        try await World.run { world async throws in
            world.sessions.set { _ in .session(StubSessions.headers(World.block, tags: [5, 6])) }
            try await world.expectServing()
            world.sessions.set { _ in .absent }
            world.server.invalidate(.tags([7]))
            world.server.invalidate(.session(World.hash(World.otherToken)))
            try await world.expectServing()
            world.server.invalidate([.session(World.hash(World.token)), .tags([6]), .everything][kind])
            #expect(try await world.exchange(World.request()).status == 401)
        }
    }

    @Test func `many invalidated names are settled without losing one`() async throws {
        try await World.run { world async throws in
            world.sessions.set { _ in .session(StubSessions.headers(World.block, tags: [1_000_000])) }
            try await world.expectServing()
            for start in 0..<5 { world.server.invalidate(.tags(Set(UInt64(start * 2_000)..<UInt64(start * 2_000 + 2_000)))) }
            try await world.expectServing()
            #expect(world.sessions.count == 1)
            world.sessions.set { _ in .absent }
            world.server.invalidate(.tags([1_000_000]))
            for start in 10..<15 { world.server.invalidate(.tags(Set(UInt64(start * 2_000)..<UInt64(start * 2_000 + 2_000)))) }
            #expect(try await world.exchange(World.request()).status == 401)
        }
    }

    @Test func `suspicion asks again, and serves within its grace while nobody answers`() async throws {
        try await World.run { world async throws in
            try await world.expectServing()
            world.sessions.set { _ in .unknown }
            world.server.invalidate(.suspect(graceUntil: world.clock.now + 5_000))
            try await world.expectServing()
            #expect(world.sessions.count == 2)
            world.clock.advance(5_000)
            #expect(try await world.exchange(World.request()).status == 503)
            world.sessions.set(StubSessions.usual)
            try await world.expectServing()
            let asked = world.sessions.count
            try await world.expectServing()
            #expect(world.sessions.count == asked)
        }
    }

    @Test func `an answer whose question spans an invalidation is thrown away and asked for again`() async throws {
        try await World.run { world async throws in
            let gate = Gate()
            world.sessions.set { _ in
                await gate.pass()
                return .session(StubSessions.headers("X-Gateway-Assertion: old\r\n"))
            }
            let client = try await world.connect()
            try await client.send(World.request())
            await gate.arrivals(1)
            world.sessions.set { _ in .session(StubSessions.headers("X-Gateway-Assertion: new\r\n")) }
            world.server.invalidate(.tags([1]))
            // The invalidation has reached the loop once a later request has been served by it.
            #expect(try await world.exchange(get("", "/health")).status == 200)
            gate.open()
            #expect(try await client.readResponse().status == 200)
            #expect(world.upstream.requests.last?.values("X-Gateway-Assertion") == ["new"])
            #expect(world.sessions.count == 2)
        }
    }

    @Test func `requests that wait for the same session are one question`() async throws {
        try await World.run { world async throws in
            let gate = Gate()
            world.sessions.set { lookup in
                await gate.pass()
                return await StubSessions.usual(lookup)
            }
            var clients: [RawClient] = []
            for index in 0..<10 {
                let client = try await world.connect()
                try await client.send(World.request("/\(index)"))
                clients.append(client)
            }
            await gate.arrivals(1)
            // A request after theirs has gone through the loop.
            #expect(try await world.exchange(get("", "/health")).status == 200)
            gate.open()
            for client in clients { #expect(try await client.readResponse().status == 200) }
            #expect(world.sessions.count == 1)
            #expect(Set(world.upstream.requests.map(\.target)) == Set((0..<10).map { "/\($0)" } + ["/health"]))
        }
    }

    @Test func `a source that hangs stops only those who wait for it`() async throws {
        var limits = World.quickLimits
        limits.sessionLookup = .milliseconds(1_500)
        try await World.run(limits: limits) { world async throws in
            let gate = Gate()
            world.sessions.set { lookup in
                if lookup.organizationSlug == "stuck" { await gate.pass() }
                return await StubSessions.usual(lookup)
            }
            let stuck = try await world.connect()
            try await stuck.send(World.request(host: "stuck.apps.example"))
            await gate.arrivals(1)
            for index in 0..<20 { #expect(try await world.exchange(World.request(host: "org\(index).apps.example")).status == 200) }
            #expect(try await stuck.readResponse().status == 503)
            gate.open()
        }
    }

    @Test func `pipelined bytes behind a waiting request wait with it`() async throws {
        try await World.run { world async throws in
            let gate = Gate()
            world.sessions.set { lookup in
                await gate.pass()
                return await StubSessions.usual(lookup)
            }
            let client = try await world.connect()
            try await client.send(World.request("/1", method: "POST", "Content-Length: 2\r\n"))
            await gate.arrivals(1)
            try await client.send("hi" + World.request("/2"))
            gate.open()
            #expect(try await client.readResponse().status == 200)
            #expect(try await client.readResponse().status == 200)
            #expect(world.upstream.requests.map(\.target) == ["/1", "/2"])
            #expect(world.upstream.requests.first?.body == Array("hi".utf8))
        }
    }

    @Test func `a response under way is cut when its session ends, and goes on when it does not`() async throws {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n"
        try await World.run(reply: { $0.target == "/stream" ? .text(head) : .text(RecordingUpstream.ok) }) { world async throws in
            let ended = try await world.connect()
            try await ended.send(World.request("/stream"))
            _ = try await ended.wait { $0.firstRange(of: Array("first".utf8)) != nil }
            // Another session on the same loop, untouched.
            world.sessions.set { lookup in
                lookup.tokenHash == World.hash(World.otherToken) ? .session(StubSessions.headers(World.block, tags: [2])) : .absent
            }
            let kept = try await world.connect()
            try await kept.send(get("gateway-session=\(World.otherToken)", "/stream"))
            _ = try await kept.wait { $0.firstRange(of: Array("first".utf8)) != nil }
            world.server.invalidate(.tags([1]))
            let (bytes, closed) = try await ended.wait { _ in false }
            #expect(closed)
            #expect(!String(decoding: bytes, as: UTF8.self).hasSuffix("0\r\n\r\n"))
            #expect(world.sessions.lookups.withLock { $0.last?.purpose } == .openExchange)
            #expect(world.sessions.lookups.withLock { $0.last?.requestID } == "")
            // Checked and still good: it goes on.
            world.server.invalidate(.tags([2]))
            let streaming = world.upstream.channels
            for channel in streaming where channel.isActive {
                channel.writeAndFlush(ByteBuffer(string: "6\r\nsecond\r\n0\r\n\r\n"), promise: nil)
            }
            let rest = try await kept.readResponse()
            #expect(rest.text == "firstsecond")
        }
    }

    @Test func `new routes serve the next request, and forget what was cached for the old ones`() async throws {
        try await World.run { world async throws in
            try await world.expectServing()
            let moved = Route(
                id: "moved", host: .exact("new.example"), organizationSlug: "acme",
                upstreams: [.init(host: "127.0.0.1", port: world.upstream.port)])
            await world.server.replace(routes: try RouteTable(routes: [moved], externalHost: "auth.example"))
            #expect(try await world.exchange(World.request()).status == 404)
            #expect(try await world.exchange(World.request(host: "new.example")).status == 200)
            #expect(world.sessions.lookups.withLock { $0.map(\.route.id) } == ["wiki", "moved"])
        }
    }
}
