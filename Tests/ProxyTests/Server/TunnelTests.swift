import NIOCore
import Testing

@testable import Proxy

/// WebSockets: RFC 6455 §1.3 has the key and what must be answered to it.
@Suite(.timeLimit(.minutes(2))) struct TunnelTests {
    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="
    private static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    private static let fields =
        "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \(key)\r\n"
    private static let switching =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: \(accept)\r\n\r\n"

    private func open(_ world: World, _ target: String = "/socket") async throws -> RawClient {
        let client = try await world.connect()
        try await client.send(World.request(target, Self.fields))
        let response = try await client.readResponse()
        #expect(response.status == 101)
        return client
    }

    private static let tunnels: @Sendable (RecordingUpstream.Request) -> RecordingUpstream.Reply = {
        $0.target == "/socket" ? .tunnel(switching) : .text(RecordingUpstream.ok)
    }

    @Test func `a WebSocket is a signed-in request, and then bytes in both directions`() async throws {
        try await World.run(reply: Self.tunnels) { world async throws in
            let client = try await world.connect()
            try await client.send(World.request("/socket", Self.fields + "Sec-WebSocket-Protocol: chat\r\nX-Gateway-Member: evil\r\n"))
            let response = try await client.readResponse()
            #expect(response.status == 101)
            #expect(response.value("Upgrade")?.lowercased() == "websocket")
            #expect(response.value("Connection") == "Upgrade")
            #expect(response.value("Sec-WebSocket-Accept") == Self.accept)
            let request = try #require(world.upstream.requests.first)
            #expect(request.values("Upgrade") == ["websocket"])
            #expect(request.values("Connection") == ["Upgrade"])
            #expect(request.values("Sec-WebSocket-Key") == [Self.key])
            #expect(request.values("Sec-WebSocket-Protocol") == ["chat"])
            #expect(request.values("X-Gateway-Assertion") == ["signed"])
            #expect(!request.head.contains("evil"))

            try await client.send("GET /smuggled HTTP/1.1\r\n\r\n")
            #expect(await world.upstream.tunneled(atLeast: 26) == Array("GET /smuggled HTTP/1.1\r\n\r\n".utf8))
            try await #require(world.upstream.channels.first).writeAndFlush(ByteBuffer(string: "HTTP/1.1 500 no\r\n\r\n"))
            #expect(try await client.wait { $0.count >= 19 }.bytes == Array("HTTP/1.1 500 no\r\n\r\n".utf8))
            #expect(world.upstream.requests.count == 1)
        }
    }

    @Test func `bytes before and with the 101 arrive on the other side`() async throws {
        try await World.run(reply: { _ in .tunnel(Self.switching + "hello") }) { world async throws in
            let client = try await world.connect()
            try await client.send(World.request("/socket", Self.fields) + "early")
            #expect(await world.upstream.tunneled(atLeast: 5) == Array("early".utf8))
            #expect(try await client.readResponse().status == 101)
            #expect(try await client.wait { $0.count >= 5 }.bytes == Array("hello".utf8))
        }
    }

    @Test(
        "an answer that is not the one to this request is 502, and nothing is tunnelled",
        arguments: [
            switching.replacing(accept, with: "AAAAAAAAAAAAAAAAAAAAAAAAAAA="), switching.replacing("Sec-WebSocket-Accept", with: "X"),
            switching.replacing("Upgrade: WebSocket", with: "Upgrade: h2c"), switching.replacing("Upgrade: WebSocket\r\n", with: ""),
            switching.replacing("Connection: Upgrade\r\n", with: ""),
            switching.replacing("\r\n\r\n", with: "\r\nSec-WebSocket-Accept: \(accept)\r\n\r\n"),
            switching.replacing("\r\n\r\n", with: "\r\nContent-Length: 5\r\n\r\n"),
        ])
    func wrongAnswer(_ reply: String) async throws {
        try await World.run(reply: { $0.target == "/socket" ? .tunnel(reply) : .text(RecordingUpstream.ok) }) { world async throws in
            let client = try await world.connect()
            try await client.send(World.request("/socket", Self.fields) + "frames")
            #expect(try await client.readResponse().status == 502)
            #expect(world.upstream.tunneled.isEmpty)
            try await world.expectServing()
        }
        // Rightly answered, the same request is a WebSocket.
        try await World.run(reply: Self.tunnels) { world async throws in _ = try await open(world) }
    }

    @Test(
        "what is not a WebSocket is not upgraded",
        arguments: [
            ("GET", fields.replacing("Upgrade: websocket", with: "Upgrade: h2c")),
            ("GET", fields.replacing("Upgrade: websocket", with: "Upgrade: websocket, h2c")),
            ("GET", fields.replacing("Upgrade: websocket", with: "Upgrade: websocket\r\nUpgrade: h2c")),
            ("GET", fields.replacing("keep-alive, Upgrade", with: "keep-alive")),
            ("GET", fields.replacing("Sec-WebSocket-Key", with: "X-Key")),
            ("GET", fields.replacing(key, with: "short")), ("GET", fields + "Sec-WebSocket-Key: \(key)\r\n"),
            ("GET", fields + "Content-Length: 0\r\nTransfer_Encoding: x\r\n"), ("POST", fields), ("get", fields),
        ])
    func notUpgraded(_ method: String, _ fields: String) async throws {
        // The upstream would switch, to whatever it is asked for.
        try await World.run(reply: { $0.values("Upgrade").isEmpty ? .text(RecordingUpstream.ok) : .tunnel(Self.switching) }) {
            world async throws in
            let response = try await world.exchange(World.request("/socket", method: method, fields))
            #expect(response.status == 200)
            #expect(world.upstream.requests.last?.values("Upgrade") == [])
            #expect(world.upstream.requests.last?.values("Connection") == [])
            _ = try await open(world)
        }
    }

    @Test func `a 101 that nobody asked for is 502`() async throws {
        try await World.run(reply: { _ in .tunnel(Self.switching) }) { world async throws in
            #expect(try await world.exchange(World.request()).status == 502)
            #expect(world.upstream.tunneled.isEmpty)
            _ = try await open(world)
        }
    }

    @Test func `an upstream that declines leaves a connection in HTTP`() async throws {
        let declined = "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\nno"
        try await World.run(reply: { $0.target == "/socket" ? .text(declined) : .text(RecordingUpstream.ok) }) { world async throws in
            let client = try await world.connect()
            try await client.send(World.request("/socket", Self.fields) + World.request("/next"))
            let response = try await client.readResponse()
            #expect(response.status == 426)
            #expect(response.value("Upgrade") == nil)
            #expect(try await client.readResponse().text == "ok")
            #expect(world.upstream.requests.map(\.target) == ["/socket", "/next"])
        }
    }

    @Test func `without a session there is no WebSocket, and the upstream hears nothing`() async throws {
        try await World.run(reply: Self.tunnels) { world async throws in
            let response = try await world.exchange("GET /socket HTTP/1.1\r\nHost: wiki.acme.example\r\n\(Self.fields)\r\n")
            #expect(response.status == 401)
            #expect(world.upstream.requests.isEmpty)
            _ = try await open(world)
        }
    }

    @Test func `each direction ends by itself`() async throws {
        try await World.run(reply: Self.tunnels) { world async throws in
            let client = try await open(world)
            try await client.send("last")
            try await client.halfClose()
            #expect(await world.upstream.tunneled(atLeast: 4) == Array("last".utf8))
            await world.upstream.endedInputs.first { $0 == 0 }
            // The other direction is still open.
            let channel = try #require(world.upstream.channels.first)
            try await channel.writeAndFlush(ByteBuffer(string: "answer"))
            #expect(try await client.wait { $0.count >= 6 }.bytes == Array("answer".utf8))
            try await channel.close(mode: .output)
            #expect(try await client.readToEnd() == Array("answer".utf8))
            try await channel.closeFuture.get()
        }
        try await World.run(reply: Self.tunnels) { world async throws in
            let client = try await open(world)
            let channel = try #require(world.upstream.channels.first)
            try await channel.writeAndFlush(ByteBuffer(string: "bye"))
            try await channel.close(mode: .output)
            #expect(try await client.readToEnd() == Array("bye".utf8))
            try await client.send("still")
            #expect(await world.upstream.tunneled(atLeast: 5) == Array("still".utf8))
            await client.close()
            try await channel.closeFuture.get()
        }
    }

    @Test func `a side that does not read holds back the other`() async throws {
        let large = 64 * 1024 * 1024
        try await World.run(reply: Self.tunnels) { world async throws in
            let client = try await open(world)
            try await client.setReading(false)
            let channel = try #require(world.upstream.channels.first)
            let written = channel.eventLoop.makePromise(of: Void.self)
            channel.writeAndFlush(ByteBuffer(repeating: 0x78, count: large), promise: written)
            for _ in 0..<100 { #expect(try await world.exchange(World.request("/ping")).status == 200) }
            #expect(channel.isWritable == false)
            try await client.setReading(true)
            #expect(try await client.wait { $0.count >= large }.bytes.count == large)
            try await written.futureResult.get()
        }
    }

    @Test func `a WebSocket on which nothing moves is closed`() async throws {
        var limits = World.quickLimits
        limits.upstreamBodyIdle = .milliseconds(300)
        try await World.run(limits: limits, reply: Self.tunnels) { world async throws in
            let client = try await open(world)
            #expect(try await client.readToEnd().isEmpty)
            await world.upstream.endedInputs.first { $0 == 0 }
        }
    }

    @Test func `a WebSocket ends with its session, and another's goes on`() async throws {
        try await World.run(reply: Self.tunnels) { world async throws in
            let ended = try await open(world)
            world.sessions.set { lookup in
                lookup.tokenHash == World.hash(World.otherToken) ? .session(StubSessions.headers(World.block, tags: [2])) : .absent
            }
            let kept = try await world.connect()
            try await kept.send(World.request("/socket", Self.fields).replacing(World.token, with: World.otherToken))
            #expect(try await kept.readResponse().status == 101)
            world.server.invalidate(.tags([1, 2]))
            #expect(try await ended.readToEnd().isEmpty)
            await world.upstream.endedInputs.first { $0 == 0 }
            #expect(world.upstream.endedInputs.all == [0])
            try await #require(world.upstream.channels.last).writeAndFlush(ByteBuffer(string: "on"))
            #expect(try await kept.wait { $0.count >= 2 }.bytes == Array("on".utf8))
        }
    }

    @Test func `a stop closes tunnels when its time is up`() async throws {
        try await World.run(reply: Self.tunnels) { world async throws in
            let client = try await open(world)
            await world.server.shutDown(deadline: .milliseconds(100))
            #expect(try await client.readToEnd().isEmpty)
        }
    }
}
