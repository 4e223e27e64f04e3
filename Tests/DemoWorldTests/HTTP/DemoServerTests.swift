import NIOCore
import NIOPosix
import Testing

@testable import DemoWorld

@Suite(.timeLimit(.minutes(1))) struct DemoServerTests {
    /// Says what it received.
    private struct Echo: DemoSite {
        func respond(to request: DemoRequest) async -> DemoReply {
            let fields = request.fields.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
            return .text(
                "\(request.method) \(request.target) \(request.authority ?? "-") [\(fields)] \(request.body.count)/\(request.bodyLength)",
                type: "text/plain")
        }
    }

    /// Waits at a gate that nobody opens.
    private struct Stuck: DemoSite {
        let gate: Gate

        func respond(to request: DemoRequest) async -> DemoReply {
            await gate.pass()
            return DemoReply(status: 204)
        }
    }

    private func connect(_ host: String, _ port: Int) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: host, port: port) { channel in
            channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
        }
    }

    /// Sends bytes and reads until the server closes.
    private func exchange(_ text: String, host: String = "127.0.0.1", port: Int) async throws -> String {
        try await connect(host, port).executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: text))
            var answer = ""
            for try await part in inbound { answer += String(buffer: part) }
            return answer
        }
    }

    @Test func `A request arrives as sent, and the answer goes back`() async throws {
        let server = try await DemoServer.start { _ in Echo() }
        let answer = try await exchange(
            "POST /a%2Fb?c=d HTTP/1.1\r\nHost: x.localhost\r\nB: 1\r\nx_gateway_email: y\r\nb: 2\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
            port: server.port)
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains("POST /a%2Fb?c=d x.localhost [B=1,x_gateway_email=y,b=2,Content-Length=3,Connection=close] 3/3"))
        let head = try await exchange("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", port: server.port)
        #expect(head.contains("Content-Length: "))
        #expect(head.hasSuffix("\r\n\r\n"))
        await server.stop()
    }

    @Test func `Of a long body the beginning is kept and all is counted`() async throws {
        let server = try await DemoServer.start { _ in Echo() }
        let length = 3 << 20
        let answer = try await exchange(
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\nConnection: close\r\n\r\n" + String(repeating: "x", count: length),
            port: server.port)
        #expect(answer.hasSuffix("\(DemoRequest.maximumKeptBodyBytes)/\(length)"))
        await server.stop()
    }

    @Test func `Both loopback addresses answer on the port that the site is told`() async throws {
        let server = try await DemoServer.start { port in
            try DemoSAMLIdentityProvider(origin: "http://127.0.0.1:\(port)", settings: .init(serviceProviders: [:]))
        }
        #expect(server.site.origin == "http://127.0.0.1:\(server.port)")
        for host in server.hasIPv6 ? ["127.0.0.1", "::1"] : ["127.0.0.1"] {
            let answer = try await exchange("GET /metadata HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", host: host, port: server.port)
            #expect(answer.contains("entityID=\"http://127.0.0.1:\(server.port)/metadata\""))
        }
        await server.stop()
    }

    @Test func `Stopping ends idle connections and waiting requests, and frees the port`() async throws {
        let gate = Gate()
        gate.close()
        let server = try await DemoServer.start { _ in Stuck(gate: gate) }
        let port = server.port
        let idle = try await connect("127.0.0.1", port)
        async let waiting = exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n", port: port)
        while gate.waitingCount == 0 { await Task.yield() }
        await server.stop()
        #expect(gate.waitingCount == 0)
        _ = try? await waiting
        try await idle.executeThenClose { inbound, _ in
            for try await _ in inbound {}
        }
        let again = try await DemoServer.start(port: port) { _ in Echo() }
        #expect(again.port == port)
        await again.stop()
    }

    @Test func `A port that is taken is an error, and nothing stays behind`() async throws {
        let server = try await DemoServer.start { _ in Echo() }
        await #expect(throws: (any Error).self) { _ = try await DemoServer.start(port: server.port) { _ in Echo() } }
        await server.stop()
    }
}
