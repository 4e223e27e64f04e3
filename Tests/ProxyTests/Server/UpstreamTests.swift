import NIOCore
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
}
