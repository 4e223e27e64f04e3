import NIOCore
import NIOPosix
import Synchronization

/// The data plane of a process: listeners and event loops.
///
/// `start`, any number of `replace` and `invalidate`, then `shutDown`, once. All calls are safe from any
/// task.
public final class ProxyServer: Sendable {
    public enum Failure: Error, Equatable {
        /// `start` was called twice, or after `shutDown`.
        case alreadyStarted
    }

    private struct Running {
        var group: MultiThreadedEventLoopGroup
        var loops: [NIOLoopBound<LoopState>]
        var listeners: [any Channel]
    }

    private enum State {
        case new(RouteTable)
        case starting
        case running(Running)
        case ended
    }

    private let dependencies: LoopState.Dependencies
    private let state: Mutex<State>

    /// - Parameters:
    ///   - clock: wall clock in Unix milliseconds, on which `IdentityHeaders` gives its times.
    ///   - seed: random numbers, for request ids.
    ///   - onRefusal: called on an event loop for each error that the proxy answers itself, with a label
    ///     from a fixed set. Must not block.
    public init(
        settings: ProxySettings, routes: RouteTable, sessions: any SessionSource, local: any LocalResponder,
        clock: @escaping @Sendable () -> UnixMilliseconds,
        seed: @escaping @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) },
        onRefusal: @escaping @Sendable (_ requestID: String, _ label: String) -> Void = { _, _ in }
    ) {
        dependencies = LoopState.Dependencies(
            settings: settings, sessions: sessions, responder: local, clock: clock, seed: seed, onRefusal: onRefusal)
        state = Mutex(.new(routes))
    }

    /// Listens. Returns the addresses, with the ports that were taken.
    public func start() async throws -> [ListenAddress] {
        let table = try state.withLock { state in
            guard case .new(let table) = state else { throw Failure.alreadyStarted }
            state = .starting
            return table
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, dependencies.settings.loops))
        var listeners: [any Channel] = []
        do {
            var loops: [NIOLoopBound<LoopState>] = []
            for eventLoop in group.makeIterator() { loops.append(try await makeLoop(eventLoop, table).get()) }
            for address in dependencies.settings.listen { listeners.append(try await listen(address, group, loops)) }
            let bound = zip(dependencies.settings.listen, listeners).map { Self.boundAddress($0, $1) }
            state.withLock { $0 = .running(Running(group: group, loops: loops, listeners: listeners)) }
            return bound
        } catch {
            for listener in listeners { try? await listener.close() }
            try? await group.shutdownGracefully()
            state.withLock { $0 = .ended }
            throw error
        }
    }

    /// Serves by other routes from now on. Requests under way end as they began.
    public func replace(routes: RouteTable) {
        onEachLoop { $0.replace(table: routes) }
    }

    /// Drops cached answers, throws away answers that are on their way, and has responses under way
    /// checked: those whose session has ended are cut.
    public func invalidate(_ invalidation: Invalidation) {
        onEachLoop { $0.invalidate(invalidation) }
    }

    /// Stops listening, lets requests under way end for at most `deadline`, then closes everything.
    public func shutDown(deadline: Duration = .seconds(30)) async {
        let running: Running? = state.withLock { state in
            defer { state = .ended }
            if case .running(let running) = state { return running }
            return nil
        }
        guard let running else { return }
        for listener in running.listeners { try? await listener.close() }
        await drain(running, deadline)
        for loop in running.loops { try? await loop.eventLoop.submit { loop.value.closeAll() }.get() }
        try? await running.group.shutdownGracefully()
    }

    private func drain(_ running: Running, _ deadline: Duration) async {
        let drained: [EventLoopFuture<Void>] = running.loops.map { (loop: NIOLoopBound<LoopState>) in
            loop.eventLoop.flatSubmit { loop.value.drain() }
        }
        guard let first = running.loops.first?.eventLoop else { return }
        let all = EventLoopFuture.andAllComplete(drained, on: first)
        let timeUp = first.scheduleTask(in: .milliseconds(deadline.milliseconds)) {}
        let either = first.makePromise(of: Void.self)
        all.whenComplete { _ in timeUp.cancel() }
        timeUp.futureResult.whenComplete { _ in either.succeed() }
        try? await either.futureResult.get()
    }

    private func onEachLoop(_ body: @escaping @Sendable (LoopState) -> Void) {
        let loops: [NIOLoopBound<LoopState>] = state.withLock { state in
            if case .running(let running) = state { return running.loops }
            return []
        }
        for loop in loops { loop.eventLoop.execute { body(loop.value) } }
    }

    private func makeLoop(_ eventLoop: any EventLoop, _ table: RouteTable) -> EventLoopFuture<NIOLoopBound<LoopState>> {
        let dependencies = self.dependencies
        return eventLoop.submit {
            let loop = LoopState(eventLoop: eventLoop, table: table, dependencies: dependencies)
            let every = TimeAmount.milliseconds(loop.times.resolution)
            let bound = NIOLoopBound(loop, eventLoop: eventLoop)
            eventLoop.scheduleRepeatedTask(initialDelay: every, delay: every) { _ in bound.value.tick() }
            return bound
        }
    }

    private func listen(_ address: ListenAddress, _ group: MultiThreadedEventLoopGroup, _ loops: [NIOLoopBound<LoopState>]) async throws
        -> any Channel
    {
        let byLoop = Dictionary(uniqueKeysWithValues: loops.map { (ObjectIdentifier($0.eventLoop), $0) })
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1_024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                // Out of descriptors, accepting would otherwise fail in a loop.
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler()) }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let loop = byLoop[ObjectIdentifier(channel.eventLoop)]?.value else {
                        throw ChannelError.inappropriateOperationForState
                    }
                    let peer = Peer(remote: channel.remoteAddress, local: channel.localAddress, trusted: loop.settings.trustedProxies)
                    let exchange = Exchange(loop: loop, peer: peer)
                    try channel.pipeline.syncOperations.addHandler(HTTP1Connection(exchange: exchange))
                    guard loop.add(exchange) else { throw ChannelError.ioOnClosedChannel }
                }
            }
        switch address {
        case .tcp(let host, let port): return try await bootstrap.bind(host: host, port: port).get()
        case .unix(let path): return try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
        }
    }

    private static func boundAddress(_ asked: ListenAddress, _ channel: any Channel) -> ListenAddress {
        guard case .tcp(let host, _) = asked, let port = channel.localAddress?.port else { return asked }
        return .tcp(host: host, port: port)
    }
}
