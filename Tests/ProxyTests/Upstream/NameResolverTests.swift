import Dispatch
import Glibc
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Proxy

@Suite(.timeLimit(.minutes(1))) struct NameResolverTests {
    private static let one = [SocketAddress(sockaddr_in())]
    private static let two = [SocketAddress(sockaddr_in6())]
    private let loop = MultiThreadedEventLoopGroup.singleton.any()

    /// A name server that answers when it is told to.
    private final class Server: Sendable {
        let asked = EventLog<String>()
        private let answers = Mutex<[String: [SocketAddress]]>([:])
        private let released = Latches()

        func answer(_ host: String, _ addresses: [SocketAddress]) { answers.withLock { $0[host] = addresses } }

        func look(_ host: String) -> [SocketAddress] {
            asked.add(host)
            released.wait(for: host)
            return answers.withLock { $0[host] ?? [] }
        }

        func hold(_ host: String) { released.hold(host) }
        func release(_ host: String) { released.release(host) }
    }

    @Test func `questions for one name at the same time are one lookup`() async throws {
        let server = Server()
        server.answer("a", Self.one)
        server.hold("a")
        let resolver = NameResolver(interval: .seconds(60)) { server.look($0) }
        resolver.start()
        let answers = (0..<10).map { _ in resolver.addresses(of: "a", on: loop) }
        await server.asked.first { $0 == "a" }
        server.release("a")
        for answer in answers { #expect(try await answer.get() == Self.one) }
        #expect(server.asked.all == ["a"])
        #expect(try await resolver.addresses(of: "a", on: loop).get() == Self.one)
        #expect(server.asked.all == ["a"])
        resolver.shutDown()
    }

    @Test func `an old answer is used while the next one is awaited, and when none comes`() async throws {
        let server = Server()
        server.answer("a", Self.one)
        let resolver = NameResolver(interval: .zero) { server.look($0) }
        resolver.start()
        #expect(try await resolver.addresses(of: "a", on: loop).get() == Self.one)
        server.answer("a", Self.two)
        server.hold("a")
        for _ in 0..<5 { #expect(try await resolver.addresses(of: "a", on: loop).get() == Self.one) }
        server.release("a")
        while try await resolver.addresses(of: "a", on: loop).get() != Self.two { await Task.yield() }
        server.answer("a", [])
        let before = server.asked.all.count
        while server.asked.all.count < before + 3 { #expect(try await resolver.addresses(of: "a", on: loop).get() == Self.two) }
        resolver.shutDown()
    }

    @Test func `a name server that hangs for one name holds up no other`() async throws {
        let server = Server()
        server.answer("b", Self.two)
        server.hold("dead")
        let resolver = NameResolver(interval: .seconds(60)) { server.look($0) }
        resolver.start()
        let dead = resolver.addresses(of: "dead", on: loop)
        await server.asked.first { $0 == "dead" }
        #expect(try await resolver.addresses(of: "b", on: loop).get() == Self.two)
        server.release("dead")
        await #expect(throws: NameResolver.NotFound.self) { try await dead.get() }
        // Not asked again at once.
        await #expect(throws: NameResolver.NotFound.self) { try await resolver.addresses(of: "dead", on: loop).get() }
        #expect(server.asked.all.filter { $0 == "dead" }.count == 1)
        resolver.shutDown()
    }

    @Test func `names of this machine are found`() {
        #expect(NameResolver.systemLookup("localhost").contains { $0.ipAddress == "127.0.0.1" })
        #expect(NameResolver.systemLookup("name.invalid").isEmpty)
    }
}

/// Holds threads that wait for a name until it is released.
private final class Latches: Sendable {
    private let held = Mutex<[String: DispatchLatch]>([:])

    func hold(_ host: String) { held.withLock { $0[host] = DispatchLatch() } }
    func wait(for host: String) { held.withLock { $0[host] }?.wait() }
    func release(_ host: String) { held.withLock { $0.removeValue(forKey: host) }?.open() }
}

private final class DispatchLatch: Sendable {
    private let group: DispatchGroup = {
        let group = DispatchGroup()
        group.enter()
        return group
    }()
    func wait() { group.wait() }
    func open() { group.leave() }
}
