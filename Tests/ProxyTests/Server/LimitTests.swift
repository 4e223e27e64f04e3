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

    @Test func `a body beyond its limit is 413, whatever its framing, and none of the same size less one`() async throws {
        var limits = World.quickLimits
        limits.maximumBodyBytes = 10
        try await World.run(limits: limits) { world async throws in
            let long = try await world.exchange(World.request(method: "POST", "Content-Length: 11\r\n", body: "01234567890"))
            #expect(long.status == 413)
            #expect(long.value("Connection") == "close")
            #expect(world.upstream.requests.isEmpty)
            let chunked = try await world.exchange(
                World.request(method: "POST", "Transfer-Encoding: chunked\r\n", body: "6\r\n012345\r\n5\r\n67890\r\n0\r\n\r\n"))
            #expect(chunked.status == 413)
            // Never a whole request there.
            #expect(world.upstream.requests.isEmpty)
            #expect(world.refusals.all == ["body_too_large", "body_too_large"])
            for body in ["Content-Length: 10\r\n\r\n0123456789", "Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n"] {
                let text = World.request(method: "POST")
                #expect(try await world.exchange(text.dropLast(1) + body).status == 200)
                #expect(world.upstream.requests.last?.body == Array("0123456789".utf8))
            }
        }
    }

    @Test func `one address has so many connections, and a place is free again when one closes`() async throws {
        var limits = World.quickLimits
        limits.maximumConnectionsPerPeer = 2
        try await World.run(limits: limits) { world async throws in
            let first = try await world.connect()
            let second = try await world.connect()
            for client in [first, second] {
                try await client.send(World.request())
                #expect(try await client.readResponse().status == 200)
            }
            let third = try await world.connect()
            #expect(try await third.readToEnd().isEmpty)
            #expect(world.upstream.requests.count == 2)
            await first.close()
            // At the latest once the loop has seen the close.
            var served = false
            while !served {
                let again = try await world.connect()
                try? await again.send(World.request())
                served = (try? await again.readResponse().status) == 200
                await again.close()
            }
        }
        // A listed proxy speaks for many.
        let trusted = TrustedProxies(networks: [try #require(AddressRange("127.0.0.1"))])
        try await World.run(limits: limits, trusted: trusted) { world async throws in
            var clients: [RawClient] = []
            for _ in 0..<5 {
                let client = try await world.connect()
                try await client.send(World.request())
                #expect(try await client.readResponse().status == 200)
                clients.append(client)
            }
        }
    }

    @Test func `a body that comes drop by drop is given up, whatever the drops`() async throws {
        var limits = World.quickLimits
        limits.bodyIdle = .milliseconds(500)
        limits.minimumBodyBytes = 1_000
        try await World.run(limits: limits) { world async throws in
            let client = try await world.connect()
            try await client.send(World.request(method: "POST", "Content-Length: 100000\r\n"))
            // One byte each time that the gateway has done something else: it never stops, and never has enough.
            let drops = Task {
                while !Task.isCancelled {
                    try await client.send("x")
                    _ = try await world.exchange(World.request("/ping"))
                }
            }
            #expect(try await client.readResponse().status == 408)
            drops.cancel()
            _ = await drops.result
            #expect(world.upstream.requests.allSatisfy { $0.target == "/ping" })
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
