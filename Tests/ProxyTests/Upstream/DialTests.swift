import NIOCore
import NIOPosix
import Testing

@testable import Proxy

@Suite(.timeLimit(.minutes(1))) struct DialTests {
    private final class Nothing: ChannelInboundHandler, DialedHandler {
        typealias InboundIn = ByteBuffer
    }

    /// Address of the connection, or why there is none.
    private func dial(_ port: Int, _ found: [String], order first: Int = 0, last: Set<SocketAddress> = []) async throws -> (
        address: String?, failure: DialFailure?, failed: [String]
    ) {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let addresses = try found.map { try SocketAddress(ipAddress: $0, port: 0) }
        let resolver = NameResolver(interval: .seconds(60)) { _ in addresses }
        resolver.start()
        defer { resolver.shutDown() }
        var contexts = TLSContexts()
        let target = try UpstreamTarget(Upstream(host: "name.example", port: port), index: 0, contexts: &contexts)
        let failed = EventLog<String>()
        let promise = loop.makePromise(of: (String?, DialFailure?).self)
        loop.execute {
            let order = AddressOrder(first: first, last: last) { failed.add($0.ipAddress ?? "") }
            Dial.start(target, on: loop, resolver: resolver, timeout: .seconds(5), order: order, makeHandler: { Nothing() }) { result in
                switch result {
                case .success(let opened):
                    opened.channel.close(promise: nil)
                    promise.succeed((opened.address.ipAddress, nil))
                case .failure(let failure): promise.succeed((nil, failure))
                }
            }
        }
        let (address, failure) = try await promise.futureResult.get()
        return (address, failure, failed.all)
    }

    @Test func `every address of a name is tried, in turn`() async throws {
        let upstream = try await RecordingUpstream.start()
        // Nothing listens on the other addresses of the loopback network.
        let reached = try await dial(upstream.port, ["127.0.0.2", "127.0.0.3", "127.0.0.1"])
        #expect(reached.address == "127.0.0.1")
        #expect(reached.failed == ["127.0.0.2", "127.0.0.3"])
        let turned = try await dial(upstream.port, ["127.0.0.2", "127.0.0.3", "127.0.0.1"], order: 5)
        #expect(turned.failed == [])
        let known = try await dial(
            upstream.port, ["127.0.0.2", "127.0.0.1"], last: [try SocketAddress(ipAddress: "127.0.0.2", port: upstream.port)])
        #expect(known.address == "127.0.0.1")
        #expect(known.failed == [])
        await upstream.stop()
    }

    @Test func `without an address that answers there is no connection`() async throws {
        let dead = try ReservedPort()
        defer { dead.release() }
        let unreached = try await dial(dead.number, ["127.0.0.1", "127.0.0.2"])
        #expect(unreached.failure == .connect)
        #expect(unreached.failed == ["127.0.0.1", "127.0.0.2"])
        let unnamed = try await dial(dead.number, [])
        #expect(unnamed.failure == .name)
    }
}
