import NIOCore
import Testing

@testable import Proxy

/// Group K, as far as HTTP/1.1 is concerned.
@Suite(.timeLimit(.minutes(2))) struct LimitTests {
    @Test func `too many fields and too large heads are 431, long targets 414, and others are served on`() async throws {
        try await World.run { world async throws in
            let many = (0..<100_000).map { "X\($0): y\r\n" }.joined()
            for (text, status) in [
                (World.request("/", many), 431), (World.request("/", "X: \(String(repeating: "y", count: 40_000))\r\n"), 431),
                (World.request("/\(String(repeating: "y", count: 20_000))"), 414), ("GET /" + String(repeating: "y", count: 40_000), 414),
            ] {
                let client = try await world.connect()
                client.enqueue(Array(text.utf8))
                let response = try await client.readResponse()
                #expect(response.status == status)
                #expect(response.value("Connection") == "close")
                await client.close()
            }
            #expect(world.upstream.requests.isEmpty)
            try await world.expectServing()
        }
    }

    @Test func `a head of 32 KiB with 100 fields is served`() async throws {
        try await World.run { world async throws in
            let fields = (0..<98).map { "X\($0): \(String(repeating: "y", count: 300))\r\n" }.joined()
            let served = try await world.exchange(World.request("/", fields))
            #expect(served.status == 200)
            let refused = try await world.exchange(World.request("/", fields + "Z: y\r\n"))
            #expect(refused.status == 431)
        }
    }

    @Test func `a head that does not end is 408, a silent connection is closed`() async throws {
        var limits = World.quickLimits
        limits.headDeadline = .seconds(2)
        limits.idle = .seconds(2)
        try await World.run(limits: limits) { world async throws in
            let slow = try await world.connect()
            try await slow.send("GET / HTTP/1.1\r\nHo")
            let silent = try await world.connect()
            #expect(try await slow.readResponse().status == 408)
            #expect(try await silent.readToEnd().isEmpty)
            // After a response: idle, without a word.
            let idle = try await world.connect()
            try await idle.send(World.request())
            #expect(try await idle.readResponse().status == 200)
            #expect(try await idle.readToEnd().isEmpty)
            #expect(world.refusals.all == ["head_timeout"])
        }
    }

    @Test func `a body that does not come is given up`() async throws {
        var limits = World.quickLimits
        limits.bodyIdle = .milliseconds(500)
        try await World.run(limits: limits) { world async throws in
            for target in ["/", "/.gateway/x"] {
                let client = try await world.connect()
                try await client.send(World.request(target, method: "POST", "Content-Length: 100\r\n", body: "some"))
                #expect(try await client.readResponse().status == 408)
                #expect(try await client.readToEnd().isEmpty)
            }
            try await world.expectServing()
        }
    }

    @Test func `a client that does not read is given up`() async throws {
        var limits = World.quickLimits
        limits.bodyIdle = .milliseconds(500)
        try await World.run(
            limits: limits,
            reply: {
                $0.target == "/large"
                    ? .stream(head: "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n", bytes: 100_000_000)
                    : .text(RecordingUpstream.ok)
            }
        ) { world async throws in
            let client = try await world.connect()
            try await client.setReading(false)
            try await client.send(World.request("/large"))
            // The upstream is let go, too.
            _ = await world.upstream.requests(atLeast: 1)
            try await #require(world.upstream.channels.first).closeFuture.get()
            try await world.expectServing()
            await client.close()
        }
    }

    @Test func `connections beyond the limit are closed at once`() async throws {
        var limits = World.quickLimits
        limits.maximumConnections = 2
        try await World.run(limits: limits) { world async throws in
            let first = try await world.connect()
            let second = try await world.connect()
            try await first.send(World.request())
            #expect(try await first.readResponse().status == 200)
            try await second.send(World.request())
            #expect(try await second.readResponse().status == 200)
            let third = try await world.connect()
            #expect(try await third.readToEnd().isEmpty)
            await first.close()
            _ = try await first.readToEnd()
            // The place is free again, at the latest when the loop has seen the close.
            try await second.send(World.request())
            #expect(try await second.readResponse().status == 200)
            try await world.expectServing()
        }
    }

    @Test func `requests under way end before the server does`() async throws {
        try await World.run(reply: { _ in .silence }) { world async throws in
            let idle = try await world.connect()
            let busy = try await world.connect()
            try await busy.send(World.request())
            _ = await world.upstream.requests(atLeast: 1)
            async let ended: Void = world.server.shutDown(deadline: .seconds(60))
            // The listener and the idle connection are closed; the busy one is answered first.
            #expect(try await idle.readToEnd().isEmpty)
            try await #require(world.upstream.channels.first).writeAndFlush(ByteBuffer(string: RecordingUpstream.ok))
            let response = try await busy.readResponse()
            #expect(response.text == "ok")
            #expect(response.value("Connection") == "close")
            await ended
        }
    }

    @Test func `an empty line before a request is skipped, once`() async throws {
        try await World.run { world async throws in
            let one = try await world.exchange("\r\n" + World.request())
            #expect(one.status == 200)
            let two = try await world.exchange("\r\n\r\n" + World.request())
            #expect(two.status == 400)
        }
    }

    @Test func `what a refusal says does not depend on what was sent`() async throws {
        try await World.run { world async throws in
            let response = try await world.exchange("GET /canary\u{1} HTTP/1.1\r\nHost: canary\r\n\r\n")
            #expect(response.text == "Bad Request\n")
            #expect(!response.head.contains("canary"))
        }
    }
}
