import NIOCore
import Testing

@testable import Proxy

@Suite(.timeLimit(.minutes(3))) struct BodyTests {
    /// More than all buffers between two sides together, less than a body.
    private static let bound = 24 * 1024 * 1024
    private static let large = 64 * 1024 * 1024

    /// Runs both loops for a while by ordinary requests, so that what can move has moved.
    private func settle(_ world: World) async throws {
        for _ in 0..<100 { #expect(try await world.exchange(World.request("/ping")).status == 200) }
    }

    @Test("a slow reader holds back the upstream", arguments: ["Content-Length: \(BodyTests.large)", ""])
    func slowReader(_ framing: String) async throws {
        let head = "HTTP/1.1 200 OK\r\n\(framing.isEmpty ? "" : framing + "\r\n")\r\n"
        try await World.run(reply: { $0.target == "/large" ? .stream(head: head, bytes: BodyTests.large) : .text(RecordingUpstream.ok) }) {
            world async throws in
            let client = try await world.connect()
            try await client.setReading(false)
            try await client.send(World.request("/large"))
            _ = await world.upstream.requests(atLeast: 1)
            try await settle(world)
            #expect(world.upstream.streamedBytes < Self.bound)
            try await client.setReading(true)
            if framing.isEmpty {
                // The upstream ends the body by closing.
                let total = Self.large
                _ = try await client.wait { $0.count >= total }
                for channel in world.upstream.channels { channel.close(promise: nil) }
                let bytes = try await client.wait { Array($0.suffix(5)) == Array("0\r\n\r\n".utf8) }.bytes
                #expect(bytes.count > Self.large)
            } else {
                let total = Self.large
                // The head goes through as it is.
                let headBytes = head.utf8.count
                let bytes = try await client.wait { $0.count >= headBytes + total }.bytes
                #expect(bytes.count == headBytes + total)
            }
            #expect(world.upstream.streamedBytes == Self.large)
        }
    }

    @Test func `a slow upstream holds back the client`() async throws {
        let upstream = try await RecordingUpstream.start(readsBodies: false) {
            $0.target == "/large" ? .silence : .text(RecordingUpstream.ok)
        }
        try await World.run(upstream: upstream) { world async throws in
            let client = try await world.connect()
            try await client.send(World.request("/large", method: "PUT", "Content-Length: \(Self.large)\r\n"))
            _ = await world.upstream.requests(atLeast: 1)
            let busy = try #require(world.upstream.channels.last)
            try await busy.setOption(.autoRead, value: false).get()
            let before = world.upstream.receivedBytes
            let sent = client.channel.eventLoop.makePromise(of: Void.self)
            client.channel.writeAndFlush(ByteBuffer(repeating: 0x78, count: Self.large), promise: sent)
            try await settle(world)
            // Whatever lies between the two is a few buffers: the client could not get rid of its body.
            #expect(client.channel.isWritable == false)
            #expect(world.upstream.receivedBytes - before < Self.bound)
            try await busy.setOption(.autoRead, value: true).get()
            try await sent.futureResult.get()
            busy.writeAndFlush(ByteBuffer(string: RecordingUpstream.ok), promise: nil)
            #expect(try await client.readResponse().status == 200)
        }
    }

    @Test func `responses keep their framing or get ours`() async throws {
        let replies: [String: RecordingUpstream.Reply] = [
            "/length": .text("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"),
            "/chunked": .text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nab\r\n1\r\nc\r\n0\r\nX-Trailer: y\r\n\r\n"),
            "/close": .textThenClose("HTTP/1.1 200 OK\r\n\r\nabc"), "/old": .textThenClose("HTTP/1.0 200 OK\r\n\r\nabc"),
            "/parts": .parts(["HTTP/1.1 20", "0 OK\r\nContent-Le", "ngth: 3\r\n\r\na", "b", "c"]),
            "/empty": .text("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), "/204": .text("HTTP/1.1 204 No Content\r\n\r\n"),
            "/304": .text("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\nETag: x\r\n\r\n"),
        ]
        try await World.run(reply: { replies[$0.target] ?? .silence }) { world async throws in
            let client = try await world.connect()
            for (target, body, framing) in [
                ("/length", "abc", "Content-Length"), ("/chunked", "abc", "Transfer-Encoding"), ("/close", "abc", "Transfer-Encoding"),
                ("/old", "abc", "Transfer-Encoding"), ("/parts", "abc", "Content-Length"), ("/empty", "", "Content-Length"),
                ("/204", "", ""), ("/304", "", "Content-Length"), ("/length", "abc", "Content-Length"),
            ] {
                try await client.send(World.request(target))
                let response = try await client.readResponse()
                #expect(response.text == body, "\(target)")
                #expect(!response.head.contains("X-Trailer"))
                for name in ["Content-Length", "Transfer-Encoding"] {
                    #expect(response.values(name).count == (name == framing ? 1 : 0), "\(name) of \(target)")
                }
            }
        }
    }

    @Test func `HEAD has no body, and the connection goes on`() async throws {
        try await World.run(reply: { _ in .text("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n") }) { world async throws in
            let client = try await world.connect()
            for _ in 0..<2 {
                try await client.send(World.request(method: "HEAD"))
                let response = try await client.readResponse(toHead: true)
                #expect(response.value("Content-Length") == "100")
            }
            #expect(world.upstream.connectionCount == 1)
        }
    }

    @Test func `HTTP/1.0 clients get no chunks and a closed connection`() async throws {
        try await World.run(reply: { _ in .text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n") }) {
            world async throws in
            let client = try await world.connect()
            try await client.send(
                "GET / HTTP/1.0\r\nHost: wiki.acme.example\r\nConnection: keep-alive\r\nCookie: gateway-session=\(World.token)\r\n\r\n")
            let text = String(decoding: try await client.readToEnd(), as: UTF8.self)
            #expect(text.hasSuffix("\r\n\r\nabc"))
            #expect(!text.lowercased().contains("transfer-encoding"))
            #expect(world.upstream.requests.last?.line == "GET / HTTP/1.1")
        }
    }

    @Test(
        "a response that ends in the middle ends improperly for the client",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n",
        ])
    func truncated(_ reply: String) async throws {
        try await World.run(reply: { _ in .textThenClose(reply) }) { world async throws in
            let client = try await world.connect()
            try await client.send(World.request())
            let text = String(decoding: try await client.readToEnd(), as: UTF8.self)
            #expect(text.contains("abc"))
            #expect(!text.hasSuffix("0\r\n\r\n"))
        }
    }

    @Test func `a response before the end of the request closes the connection after it`() async throws {
        let upstream = try await RecordingUpstream.start(readsBodies: false) { _ in
            .text("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
        }
        try await World.run(upstream: upstream) { world async throws in
            let client = try await world.connect()
            try await client.send(World.request(method: "POST", "Content-Length: 1000000\r\n", body: "some"))
            let response = try await client.readResponse()
            #expect(response.status == 413)
            #expect(response.value("Connection") == "close")
            try? await client.send(World.request("/smuggled"))
            #expect(try await client.readToEnd().isEmpty)
            #expect(world.upstream.requests.count == 1)
        }
    }

    @Test func `a client that goes away takes its upstream request with it`() async throws {
        try await World.run(reply: { _ in .silence }) { world async throws in
            let client = try await world.connect()
            try await client.send(World.request())
            _ = await world.upstream.requests(atLeast: 1)
            await client.close()
            try await #require(world.upstream.channels.first).closeFuture.get()
        }
    }

    @Test func `interim responses reach HTTP/1.1 clients, a 100 does not`() async throws {
        try await World.run(reply: { _ in
            .text(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nX-Gateway-Member: evil\r\n\r\n"
                    + RecordingUpstream.ok)
        }) { world async throws in
            let client = try await world.connect()
            try await client.send(World.request())
            let hints = try await client.readResponse()
            #expect(hints.status == 103)
            #expect(hints.value("Link") == "</a>")
            #expect(!hints.head.contains("evil"))
            #expect(try await client.readResponse().text == "ok")
        }
    }

    @Test func `the gateway's own paths get their body whole, within a bound`() async throws {
        var limits = World.quickLimits
        limits.maximumLocalBodyBytes = 10
        try await World.run(limits: limits) { world async throws in
            let client = try await world.connect()
            try await client.send("POST /.gateway/sign-out HTTP/1.1\r\nHost: wiki.acme.example\r\nContent-Length: 10\r\n\r\n01234")
            try await client.send("56789")
            #expect(try await client.readResponse().status == 200)
            #expect(world.local.last?.body == Array("0123456789".utf8))
            try await client.send(
                "POST /.gateway/sign-out HTTP/1.1\r\nHost: wiki.acme.example\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
            #expect(try await client.readResponse().status == 200)
            #expect(world.local.last?.body == Array("abc".utf8))
            #expect(world.local.last?.headers.contains { $0.name == "host" } == false)
            for body in ["Content-Length: 11\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n"] {
                #expect(try await world.exchange("POST /.gateway/x HTTP/1.1\r\nHost: wiki.acme.example\r\n\(body)").status == 413)
            }
            #expect(world.local.count == 2)
            #expect(world.upstream.requests.isEmpty)
        }
    }
}
