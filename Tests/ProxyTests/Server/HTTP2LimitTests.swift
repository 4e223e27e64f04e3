import NIOCore
import Testing

@testable import Proxy

/// Group K over HTTP/2: floods end the connection, limits refuse, and others are served on.
@Suite(.timeLimit(.minutes(3))) struct HTTP2LimitTests {
    private static let run = HTTP2RequestTests.run

    @Test func `too many fields are 431 on their stream`() async throws {
        try await Self.run(World.quickLimits, nil, { _ in .text(RecordingUpstream.ok) }) { world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(1, FrameClient.request("/", (0..<200).map { ("x-\($0)", "y") }))
            #expect(try await client.result(1).status == 431)
            try await client.open(3, FrameClient.request("/", [("x", String(repeating: "y", count: 40_000))]))
            #expect(try await client.result(3).status == 431)
            try await client.open(5, FrameClient.request("/" + String(repeating: "y", count: 20_000)))
            #expect(try await client.result(5).status == 414)
            #expect(world.upstream.requests.isEmpty)
            try await client.open(7, FrameClient.request())
            #expect(try await client.result(7).status == 200)
            await client.close()
        }
    }

    @Test func `a decoded head beyond the advertised size ends the connection, however small it was`() async throws {
        try await Self.run(World.quickLimits, nil, { _ in .text(RecordingUpstream.ok) }) { world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            // One field of 4,000 bytes put into the table, and then named a thousand times by one byte each.
            let name = Array("x-bomb".utf8), value = [UInt8](repeating: 0x79, count: 3_900)
            var block = FrameClient.block(FrameClient.request().map { (Array($0.0.utf8), Array($0.1.utf8)) })
            block += [0x40] + FrameClient.block([(name, value)]).dropFirst()
            block += [UInt8](repeating: 0xBE, count: 1_000)
            try await client.raw.send(FrameClient.headers(1, block, endsStream: true))
            #expect(try await client.wait { _ in false }.closed)
            #expect(world.upstream.requests.isEmpty)
            try await HTTP2RequestTests.expectServing(world, pki)
        }
    }

    @Test("more streams than allowed are refused, also where the client does not acknowledge the limit", arguments: [true, false])
    func streams(_ acknowledges: Bool) async throws {
        var limits = World.quickLimits
        limits.maximumStreams = 4
        try await Self.run(limits, nil, { _ in .text(RecordingUpstream.ok) }) { world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki, acknowledges: acknowledges)
            for stream: UInt32 in [1, 3, 5, 7] { try await client.open(stream, FrameClient.request(method: "POST"), endsStream: false) }
            try await client.open(9, FrameClient.request())
            #expect(try await client.result(9).isRefused)
            #expect(world.upstream.requests.isEmpty)
            await client.close()
            try await HTTP2RequestTests.expectServing(world, pki)
        }
    }

    /// Frames that cost the sender little and a server much.
    enum Flood: String, CaseIterable, Sendable {
        case resets, madeResets, pings, settings, continuations, emptyData, priorities

        var frames: [UInt8] {
            let head = FrameClient.block(FrameClient.request().map { (Array($0.0.utf8), Array($0.1.utf8)) })
            switch self {
            case .resets:
                return (0..<2_000).flatMap { index -> [UInt8] in
                    let stream = UInt32(index * 2 + 1)
                    return FrameClient.headers(stream, head, endsStream: true)
                        + FrameClient.frame(FrameClient.Kind.reset, 0, stream, FrameClient.bytes(8))
                }
            // CVE-2025-8671: a window update by nothing makes the server reset the stream.
            case .madeResets:
                return (0..<2_000).flatMap { index -> [UInt8] in
                    let stream = UInt32(index * 2 + 1)
                    return FrameClient.headers(stream, head, endsStream: true)
                        + FrameClient.frame(FrameClient.Kind.windowUpdate, 0, stream, FrameClient.bytes(0))
                }
            case .pings:
                return (0..<20_000).flatMap { _ in FrameClient.frame(FrameClient.Kind.ping, 0, 0, [UInt8](repeating: 0, count: 8)) }
            case .settings: return (0..<20_000).flatMap { _ in FrameClient.frame(FrameClient.Kind.settings, 0, 0, []) }
            case .continuations:
                return FrameClient.frame(FrameClient.Kind.headers, FrameClient.Flag.endStream, 1, head)
                    + (0..<20_000).flatMap { _ in FrameClient.frame(FrameClient.Kind.continuation, 0, 1, []) }
            case .emptyData:
                let post = FrameClient.block(FrameClient.request(method: "POST").map { (Array($0.0.utf8), Array($0.1.utf8)) })
                return FrameClient.headers(1, post, endsStream: false)
                    + (0..<20_000).flatMap { _ in FrameClient.frame(FrameClient.Kind.data, 0, 1, []) }
            case .priorities: return (0..<20_000).flatMap { _ in FrameClient.frame(2, 0, 1, [0, 0, 0, 0, 1]) }
            }
        }
    }

    @Test("a flood ends its connection, and others are served", arguments: Flood.allCases)
    func flood(_ flood: Flood) async throws {
        try await Self.run(World.quickLimits, nil, { $0.target == "/silent" ? .silence : .text(RecordingUpstream.ok) }) { world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            client.raw.enqueue(flood.frames)
            #expect(try await client.wait { _ in false }.closed)
            // Of two thousand streams that were opened and reset, the limit's worth at most got as far as an upstream.
            #expect(world.upstream.connectionCount <= World.quickLimits.maximumStreamResetsPerMinute + 1)
            try await HTTP2RequestTests.expectServing(world, pki)
        }
    }

    @Test func `connections without a stream are closed in time`() async throws {
        var limits = World.quickLimits
        limits.headDeadline = .milliseconds(500)
        limits.idle = .milliseconds(500)
        limits.linger = .milliseconds(200)
        try await Self.run(limits, nil, { _ in .text(RecordingUpstream.ok) }) { world, pki in
            let silent = try await FrameClient.connect(port: world.port, pki: pki)
            let slow = try await FrameClient.connect(port: world.port, pki: pki)
            // A head that never ends is no stream.
            try await slow.send(FrameClient.Kind.headers, 0, 1, [0x82])
            let idle = try await FrameClient.connect(port: world.port, pki: pki)
            try await idle.open(1, FrameClient.request())
            #expect(try await idle.result(1).status == 200)
            for client in [silent, slow, idle] {
                let (frames, closed) = try await client.wait { _ in false }
                #expect(closed)
                #expect(frames.contains { $0.kind == FrameClient.Kind.goAway && $0.payload.suffix(4) == [0, 0, 0, 0] })
            }
        }
    }

    @Test func `a body that does not come is given up, on its stream`() async throws {
        var limits = World.quickLimits
        limits.bodyIdle = .milliseconds(400)
        try await Self.run(limits, nil, { _ in .text(RecordingUpstream.ok) }) { world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(1, FrameClient.request(method: "POST"), endsStream: false)
            #expect(try await client.result(1).status == 408)
            try await client.open(3, FrameClient.request())
            #expect(try await client.result(3).status == 200)
            await client.close()
        }
    }

    @Test func `a shutdown lets streams end, takes no new ones, and says so`() async throws {
        let gate = Gate()
        try await Self.run(World.quickLimits, nil, { _ in .text(RecordingUpstream.ok) }) { world, pki in
            world.sessions.set { lookup in
                await gate.pass()
                return await StubSessions.usual(lookup)
            }
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(1, FrameClient.request())
            await gate.arrivals(1)
            let server = world.server
            let stopped = Task { await server.shutDown(deadline: .seconds(20)) }
            let frames = try await client.wait { frames in frames.contains { $0.kind == FrameClient.Kind.goAway } }.frames
            #expect(frames.first { $0.kind == FrameClient.Kind.goAway }?.word == 1)
            // Not taken: it has a higher id than the GOAWAY names.
            try await client.open(3, FrameClient.request())
            gate.open()
            let result = try await client.result(1)
            #expect(result.text == "ok", "\(result)")
            #expect(try await client.wait { _ in false }.closed)
            #expect(world.upstream.requests.count == 1)
            await client.close()
            await stopped.value
        }
    }
}
