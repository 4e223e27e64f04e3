import NIOCore
import Testing

@testable import Proxy

/// Responses over HTTP/2, their ends, and who holds back whom.
@Suite(.timeLimit(.minutes(3))) struct HTTP2ResponseTests {
    private static let run = HTTP2RequestTests.run

    @Test func `a response loses what belongs to a connection or to the gateway`() async throws {
        let reply =
            "HTTP/1.1 404 Not Here\r\nX-Gateway-Member: evil\r\nSet-Cookie: gateway-session=evil\r\nSet-Cookie: app=1\r\nConnection: X-Internal\r\nX-Internal: evil\r\nKeep-Alive: timeout=5\r\nServer: App\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: evil\r\n\r\n"
        try await Self.run(World.quickLimits, nil, { _ in .text(reply) }) { world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(1, FrameClient.request())
            let result = try await client.result(1)
            #expect(result.status == 404 && result.text == "abcde" && result.ended)
            #expect(result.headers.map(\.name) == [":status", "set-cookie", "server"])
            #expect(result.values("set-cookie") == ["app=1"])
            await client.close()
        }
    }

    @Test(
        "responses without a body end with their head",
        arguments: [
            ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", 200, ["7"]), ("GET", "HTTP/1.1 204 No Content\r\n\r\n", 204, []),
            ("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, ["9"]),
            ("GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, ["0"]),
        ])
    func bodiless(_ method: String, _ reply: String, _ status: Int, _ length: [String]) async throws {
        try await Self.run(World.quickLimits, nil, { _ in .text(reply) }) { world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(1, FrameClient.request(method: method))
            let result = try await client.result(1)
            #expect(result.status == status && result.body.isEmpty && result.ended)
            #expect(result.values("content-length") == length)
            await client.close()
        }
    }

    @Test(
        "a response that breaks off is reset, not ended",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        ])
    func brokenOff(_ reply: String) async throws {
        try await Self.run(World.quickLimits, nil, { $0.target == "/broken" ? .textThenClose(reply) : .text(RecordingUpstream.ok) }) {
            world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(1, FrameClient.request("/broken"))
            let result = try await client.result(1)
            #expect(result.status == 200 && !result.ended && result.reset == 2)
            // The connection and its other streams go on.
            try await client.open(3, FrameClient.request())
            #expect(try await client.result(3).text == "ok")
            await client.close()
        }
    }

    @Test func `an upstream that fails before its response is 502, on the stream alone`() async throws {
        try await Self.run(World.quickLimits, nil, { $0.target == "/dead" ? .close : .text(RecordingUpstream.ok) }) { world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(1, FrameClient.request("/dead"))
            #expect(try await client.result(1).status == 502)
            try await client.open(3, FrameClient.request())
            #expect(try await client.result(3).status == 200)
            await client.close()
        }
    }

    @Test func `a client that resets a stream cancels the upstream's request`() async throws {
        try await Self.run(World.quickLimits, nil, { $0.target == "/silent" ? .silence : .text(RecordingUpstream.ok) }) { world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(1, FrameClient.request("/silent"))
            _ = await world.upstream.requests(atLeast: 1)
            try await client.send(FrameClient.Kind.reset, 0, 1, FrameClient.bytes(8))
            try await #require(world.upstream.channels.first).closeFuture.get()
            try await client.open(3, FrameClient.request())
            #expect(try await client.result(3).status == 200)
            await client.close()
        }
    }

    @Test func `a session that ends resets its streams`() async throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
        try await Self.run(World.quickLimits, nil, { $0.target == "/stream" ? .text(head + "some") : .text(RecordingUpstream.ok) }) {
            world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(1, FrameClient.request("/stream"))
            _ = try await client.wait { frames in frames.contains { $0.stream == 1 && $0.kind == FrameClient.Kind.data } }
            world.sessions.set { _ in .absent }
            world.server.invalidate(.session(World.hash(World.token)))
            let result = try await client.result(1)
            #expect(!result.ended && result.reset != nil)
            await client.close()
        }
    }

    @Test func `streams are answered in the order in which upstreams answer`() async throws {
        let reply: @Sendable (RecordingUpstream.Request) -> RecordingUpstream.Reply = {
            $0.target == "/silent" ? .silence : .text(RecordingUpstream.ok)
        }
        try await Self.run(World.quickLimits, nil, reply) { world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(1, FrameClient.request("/silent"))
            for stream: UInt32 in [3, 5, 7] { try await client.open(stream, FrameClient.request()) }
            for stream: UInt32 in [7, 5, 3] { #expect(try await client.result(stream).text == "ok") }
            await client.close()
        }
    }

    @Test func `a window that is shut holds back the upstream, and other streams go on`() async throws {
        let size = 64 * 1024 * 1024
        let head = "HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n"
        try await Self.run(
            World.quickLimits, nil, { $0.target == "/large" ? .stream(head: head, bytes: size) : .text(RecordingUpstream.ok) }
        ) {
            world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(1, FrameClient.request("/large"))
            _ = await world.upstream.requests(atLeast: 1)
            // The stream's window is used up; the connection's is opened for others.
            try await client.openWindow(0, by: 1 << 20)
            for stream in stride(from: UInt32(3), through: 101, by: 2) {
                try await client.open(stream, FrameClient.request())
                #expect(try await client.result(stream).text == "ok")
            }
            #expect(world.upstream.streamedBytes < size / 2)
            try await client.openWindow(0, by: UInt32(size))
            try await client.openWindow(1, by: UInt32(size))
            // Not frame by frame: that would be work by the square.
            _ = try await client.raw.wait { $0.count > size }
            let result = try await client.result(1)
            #expect(result.ended && result.body.count == size)
            await client.close()
        }
    }

    @Test func `an upstream that does not read holds back the client by its window`() async throws {
        let upstream = try await RecordingUpstream.start(readsBodies: false) {
            $0.target == "/large" ? .silence : .text(RecordingUpstream.ok)
        }
        try await Self.run(World.quickLimits, upstream, { _ in .silence }) { world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(1, FrameClient.request("/large", method: "PUT"), endsStream: false)
            _ = await world.upstream.requests(atLeast: 1)
            let busy = try #require(world.upstream.channels.last)
            try await busy.setOption(.autoRead, value: false).get()
            // As much as the windows allow, and then as much as they are opened for.
            let chunk = [UInt8](repeating: 0x78, count: 16_384)
            var sent = 0
            var granted = 65_535
            while sent + chunk.count <= granted, sent < 64 << 20 {
                try await client.data(1, chunk)
                sent += chunk.count
                if sent + chunk.count > granted {
                    // A ping comes back after whatever was granted before it.
                    let mark = [UInt8](repeating: 7, count: 4) + FrameClient.bytes(UInt32(sent))
                    try await client.send(FrameClient.Kind.ping, 0, 0, mark)
                    let frames = try await client.wait { frames in
                        frames.contains { $0.kind == FrameClient.Kind.ping && $0.payload == mark }
                    }.frames
                    granted =
                        65_535
                        + frames.filter { $0.stream == 1 && $0.kind == FrameClient.Kind.windowUpdate }.reduce(0) { $0 + Int($1.word) }
                }
            }
            #expect(sent < 32 << 20)
            await client.close()
        }
    }
}
