import NIOCore
import Testing

@testable import Proxy

/// Group B: one request in is one request out, in framing that the gateway wrote.
@Suite(.timeLimit(.minutes(2))) struct SmugglingTests {
    @Test(
        "a head or body with two readings is 400 and the connection ends",
        arguments: [
            "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n",
            "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
            "Content-Length: 4\r\nContent-Length: 5\r\n\r\nhello", "Content-Length: +5\r\n\r\nhello", "Content-Length: 5,5\r\n\r\nhello",
            "Content-Length: 0x5\r\n\r\nhello",
            "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n",
            "X: y\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "Content-Length: 5\nX: y\r\n\r\nhello",
            "Content-Length : 5\r\n\r\nhello", "X-Gateway-Member : evil\r\n\r\n", "X-Gateway-Member\t: evil\r\n\r\n",
            "X Gateway-Member: evil\r\n\r\n", "X-Gateway\u{1}Member: evil\r\n\r\n", ": evil\r\n\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "Content-Length: -1\r\n\r\n",
            "Content-Length: 5\r\n chunked\r\n\r\nhello", "Content-Length:\r\n\r\n", "X: \u{0}\r\n\r\n", "X: a\rb\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", "Transfer-Encoding: chunked\r\n\r\n1;a\nb\r\n",
            "Transfer-Encoding: chunked\r\n\r\n1\nx\r\n",
            "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "Transfer-Encoding: chunked\r\n\r\n1\r\nxx\r\n0\r\n\r\n",
        ])
    func refuses(_ rest: String) async throws {
        try await World.run { world async throws in
            let client = try await world.connect()
            try await client.send("POST / HTTP/1.1\r\nHost: wiki.acme.example\r\nCookie: gateway-session=\(World.token)\r\n\(rest)")
            let response = try await client.readResponse()
            #expect(response.status == 400)
            #expect(response.value("Connection") == "close")
            #expect(response.value("X-Request-Id")?.utf8.count == 32)
            #expect(try await client.readToEnd().isEmpty)
            #expect(world.upstream.requests.isEmpty)
            #expect(world.refusals.all.count == 1)
            try await world.expectServing()
        }
    }

    @Test func `Transfer-Encoding in HTTP/1.0 is 400`() async throws {
        try await World.run { world async throws in
            let response = try await world.exchange(
                "POST / HTTP/1.0\r\nHost: wiki.acme.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
            #expect(response.status == 400)
            #expect(world.upstream.requests.isEmpty)
        }
    }

    @Test func `framing aliases are dropped, and the upstream's framing is ours`() async throws {
        try await World.run { world async throws in
            let text = World.request(
                method: "POST", "Content_Length: 99\r\nTransfer_Encoding: chunked\r\nContent-Length: 5 \r\n", body: "hello")
            #expect(try await world.exchange(text).status == 200)
            let request = try #require(world.upstream.requests.last)
            #expect(request.values("Content-Length") == ["5"])
            #expect(request.values("Transfer-Encoding").isEmpty)
            #expect(request.body == Array("hello".utf8))
        }
    }

    @Test func `a chunked body is written in chunks of our own`() async throws {
        try await World.run { world async throws in
            let client = try await world.connect()
            try await client.send(World.request(method: "PUT", "Transfer-Encoding: chunked\r\n", body: "3;x=y\r\nabc\r\n"))
            try await client.send("00002\r\nde")
            try await client.send("\r\n0\r\n\r\n")
            #expect(try await client.readResponse().status == 200)
            let request = try #require(world.upstream.requests.last)
            #expect(request.body == Array("abcde".utf8))
            #expect(request.values("Transfer-Encoding") == ["chunked"])
            #expect(request.values("Content-Length").isEmpty)
        }
    }

    @Test func `pipelined requests are answered in order, each seen once`() async throws {
        try await World.run(reply: { .text("HTTP/1.1 200 OK\r\nContent-Length: \($0.target.utf8.count)\r\n\r\n\($0.target)") }) {
            world async throws in
            let client = try await world.connect()
            let all = (0..<50).map { index in
                index % 3 == 0
                    ? World.request("/\(index)", method: "POST", "Content-Length: 3\r\n", body: "GET") : World.request("/\(index)")
            }.joined()
            try await client.send(all)
            for index in 0..<50 { #expect(try await client.readResponse().text == "/\(index)") }
            #expect(world.upstream.requests.map(\.target) == (0..<50).map { "/\($0)" })
            #expect(world.upstream.connectionCount == 1)
        }
    }

    @Test func `a request in single bytes is the same request`() async throws {
        try await World.run { world async throws in
            let client = try await world.connect()
            for byte in World.request("/x", method: "POST", "Transfer-Encoding: chunked\r\n", body: "2\r\nhi\r\n0\r\n\r\n").utf8 {
                try await client.send([byte])
            }
            #expect(try await client.readResponse().status == 200)
            #expect(world.upstream.requests.last?.body == Array("hi".utf8))
        }
    }

    @Test func `the body of a refused request is never read as a request`() async throws {
        try await World.run { world async throws in
            let smuggled = World.request("/smuggled")
            // Wholly there: skipped, and the connection goes on.
            let client = try await world.connect()
            try await client.send(
                "POST /private HTTP/1.1\r\nHost: wiki.acme.example\r\nContent-Length: \(smuggled.utf8.count)\r\n\r\n\(smuggled)\(World.request("/next"))"
            )
            #expect(try await client.readResponse().status == 401)
            #expect(try await client.readResponse().status == 200)
            #expect(world.upstream.requests.map(\.target) == ["/next"])
            // Not wholly there: the connection ends.
            let partial = try await world.connect()
            try await partial.send(
                "POST /private HTTP/1.1\r\nHost: wiki.acme.example\r\nContent-Length: \(smuggled.utf8.count + 1)\r\n\r\n")
            let response = try await partial.readResponse()
            #expect(response.status == 401)
            #expect(response.value("Connection") == "close")
            try? await partial.send(smuggled)
            #expect(try await partial.readToEnd().isEmpty)
            #expect(world.upstream.requests.map(\.target) == ["/next"])
        }
    }

    @Test func `100-continue is answered when the body is wanted, and only then`() async throws {
        try await World.run { world async throws in
            let client = try await world.connect()
            try await client.send(World.request(method: "POST", "Expect: 100-continue\r\nContent-Length: 2\r\n"))
            #expect(try await client.readResponse().status == 100)
            try await client.send("hi")
            #expect(try await client.readResponse().status == 200)
            #expect(world.upstream.requests.last?.values("Expect") == [])
            #expect(world.upstream.requests.last?.body == Array("hi".utf8))

            let refused = try await world.connect()
            try await refused.send("POST / HTTP/1.1\r\nHost: wiki.acme.example\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            let response = try await refused.readResponse()
            #expect(response.status == 401)
            #expect(response.value("Connection") == "close")
            #expect(try await world.exchange(World.request(method: "POST", "Expect: something\r\n")).status == 417)
            #expect(world.upstream.requests.count == 1)
        }
    }

    @Test(
        "a response with two readings is 502",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
            "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", "HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX : y\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
            "hello\r\n\r\n", "HTTP/1.1 200 OK\r\n\u{0}: x\r\n\r\n",
        ])
    func badResponse(_ reply: String) async throws {
        try await World.run(reply: { $0.target == "/bad" ? .text(reply) : .text(RecordingUpstream.ok) }) { world async throws in
            let response = try await world.exchange(World.request("/bad"))
            #expect(response.status == 502)
            #expect(world.local.last?.purpose == .badGateway)
            #expect(world.local.last?.path == "/bad")
            #expect(world.local.last?.header("cookie") == nil)
            try await world.expectServing()
        }
    }

    @Test func `bytes after a response are never given to the next request`() async throws {
        try await World.run(reply: { request in
            request.target == "/two"
                ? .text(RecordingUpstream.ok + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil") : .text(RecordingUpstream.ok)
        }) { world async throws in
            #expect(try await world.exchange(World.request("/two")).text == "ok")
            for _ in 0..<5 { #expect(try await world.exchange(World.request("/one")).text == "ok") }
            #expect(world.upstream.connectionCount == 2)
        }
    }

    @Test func `a byte on an unused upstream connection takes it out of use`() async throws {
        try await World.run { world async throws in
            try await world.expectServing()
            let idle = try #require(world.upstream.channels.first)
            idle.writeAndFlush(ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"), promise: nil)
            // The gateway closes it.
            try await idle.closeFuture.get()
            #expect(try await world.exchange(World.request()).text == "ok")
            #expect(world.upstream.connectionCount == 2)
        }
    }
}
