import NIOCore
import Testing

@testable import Proxy

/// Connections that many requests share: how many there are, who waits, what is sent twice, and who holds back whom.
@Suite(.timeLimit(.minutes(3))) struct HTTP2UpstreamConnectionTests {
    typealias Action = FrameUpstream.Action

    /// Sends so many requests at once, each on a connection of its own, and hands them over once all are under way.
    private func together(_ count: Int, _ world: World, _ request: @escaping @Sendable (Int) -> String = { World.request("/\($0)") })
        async throws -> [RawClient]
    {
        var clients: [RawClient] = []
        for number in 0..<count {
            let client = try await world.connect()
            try await client.send(request(number))
            clients.append(client)
        }
        return clients
    }

    @Test func `requests share a connection, one after the other and at once`() async throws {
        let upstream = try await FrameUpstream.start(.init(atEnd: { $0.path == "/19" ? [] : FrameUpstream.ok }))
        try await StreamWorld.run(upstream) { world async throws in
            for _ in 0..<3 { #expect(try await world.exchange(World.request()).text == "ok") }
            let clients = try await together(20, world)
            for client in clients.dropLast() { #expect(try await client.readResponse().text == "ok") }
            #expect(upstream.connectionCount == 1)
            for client in clients { await client.close() }
        }
    }

    @Test("no more streams are opened than the upstream allows", arguments: [1, 3])
    func limit(_ streams: Int) async throws {
        let upstream = try await FrameUpstream.start(settings: [(3, UInt32(streams))], .init(atEnd: { _ in [] }))
        try await StreamWorld.run(upstream) { world async throws in
            let clients = try await together(7, world)
            for number in 0..<7 { await upstream.events.first { $0 == .ended(path: "/\(number)") } }
            let connections = Set(upstream.requests.map(\.connection)).sorted()
            #expect(connections == Array(0..<(7 + streams - 1) / streams))
            for connection in connections { #expect(upstream.requests.count { $0.connection == connection } <= streams) }
            for client in clients { await client.close() }
            // Their places are free again.
            for number in 0..<7 { await upstream.events.first { $0 == .reset(path: "/\(number)", code: 8) } }
        }
    }

    @Test func `who finds no stream waits for one where no connection can be had`() async throws {
        let upstream = try await FrameUpstream.start(settings: [(3, 1)], .init(atEnd: { $0.path == "/first" ? [] : FrameUpstream.ok }))
        try await StreamWorld.run(upstream) { world async throws in
            let first = try await world.connect()
            try await first.send(World.request("/first"))
            await upstream.events.first { $0 == .ended(path: "/first") }
            await upstream.stopListening()
            let second = try await world.connect()
            try await second.send(World.request("/second"))
            _ = await world.upstreamChanges.first { $0.change == .avoided }
            try await upstream.send(
                FrameClient.headers(1, FrameClient.block([(Array(":status".utf8), Array("204".utf8))]), endsStream: true))
            #expect(try await first.readResponse().status == 204)
            #expect(try await second.readResponse().text == "ok")
            #expect(upstream.connectionCount == 1)
        }
    }

    @Test func `an upstream that allows no stream at all is not dialled without end`() async throws {
        let upstream = try await FrameUpstream.start(settings: [(3, 0)])
        try await StreamWorld.run(upstream) { world async throws in
            #expect(try await world.exchange(World.request()).status == 502)
            #expect(upstream.connectionCount == 1)
        }
    }

    // MARK: What was never looked at

    @Test("a refused request is sent once more, whatever its method", arguments: ["GET", "POST"])
    func refused(_ method: String) async throws {
        let count = EventLog<String>()
        let upstream = try await FrameUpstream.start(
            .init(atEnd: { request in
                count.add(request.path)
                return count.all.count(where: { $0 == request.path }) == 1 || request.path == "/always" ? [.reset(7)] : FrameUpstream.ok
            }))
        try await StreamWorld.run(upstream) { world async throws in
            #expect(try await world.exchange(World.request("/once", method: method)).text == "ok")
            #expect(count.all == ["/once", "/once"])
            #expect(try await world.exchange(World.request("/always", method: method)).status == 503)
            #expect(count.all.count == 4)
            // What it has got of a body is not there any more.
            #expect(try await world.exchange(World.request("/body", method: "POST", "Content-Length: 2\r\n", body: "hi")).status == 503)
            #expect(count.all.count(where: { $0 == "/body" }) == 1)
        }
    }

    @Test func `after GOAWAY what was not looked at goes elsewhere, and what was is answered`() async throws {
        let upstream = try await FrameUpstream.start(
            .init(atEnd: { request in
                switch (request.path, request.connection) {
                case ("/old", _): []
                case ("/new", 0): [.goAway(last: 1)]
                default: FrameUpstream.ok
                }
            }))
        try await StreamWorld.run(upstream) { world async throws in
            let old = try await world.connect()
            try await old.send(World.request("/old"))
            await upstream.events.first { $0 == .ended(path: "/old") }
            #expect(try await world.exchange(World.request("/new", method: "POST")).text == "ok")
            #expect(upstream.requests.map(\.connection) == [0, 0, 1])
            #expect(try await world.exchange(World.request("/later")).text == "ok")
            #expect(upstream.requests.last?.connection == 1)
            try await upstream.send(
                FrameClient.headers(1, FrameClient.block([(Array(":status".utf8), Array("200".utf8))]), endsStream: false)
                    + FrameClient.frame(FrameClient.Kind.data, FrameClient.Flag.endStream, 1, Array("old".utf8)))
            #expect(try await old.readResponse().text == "old")
            // Nobody needs it any more.
            await upstream.events.first { $0 == .closed(connection: 0) }
        }
    }

    @Test("of a connection that closes nobody knows what was acted on", arguments: [("GET", 200, 2), ("POST", 502, 1)])
    func closed(_ method: String, _ status: Int, _ attempts: Int) async throws {
        let upstream = try await FrameUpstream.start(
            .init(atEnd: { $0.path == "/x" && $0.connection == 0 ? [.close] : FrameUpstream.ok }))
        try await StreamWorld.run(upstream) { world async throws in
            #expect(try await world.exchange(World.request()).text == "ok")
            #expect(try await world.exchange(World.request("/x", method: method)).status == status)
            #expect(upstream.requests.count { $0.path == "/x" } == attempts)
        }
    }

    // MARK: Ends

    @Test func `a client that goes cancels its stream, and the connection goes on`() async throws {
        let upstream = try await FrameUpstream.start(.init(atEnd: { $0.path == "/silent" ? [] : FrameUpstream.ok }))
        try await StreamWorld.runWithTLS(upstream) { world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(1, FrameClient.request("/silent"))
            await upstream.events.first { $0 == .ended(path: "/silent") }
            try await client.send(FrameClient.Kind.reset, 0, 1, FrameClient.bytes(8))
            await upstream.events.first { $0 == .reset(path: "/silent", code: 8) }
            try await client.open(3, FrameClient.request())
            #expect(try await client.result(3).text == "ok")
            #expect(upstream.connectionCount == 1)
            await client.close()
        }
    }

    @Test func `a session that ends takes its stream with it`() async throws {
        let upstream = try await FrameUpstream.start(
            .init(atEnd: { $0.path == "/events" ? [.head([(":status", "200")]), .data("event")] : FrameUpstream.ok }))
        try await StreamWorld.run(upstream) { world async throws in
            let client = try await world.connect()
            try await client.send(World.request("/events"))
            _ = try await client.wait { $0.firstRange(of: Array("event".utf8)) != nil }
            world.sessions.set { _ in .absent }
            world.server.invalidate(.everything)
            let text = String(decoding: try await client.readToEnd(), as: UTF8.self)
            #expect(!text.hasSuffix("0\r\n\r\n"))
            await upstream.events.first { $0 == .reset(path: "/events", code: 8) }
        }
    }

    @Test func `an answer that does not come is 504, and its connection gets no more requests`() async throws {
        let upstream = try await FrameUpstream.start(.init(atEnd: { $0.path == "/silent" ? [] : FrameUpstream.ok }))
        try await StreamWorld.run(upstream, timeouts: UpstreamTimeouts(response: .milliseconds(200))) { world async throws in
            #expect(try await world.exchange(World.request()).text == "ok")
            #expect(try await world.exchange(World.request("/silent")).status == 504)
            await upstream.events.first { $0 == .closed(connection: 0) }
            #expect(try await world.exchange(World.request()).text == "ok")
            #expect(upstream.requests.last?.connection == 1)
        }
    }

    @Test func `an early answer ends the rest of its request`() async throws {
        let upstream = try await FrameUpstream.start(
            .init(atHead: { _ in [.head([(":status", "403"), ("content-length", "0")], ends: true)] }))
        try await StreamWorld.run(upstream) { world async throws in
            let client = try await world.connect()
            try await client.send(World.request("/up", method: "POST", "Content-Length: 100000\r\n", body: "begin"))
            #expect(try await client.readResponse().status == 403)
            await upstream.events.first { $0 == .reset(path: "/up", code: 8) }
            await client.close()
        }
    }

    @Test func `both sides can talk at once`() async throws {
        let upstream = try await FrameUpstream.start(
            .init(
                atHead: { _ in [.head([(":status", "200")]), .data("hello")] },
                atEnd: { _ in [.data("bye"), .trailers([("grpc-status", "0")])] }))
        try await StreamWorld.runWithTLS(upstream) { world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(1, FrameClient.request("/talk", method: "POST"), endsStream: false)
            // The answer has begun before the request has ended.
            _ = try await client.wait { $0.contains { $0.kind == FrameClient.Kind.data && $0.payload == Array("hello".utf8) } }
            try await client.data(1, Array("one".utf8))
            try await client.data(1, Array("two".utf8), endsStream: true)
            let result = try await client.result(1)
            #expect(result.text == "hellobye" && result.ended)
            #expect(result.trailers.map(\.value) == ["0"])
            #expect(upstream.requests.last.map { String(decoding: $0.body, as: UTF8.self) } == "onetwo")
            await client.close()
        }
    }

    @Test func `an unused connection is closed in time`() async throws {
        var limits = World.quickLimits
        limits.upstreamKeepAlive = .milliseconds(100)
        let upstream = try await FrameUpstream.start()
        try await StreamWorld.run(upstream, limits: limits) { world async throws in
            #expect(try await world.exchange(World.request()).text == "ok")
            await upstream.events.first { $0 == .closed(connection: 0) }
            #expect(try await world.exchange(World.request()).text == "ok")
            #expect(upstream.requests.map(\.connection) == [0, 1])
        }
    }

    // MARK: Who holds back whom

    @Test func `a client that does not read holds back its stream alone, in bounded memory`() async throws {
        let upstream = try await FrameUpstream.start(
            .init(atEnd: { $0.path == "/big" ? [.head([(":status", "200")]), .stream(64 * 1024 * 1024)] : FrameUpstream.ok }))
        try await StreamWorld.run(upstream) { world async throws in
            let slow = try await world.connect()
            try await slow.setReading(false)
            try await slow.send(World.request("/big"))
            await upstream.events.first { $0 == .ended(path: "/big") }
            // Once it stands still others are served on the same connection, and it stays where it is.
            var before = -1
            while before != upstream.streamedBytes {
                before = upstream.streamedBytes
                for _ in 0..<200 { #expect(try await world.exchange(World.request()).text == "ok") }
            }
            #expect(upstream.streamedBytes < 16 * 1024 * 1024)
            #expect(upstream.connectionCount == 1)
            // And nothing is lost.
            try await slow.setReading(true)
            let bytes = try await slow.wait { $0.count > 64 * 1024 * 1024 && $0.suffix(5) == Array("0\r\n\r\n".utf8)[...] }.bytes
            #expect(bytes.count { $0 == 0x78 } == 64 * 1024 * 1024)
        }
    }

    @Test func `an upstream that does not read holds back its client, in bounded memory`() async throws {
        let upstream = try await FrameUpstream.start(opensWindows: false)
        try await StreamWorld.run(upstream) { world async throws in
            let client = try await world.connect()
            try await client.send(World.request("/up", method: "POST", "Content-Length: 50000000\r\n"))
            let piece = [UInt8](repeating: 0x61, count: 1_000_000)
            for _ in 0..<50 { client.enqueue(piece) }
            await upstream.events.first { $0 == .head(path: "/up") }
            while upstream.receivedBytes < 65_535 { await Task.yield() }
            // The window is used up; what more the gateway takes is bounded by its buffers and the kernel's.
            var unsent = -1
            var stands = 0
            while stands < 3 {
                let now = try await client.channel.getOption(.bufferedWritableBytes).get()
                stands = now == unsent ? stands + 1 : 0
                unsent = now
                for _ in 0..<20 { _ = try await world.connect().close() }
            }
            #expect(unsent > 30_000_000)
            #expect(upstream.receivedBytes == 65_535)
            await client.close()
        }
    }

    // MARK: Anything at all

    /// The same frames in every run: SplitMix64.
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    /// Frames of any kind, with any flags, on any stream, well-formed ones among them.
    private static func frames(_ random: inout Seeded, _ stream: UInt32) -> [Action] {
        (0..<Int.random(in: 1...8, using: &random)).map { _ in
            switch Int.random(in: 0..<8, using: &random) {
            case 0: return .head([(":status", ["100", "103", "200", "204", "", "x"].randomElement(using: &random) ?? "")])
            case 1: return .head([(":status", "200")], ends: .random(using: &random))
            case 2: return .data("body", ends: .random(using: &random))
            case 3: return .trailers([("a", "b")])
            case 4: return .settings([(UInt16.random(in: 1...8, using: &random), .random(in: 0...70_000, using: &random))])
            case 5:
                let streams: [UInt32] = [0, 1, stream, stream + 1, 0x7FFF_FFFF]
                return .goAway(last: streams.randomElement(using: &random) ?? 0)
            default:
                let payload = (0..<Int.random(in: 0...20, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
                let streams: [UInt32] = [0, 1, 2, stream, stream + 2]
                let number = streams.randomElement(using: &random) ?? 0
                return .raw(
                    FrameClient.frame(.random(in: 0...12, using: &random), .random(in: 0...255, using: &random), number, payload))
            }
        }
    }

    @Test func `whatever frames an upstream sends, the gateway lives`() async throws {
        let upstream = try await FrameUpstream.start(
            .init(atEnd: { request in
                guard request.path == "/bad" else { return FrameUpstream.ok }
                var random = Seeded(state: UInt64(request.connection) << 32 | UInt64(request.stream))
                return Self.frames(&random, request.stream)
            }))
        try await StreamWorld.run(upstream, timeouts: UpstreamTimeouts(response: .milliseconds(60), idle: .milliseconds(60))) {
            world async throws in
            for _ in 0..<60 {
                let clients = try await together(8, world) { _ in World.request("/bad") }
                for client in clients { await client.close() }
                // One that is broken by now may take a request with it, and says so.
                var statuses: [Int] = []
                repeat {
                    statuses.append(try await world.exchange(World.request()).status)
                } while statuses.last != 200 && statuses.count < 20
                #expect(statuses.last == 200)
            }
        }
    }

    // MARK: Health

    @Test func `health is asked for in HTTP/2`() async throws {
        let works = EventLog<Bool>()
        let upstream = try await FrameUpstream.start(
            .init(atEnd: { request in
                guard request.path == "/healthz" else { return FrameUpstream.ok }
                return works.all.isEmpty ? [.head([(":status", "500")], ends: true)] : [.head([(":status", "204")], ends: true)]
            }))
        let check = HealthCheck(path: "/healthz", interval: .milliseconds(20), timeout: .seconds(5), healthy: 1, unhealthy: 1)
        try await StreamWorld.run(upstream, healthCheck: check) { world async throws in
            #expect(await world.upstreamChanges.first { $0.change == .unhealthy }.reason == "status_500")
            works.add(true)
            #expect(await world.upstreamChanges.first { $0.change == .healthy }.reason == "status_204")
            let asked = try #require(upstream.requests.first { $0.path == "/healthz" })
            #expect(asked.values("user-agent") == ["gateway-health-check"] && asked.values(":authority") == ["127.0.0.1:\(upstream.port)"])
        }
    }
}
