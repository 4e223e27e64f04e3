import NIOCore
import Synchronization
import Testing

@testable import Proxy

@Suite(.timeLimit(.minutes(2))) struct UpstreamTests {
    @Test func `an upstream connection is used again, by whoever comes next`() async throws {
        try await World.run { world async throws in
            for _ in 0..<10 { try await world.expectServing() }
            #expect(world.upstream.connectionCount == 1)
        }
    }

    @Test(
        "a used connection that closes before its response is replaced once, if the request may be repeated",
        arguments: [
            ("GET", "", 200), ("PUT", "Content-Length: 0\r\n", 200), ("POST", "", 502), ("PUT", "Content-Length: 2\r\n", 502),
        ])
    func repeats(_ method: String, _ fields: String, _ status: Int) async throws {
        try await World.run(reply: { $0.connection == 0 && $0.target == "/second" ? .close : .text(RecordingUpstream.ok) }) {
            world async throws in
            try await world.expectServing()
            let response = try await world.exchange(
                World.request("/second", method: method, fields, body: fields.contains("2") ? "hi" : ""))
            #expect(response.status == status)
            #expect(world.upstream.requests.filter { $0.target == "/second" }.count == (status == 200 ? 2 : 1))
        }
    }

    @Test func `a new connection that closes is not replaced`() async throws {
        try await World.run(reply: { _ in .close }) { world async throws in
            #expect(try await world.exchange(World.request()).status == 502)
            #expect(world.upstream.requests.count == 1)
            #expect(world.local.last?.purpose == .badGateway)
            #expect(world.local.last?.origin == "http://wiki.acme.example")
            #expect(world.local.last?.peerAddress == "127.0.0.1")
            #expect(world.local.last?.headers.contains { $0.name.hasPrefix("x-gateway") } == false)
            #expect(world.refusals.all == ["bad_gateway"])
        }
    }

    @Test func `an upstream that can't be reached is passed over for another, and 502 without one`() async throws {
        // Bound and not listening: nobody else can take the port meanwhile, and connecting is refused.
        let dead = try ReservedPort()
        defer { dead.release() }
        let deadPort = dead.number
        try await World.run(routes: { port in
            [
                Route(
                    id: "wiki", host: .exact("wiki.acme.example"), organizationSlug: "acme",
                    upstreams: [.init(host: "127.0.0.1", port: deadPort), .init(host: "127.0.0.1", port: port)]),
                Route(
                    id: "dead", host: .exact("dead.example"), organizationSlug: "acme",
                    upstreams: [.init(host: "127.0.0.1", port: deadPort)]),
            ]
        }) { world async throws in
            for _ in 0..<4 { try await world.expectServing() }
            #expect(try await world.exchange(World.request(host: "dead.example")).status == 502)
            #expect(try await world.exchange(World.request(host: "dead.example")).status == 502)
        }
    }

    @Test func `requests under way are spread over the upstreams`() async throws {
        let second = try await RecordingUpstream.start { _ in .silence }
        let secondPort = second.port
        try await World.run(
            routes: { port in
                [
                    Route(
                        id: "wiki", host: .exact("wiki.acme.example"), organizationSlug: "acme",
                        upstreams: [.init(host: "127.0.0.1", port: port), .init(host: "127.0.0.1", port: secondPort)])
                ]
            }, reply: { _ in .silence }
        ) { world async throws in
            var clients: [RawClient] = []
            for count in 1...6 {
                let client = try await world.connect()
                try await client.send(World.request())
                clients.append(client)
                _ = await (count % 2 == 1 ? world.upstream : second).requests(atLeast: (count + 1) / 2)
            }
            #expect(world.upstream.requests.count == 3)
            #expect(second.requests.count == 3)
            for client in clients { await client.close() }
        }
        await second.stop()
    }

    @Test func `a silent upstream is 504`() async throws {
        var limits = World.quickLimits
        limits.upstreamResponse = .milliseconds(700)
        try await World.run(limits: limits, reply: { $0.target == "/silent" ? .silence : .text(RecordingUpstream.ok) }) {
            world async throws in
            #expect(try await world.exchange(World.request("/silent")).status == 504)
            #expect(world.local.last?.purpose == .gatewayTimeout)
            try await world.expectServing()
        }
    }

    @Test func `unused connections are closed after a while`() async throws {
        var limits = World.quickLimits
        limits.upstreamKeepAlive = .milliseconds(300)
        try await World.run(limits: limits) { world async throws in
            try await world.expectServing()
            try await #require(world.upstream.channels.first).closeFuture.get()
            try await world.expectServing()
            #expect(world.upstream.connectionCount == 2)
        }
    }

    @Test func `an upstream by name is resolved`() async throws {
        try await World.run(routes: { port in
            [
                Route(
                    id: "wiki", host: .exact("wiki.acme.example"), organizationSlug: "acme",
                    upstreams: [.init(host: "localhost", port: port)])
            ]
        }) { world async throws in
            try await world.expectServing()
        }
    }

    @Test func `a response head beyond the limits is 502`() async throws {
        let many = (0..<200).map { "X-\($0): y\r\n" }.joined()
        try await World.run(reply: {
            $0.target == "/many"
                ? .text("HTTP/1.1 200 OK\r\n\(many)Content-Length: 0\r\n\r\n")
                : $0.target == "/long"
                    ? .text("HTTP/1.1 200 OK\r\nX: \(String(repeating: "y", count: 70_000))\r\nContent-Length: 0\r\n\r\n")
                    : .text(RecordingUpstream.ok)
        }) { world async throws in
            #expect(try await world.exchange(World.request("/many")).status == 502)
            #expect(try await world.exchange(World.request("/long")).status == 502)
            try await world.expectServing()
        }
    }

    @Test func `an upstream on a unix socket is one like any other`() async throws {
        let path = "/tmp/gateway-test-\(UInt64.random(in: 0 ... .max)).sock"
        let upstream = try await RecordingUpstream.start(unixPath: path)
        try await World.run(
            upstream: upstream,
            routes: { _ in
                [
                    Route(
                        id: "wiki", host: .exact("wiki.acme.example"), organizationSlug: "acme",
                        upstreams: [Upstream(address: .unix(path: path))])
                ]
            }
        ) { world async throws in
            for _ in 0..<3 { try await world.expectServing() }
            #expect(world.upstream.connectionCount == 1)
            #expect(world.upstream.requests.last?.values("Host") == ["wiki.acme.example"])
            await upstream.stop()
            #expect(try await world.exchange(World.request()).status == 502)
        }
    }

    @Test func `requests one after the other go to each upstream in turn`() async throws {
        let second = try await RecordingUpstream.start()
        let third = try await RecordingUpstream.start()
        let ports = [second.port, third.port]
        try await World.run(routes: { Self.route([$0] + ports) }) { world async throws in
            for _ in 0..<12 { #expect(try await world.exchange(World.request()).status == 200) }
            for upstream in [world.upstream, second, third] { #expect(upstream.requests.count == 4) }
        }
        await second.stop()
        await third.stop()
    }

    private static func route(_ ports: [Int], healthCheck: HealthCheck? = nil, timeouts: UpstreamTimeouts = UpstreamTimeouts()) -> [Route] {
        [
            Route(
                id: "wiki", host: .exact("wiki.acme.example"), organizationSlug: "acme",
                upstreams: ports.map { Upstream(host: "127.0.0.1", port: $0, healthCheck: healthCheck) }, timeouts: timeouts)
        ]
    }

    @Test func `an upstream that fails its checks gets nothing until it passes them again`() async throws {
        let sick = Atomic<Bool>(true)
        let second = try await RecordingUpstream.start {
            $0.target == "/up" && sick.load(ordering: .relaxed)
                ? .text("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n") : .text(RecordingUpstream.ok)
        }
        let secondPort = second.port
        let check = HealthCheck(path: "/up", interval: .milliseconds(10), timeout: .seconds(5), healthy: 2, unhealthy: 2)
        try await World.run(routes: { Self.route([$0, secondPort], healthCheck: check) }) { world async throws in
            let name = "http://127.0.0.1:\(secondPort)"
            let failed = await world.upstreamChanges.first { $0.change == .unhealthy }
            #expect(failed == UpstreamReport(upstream: name, change: .unhealthy, reason: "status_503"))
            // The loop has heard of it once it has done something else.
            _ = try await world.exchange(World.request())
            let before = second.requests.filter { $0.target == "/" }.count
            for _ in 0..<6 { #expect(try await world.exchange(World.request()).status == 200) }
            #expect(second.requests.filter { $0.target == "/" }.count == before)
            // A check is no request of anybody: it carries nothing.
            let probe = try #require(second.requests.first { $0.target == "/up" })
            #expect(probe.values("X-Gateway-Assertion").isEmpty && probe.values("Cookie").isEmpty)
            #expect(probe.values("Host") == ["127.0.0.1:\(secondPort)"])

            sick.store(false, ordering: .relaxed)
            let healthy = await world.upstreamChanges.first { $0.change == .healthy }
            #expect(healthy.upstream == name)
            _ = try await world.exchange(World.request())
            for _ in 0..<6 { #expect(try await world.exchange(World.request()).status == 200) }
            #expect(second.requests.filter { $0.target == "/" }.count >= before + 3)
            // Alone, an upstream is used whatever its checks say.
            sick.store(true, ordering: .relaxed)
            let alone = try RouteTable(routes: Self.route([secondPort], healthCheck: check), externalHost: "auth.example")
            await world.server.replace(routes: alone)
            await world.upstreamChanges.first { $0.change == .unhealthy && $0.reason == "status_503" }
            #expect(try await world.exchange(World.request()).status == 200)
        }
        await second.stop()
    }

    @Test func `a check that gets no answer, or none in HTTP, has failed`() async throws {
        for reply in [RecordingUpstream.Reply.close, .silence, .text("hello world, hello\r\n\r\n")] {
            let check = HealthCheck(path: "/up", interval: .milliseconds(10), timeout: .milliseconds(200), healthy: 1, unhealthy: 1)
            try await World.run(
                routes: { Self.route([$0], healthCheck: check) }, reply: { $0.target == "/up" ? reply : .text(RecordingUpstream.ok) }
            ) { world async throws in
                #expect(await world.upstreamChanges.first { $0.change == .unhealthy }.reason == "no_answer")
            }
        }
    }

    @Test func `an unanswered request that may be repeated is given to another upstream`() async throws {
        let second = try await RecordingUpstream.start { _ in .close }
        let secondPort = second.port
        try await World.run(routes: { Self.route([secondPort, $0]) }) { world async throws in
            for _ in 0..<6 { #expect(try await world.exchange(World.request()).status == 200) }
            #expect(!second.requests.isEmpty)
            // Three in a row are enough: it is left alone.
            #expect(second.requests.count == PassiveHealth.maximumUnanswered)
            #expect(world.upstreamChanges.all.map(\.reason) == ["no_answer"])
        }
        await second.stop()
    }

    @Test func `a route has its own patience`() async throws {
        try await World.run(
            routes: { Self.route([$0], timeouts: UpstreamTimeouts(response: .milliseconds(300))) },
            reply: { $0.target == "/silent" ? .silence : .text(RecordingUpstream.ok) }
        ) { world async throws in
            #expect(try await world.exchange(World.request("/silent")).status == 504)
            try await world.expectServing()
        }
    }

    @Test func `connections of an upstream that stays survive a reload`() async throws {
        try await World.run { world async throws in
            try await world.expectServing()
            await world.server.replace(
                routes: try RouteTable(routes: World.routes(upstreamPort: world.upstream.port), externalHost: "auth.example"))
            try await world.expectServing()
            #expect(world.upstream.connectionCount == 1)
        }
    }
}
