import Foundation
import Glibc
import Testing

@testable import Fetch

/// Cancelling, stopping, and what is left behind.
@Suite("Fetch client: ending")
struct FetchClientEndingTests {
    private let server: LocalServer

    init() throws {
        server = try LocalServer { request, connection in
            if request.head.hasPrefix("GET /quick") { connection.respond() } else { connection.waitForEnd() }
        }
    }

    @Test("A cancelled request ends, and so does its connection")
    func cancel() async throws {
        defer { server.stop() }
        let client = try FetchClient(allowedNetworks: AddressRange.loopback)
        let request = FetchRequest(url: server.url, deadline: .seconds(600))
        let task = Task { await client.failure(request) }
        var arrivals = server.arrivals.makeAsyncIterator()
        _ = await arrivals.next()
        task.cancel()
        #expect(await task.value == .cancelled)
        var departures = server.departures.makeAsyncIterator()
        #expect(await departures.next() != nil)
    }

    @Test("A request of a task that is cancelled already ends as well")
    func cancelledBefore() async throws {
        defer { server.stop() }
        let client = try FetchClient(allowedNetworks: AddressRange.loopback)
        let request = FetchRequest(url: server.url, deadline: .seconds(600))
        for _ in 0..<50 {
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await client.failure(request)
            }
            #expect(await task.value == .cancelled)
        }
    }

    @Test("Cancelling at any moment gives each request one answer")
    func cancelRace() async throws {
        defer { server.stop() }
        let client = try FetchClient(allowedNetworks: AddressRange.loopback)
        let request = FetchRequest(url: server.url + "quick")
        for _ in 0..<200 {
            let task = Task { await client.failure(request) }
            task.cancel()
            #expect([nil, .cancelled].contains(await task.value))
        }
    }

    @Test("Shutting down answers what is under way and all that comes later")
    func shutDown() async throws {
        defer { server.stop() }
        let client = try FetchClient(allowedNetworks: AddressRange.loopback)
        let request = FetchRequest(url: server.url, deadline: .seconds(600))
        let task = Task { await client.failure(request) }
        var arrivals = server.arrivals.makeAsyncIterator()
        _ = await arrivals.next()
        await client.shutDown()
        #expect(await task.value == .shutDown)
        #expect(await client.failure(request) == .shutDown)
        await client.shutDown()
        #expect(server.requests.count == 1)
    }

    @Test("Shutting down amid requests gives each of them one answer")
    func shutDownRace() async throws {
        defer { server.stop() }
        let request = FetchRequest(url: server.url + "quick")
        for _ in 0..<20 {
            let client = try FetchClient(allowedNetworks: AddressRange.loopback)
            let tasks = (0..<10).map { _ in Task { await client.failure(request) } }
            async let first: Void = client.shutDown()
            async let second: Void = client.shutDown()
            _ = await (first, second)
            for task in tasks { #expect([nil, .shutDown].contains(await task.value)) }
        }
    }

    @Test("A client that nobody holds closes its connections")
    func release() async throws {
        defer { server.stop() }
        do {
            let client = try FetchClient(allowedNetworks: AddressRange.loopback)
            _ = try await client.send(FetchRequest(url: server.url + "quick"))
        }
        var departures = server.departures.makeAsyncIterator()
        #expect(await departures.next() != nil)
    }

    @Test("No child process inherits a connection")
    func closeOnExec() async throws {
        defer { server.stop() }
        let client = try FetchClient(allowedNetworks: AddressRange.loopback)
        _ = try await client.send(FetchRequest(url: server.url + "quick"))
        let connections = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int32($0) }
            .filter { ListeningSocket.name(of: $0, getpeername) == server.port }
        #expect(connections.count == 1)
        for connection in connections { #expect(fcntl(connection, F_GETFD) & FD_CLOEXEC == FD_CLOEXEC) }
        await client.shutDown()
    }
}
