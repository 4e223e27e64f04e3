import Testing

@testable import Fetch

/// What a request and a response look like on the wire.
@Suite("Fetch client")
struct FetchClientTests {
    private let client: FetchClient

    init() throws { client = try FetchClient(allowedNetworks: AddressRange.loopback) }

    @Test("A GET brings status, fields and body")
    func get() async throws {
        let server = try LocalServer { _, connection in
            connection.respond("404 Not Found", fields: ["X-One: 1", "x-one: 2"], body: "héllo")
        }
        defer { server.stop() }
        let response = try await client.send(FetchRequest(url: server.url + "a?b=c", headers: [HeaderField("X-Empty", "")]))
        #expect(response.status == 404)
        #expect(response.header("X-ONE") == "1")
        #expect(response.body == Array("héllo".utf8))
        let head = try #require(server.requests.first?.head)
        let lines = head.split(separator: "\r\n").map(String.init)
        #expect(lines.first == "GET /a?b=c HTTP/1.1")
        #expect(Set(lines.dropFirst()) == ["Host: 127.0.0.1:\(server.port)", "User-Agent: gateway", "Accept: */*", "X-Empty:"])
    }

    @Test("A POST sends its bytes as they are, and does not wait for leave", arguments: [[], Array(0...255), [0]] as [[UInt8]])
    func post(body: [UInt8]) async throws {
        let server = try LocalServer { _, connection in connection.respond() }
        defer { server.stop() }
        let type = HeaderField("Content-Type", "application/octet-stream")
        let response = try await client.send(FetchRequest(url: server.url, method: .post, headers: [type], body: body))
        #expect(response.status == 200)
        let request = try #require(server.requests.first)
        #expect(request.body == body)
        let lines = request.head.split(separator: "\r\n").map(String.init)
        #expect(lines.contains("Content-Length: \(body.count)"))
        #expect(lines.filter { $0.hasPrefix("Content-Type") } == ["Content-Type: application/octet-stream"])
        #expect(!lines.contains { $0.hasPrefix("Expect") })
    }

    @Test("A large POST arrives whole")
    func largePost() async throws {
        let server = try LocalServer { _, connection in connection.respond() }
        defer { server.stop() }
        let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        _ = try await client.send(FetchRequest(url: server.url, method: .post, body: body))
        #expect(server.requests.first?.body == body)
    }

    @Test("A redirect is a response, and nobody goes there", arguments: [301, 302, 303, 307, 308])
    func redirect(status: Int) async throws {
        let target = try LocalServer { _, connection in connection.respond() }
        defer { target.stop() }
        let location = target.url
        let server = try LocalServer { _, connection in connection.respond("\(status) X", fields: ["Location: \(location)"]) }
        defer { server.stop() }
        let response = try await client.send(FetchRequest(url: server.url))
        #expect(response.status == status)
        #expect(response.header("location") == target.url)
        #expect(server.requests.count == 1)
        #expect(target.stop() == 0)
    }

    @Test("The last response counts, not the interim ones")
    func interim() async throws {
        let server = try LocalServer { _, connection in
            connection.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLocation: https://evil.example\r\n\r\n")
            connection.respond(body: "done")
        }
        defer { server.stop() }
        let response = try await client.send(FetchRequest(url: server.url))
        #expect(response == FetchResponse(status: 200, headers: [HeaderField("Content-Length", "4")], body: Array("done".utf8)))
    }

    @Test("Trailers are no headers")
    func trailers() async throws {
        let server = try LocalServer { _, connection in
            connection.send(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ndone\r\n0\r\nLocation: https://evil.example\r\n\r\n")
        }
        defer { server.stop() }
        let response = try await client.send(FetchRequest(url: server.url))
        #expect(response.body == Array("done".utf8))
        #expect(response.headers == [HeaderField("Transfer-Encoding", "chunked")])
    }

    @Test("A second response in the bytes of the first is not the answer to the next request")
    func splitting() async throws {
        let server = try LocalServer { request, connection in
            guard request.head.hasPrefix("GET /first") else { return connection.respond(body: "right") }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong")
        }
        defer { server.stop() }
        #expect(try await client.send(FetchRequest(url: server.url + "first")).body == Array("x".utf8))
        #expect(try await client.send(FetchRequest(url: server.url + "second")).body == Array("right".utf8))
        #expect(server.requests.count == 2)
    }

    @Test(
        "What is no HTTP/1 response is refused",
        arguments: [
            "hello\r\n", "<html>\n\n</html>", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nno colon\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nA: b\r\n c: folded\r\n\r\n", "HTTP/1.1 101 X\r\nUpgrade: x\r\n\r\n",
        ])
    func malformed(bytes: String) async throws {
        let server = try LocalServer { _, connection in
            connection.send(bytes)
            connection.end()
        }
        defer { server.stop() }
        #expect(await client.failure(FetchRequest(url: server.url)) == .malformedResponse)
    }

    @Test(
        "A response that breaks off is none",
        arguments: [
            "", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        ])
    func truncated(bytes: String) async throws {
        let server = try LocalServer { _, connection in
            connection.send(bytes)
            connection.end()
        }
        defer { server.stop() }
        #expect(await client.failure(FetchRequest(url: server.url)) == .connectionLost)
    }

    @Test("A head that breaks off is no response")
    func truncatedHead() async throws {
        let server = try LocalServer { _, connection in
            connection.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
            connection.end()
        }
        defer { server.stop() }
        #expect(await client.failure(FetchRequest(url: server.url)) != nil)
    }

    @Test("A header with a line break is refused before anything is sent")
    func headerInjection() async throws {
        let server = try LocalServer { _, connection in connection.respond() }
        defer { server.stop() }
        let headers = [HeaderField("Authorization", "Basic x\r\nX-Injected: y")]
        #expect(await client.failure(FetchRequest(url: server.url, headers: headers)) == .refusedHeader)
        #expect(server.stop() == 0)
    }

    @Test("Two requests share one connection")
    func keepAlive() async throws {
        let server = try LocalServer { _, connection in connection.respond() }
        for _ in 0..<3 { _ = try await client.send(FetchRequest(url: server.url)) }
        #expect(server.requests.count == 3)
        #expect(server.stop() == 1)
    }

    @Test("Many requests at once each get their own answer")
    func concurrent() async throws {
        let server = try LocalServer { request, connection in
            connection.respond(body: request.head.split(separator: "\r\n").first.map(String.init) ?? "")
        }
        defer { server.stop() }
        let (client, url) = (client, server.url)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<60 {
                group.addTask {
                    let response = try await client.send(FetchRequest(url: url + "\(number)"))
                    return response.body == Array("GET /\(number) HTTP/1.1".utf8)
                }
            }
            for try await isOwn in group { #expect(isOwn) }
        }
    }

    @Test("Nobody listens")
    func nobody() async throws {
        let server = try LocalServer { _, connection in connection.respond() }
        server.stop()
        #expect(await client.failure(FetchRequest(url: server.url)) == .couldNotConnect)
    }

    @Test("Labels are distinct and bounded")
    func labels() {
        let errors: [FetchError] = [
            .refusedURL, .refusedHeader, .refusedAddress, .couldNotResolve, .couldNotConnect, .tls, .timedOut, .connectionLost,
            .malformedResponse, .bodyTooLarge, .headersTooLarge, .tooManyInFlight, .cancelled, .shutDown, .other(7),
        ]
        #expect(Set(errors.map(\.label)).count == errors.count)
    }
}
