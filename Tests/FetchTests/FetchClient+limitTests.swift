import Glibc
import Testing

@testable import Fetch

@Suite("Fetch client: limits")
struct FetchClientLimitTests {
    private static func client(_ change: (inout FetchLimits) -> Void = { _ in }) throws -> FetchClient {
        var limits = FetchLimits()
        change(&limits)
        return try FetchClient(allowedNetworks: AddressRange.loopback, limits: limits)
    }

    private static func hangingServer() throws -> LocalServer {
        try LocalServer { _, connection in connection.waitForEnd() }
    }

    @Test("An answer that does not come ends with the deadline", arguments: [Duration.milliseconds(100), .zero, .seconds(-1)])
    func deadline(_ deadline: Duration) async throws {
        let server = try Self.hangingServer()
        defer { server.stop() }
        #expect(await (try Self.client()).failure(FetchRequest(url: server.url, deadline: deadline)) == .timedOut)
    }

    @Test("A deadline is between a millisecond and an hour")
    func deadlineBounds() {
        #expect(Duration.seconds(Int64.max).clampedMilliseconds == 3_600_000)
        #expect(Duration.seconds(Int64.min).clampedMilliseconds == 1)
        #expect(Duration.zero.clampedMilliseconds == 1)
        #expect(Duration.milliseconds(1500).clampedMilliseconds == 1500)
    }

    @Test("A body that drips ends long before a deadline of an hour")
    func lowSpeed() async throws {
        let server = try LocalServer { _, connection in
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while connection.send("x"), !connection.isEnded(within: 100) {}
        }
        defer { server.stop() }
        let client = try Self.client {
            $0.lowSpeedSeconds = 1
            $0.lowSpeedBytesPerSecond = 1000
        }
        #expect(await client.failure(FetchRequest(url: server.url, deadline: .seconds(3600))) == .timedOut)
    }

    @Test("A head that drips ends likewise")
    func lowSpeedHead() async throws {
        let server = try LocalServer { _, connection in
            connection.send("HTTP/1.1 200 OK\r\nA: ")
            while connection.send("x"), !connection.isEnded(within: 100) {}
        }
        defer { server.stop() }
        let client = try Self.client {
            $0.lowSpeedSeconds = 1
            $0.lowSpeedBytesPerSecond = 1000
        }
        #expect(await client.failure(FetchRequest(url: server.url, deadline: .seconds(3600))) == .timedOut)
    }

    /// A listener whose queue is full answers no further connection.
    @Test("A connection that does not come about ends with its own limit")
    func connectTimeout() async throws {
        let listener = try ListeningSocket.make(backlog: 0)
        defer { close(listener) }
        let url = "http://127.0.0.1:\(try ListeningSocket.port(of: listener))/"
        let filler = try Self.client()
        let client = try Self.client { $0.connectTimeout = .milliseconds(200) }
        async let first = filler.failure(FetchRequest(url: url, deadline: .milliseconds(500)))
        async let second = filler.failure(FetchRequest(url: url, deadline: .milliseconds(500)))
        _ = await (first, second)
        #expect(await client.failure(FetchRequest(url: url, deadline: .seconds(3600))) == .timedOut)
    }

    @Test("A body may have as many bytes as allowed and not one more", arguments: [0, 1, 70_000])
    func bodyBoundary(limit: Int) async throws {
        let server = try LocalServer { request, connection in
            let isOneMore = request.head.hasPrefix("GET /more")
            connection.respond(body: String(repeating: "x", count: limit + (isOneMore ? 1 : 0)))
        }
        defer { server.stop() }
        let client = try Self.client()
        #expect(try await client.send(FetchRequest(url: server.url, maximumBodyBytes: limit)).body.count == limit)
        #expect(await client.failure(FetchRequest(url: server.url + "more", maximumBodyBytes: limit)) == .bodyTooLarge)
        #expect(await client.failure(FetchRequest(url: server.url + "more", maximumBodyBytes: .min)) == .bodyTooLarge)
    }

    @Test(
        "An endless body ends at the cap",
        arguments: ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"])
    func endlessBody(head: String) async throws {
        let chunk = "4000\r\n" + String(repeating: "x", count: 0x4000) + "\r\n"
        let server = try LocalServer { _, connection in
            connection.send(head)
            while connection.send(chunk) {}
        }
        defer { server.stop() }
        #expect(await (try Self.client()).failure(FetchRequest(url: server.url)) == .bodyTooLarge)
    }

    @Test(
        "A head without end ends at the cap",
        arguments: ["A: b\r\n", "A: " + String(repeating: "x", count: 40_000) + "\r\n", "\r\nHTTP/1.1 103 X\r\n"])
    func endlessHead(piece: String) async throws {
        let server = try LocalServer { _, connection in
            connection.send("HTTP/1.1 103 X\r\n")
            while connection.send(piece) {}
        }
        defer { server.stop() }
        #expect(await (try Self.client()).failure(FetchRequest(url: server.url)) == .headersTooLarge)
    }

    /// libcurl gives up at 100 KiB of one line, before we see any of it: CURLE_OUT_OF_MEMORY, CURLE_TOO_LARGE since 8.6.
    @Test("A header line without end ends at libcurl's cap")
    func endlessLine() async throws {
        let piece = String(repeating: "x", count: 10_000)
        let server = try LocalServer { _, connection in
            connection.send("HTTP/1.1 200 OK\r\nA: ")
            while connection.send(piece) {}
        }
        defer { server.stop() }
        let failure = await (try Self.client()).failure(FetchRequest(url: server.url))
        #expect([.other(27), .other(100)].contains(failure))
    }

    @Test("One request more than may be under way is refused; when others have ended there is room again")
    func inFlight() async throws {
        let hanging = try Self.hangingServer()
        let quick = try LocalServer { _, connection in connection.respond() }
        defer {
            hanging.stop()
            quick.stop()
        }
        let client = try Self.client { $0.maximumTransfers = 2 }
        let url = hanging.url
        let tasks = (0..<2).map { _ in Task { await client.failure(FetchRequest(url: url, deadline: .seconds(600))) } }
        var arrivals = hanging.arrivals.makeAsyncIterator()
        for _ in tasks { _ = await arrivals.next() }
        #expect(await client.failure(FetchRequest(url: quick.url)) == .tooManyInFlight)
        tasks[0].cancel()
        #expect(await tasks[0].value == .cancelled)
        #expect(try await client.send(FetchRequest(url: quick.url)).status == 200)
        tasks[1].cancel()
        #expect(await tasks[1].value == .cancelled)
    }

    @Test("A host that hangs holds its own share and stops nobody else")
    func oneHangingHost() async throws {
        let hanging = try Self.hangingServer()
        let quick = try LocalServer { _, connection in connection.respond() }
        defer {
            hanging.stop()
            quick.stop()
        }
        let client = try Self.client {
            $0.maximumTransfers = 10
            $0.maximumTransfersPerOrigin = 5
        }
        let url = hanging.url
        let tasks = (0..<5).map { _ in Task { await client.failure(FetchRequest(url: url, deadline: .seconds(600))) } }
        var arrivals = hanging.arrivals.makeAsyncIterator()
        for _ in tasks { _ = await arrivals.next() }
        #expect(await client.failure(FetchRequest(url: hanging.url + "sixth")) == .tooManyInFlight)
        for _ in 0..<200 { #expect(try await client.send(FetchRequest(url: quick.url)).status == 200) }
        #expect(hanging.requests.count == 5)
        for task in tasks {
            task.cancel()
            #expect(await task.value == .cancelled)
        }
    }
}
