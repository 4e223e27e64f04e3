import Glibc
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
        var listeners: [Listener]
        var prober: NIOLoopBound<HealthProber>
    }

    /// A socket, and the channel that accepts from a descriptor of its own for it.
    private struct Listener {
        let socket: ListeningSocket
        let channel: any Channel
    }

    private enum State {
        case new(RouteTable)
        case starting
        case running(Running)
        case ended

        var prober: NIOLoopBound<HealthProber>? { if case .running(let running) = self { running.prober } else { nil } }
    }

    private let dependencies: LoopState.Dependencies
    private let state: Mutex<State>

    /// - Parameters:
    ///   - clock: wall clock in Unix milliseconds, on which `IdentityHeaders` gives its times.
    ///   - seed: random numbers, for request ids.
    ///   - onRefusal: called on an event loop for each error that the proxy answers itself, with a label
    ///     from a fixed set. Must not block.
    ///   - onUpstreamChange: called on an event loop when an upstream seems to fail or to work again; each loop
    ///     judges by its own requests. Must not block.
    public init(
        settings: ProxySettings, routes: RouteTable, sessions: any SessionSource, local: any LocalResponder,
        clock: @escaping @Sendable () -> UnixMilliseconds,
        seed: @escaping @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) },
        onRefusal: @escaping @Sendable (_ requestID: String, _ label: String) -> Void = { _, _ in },
        onUpstreamChange: @escaping @Sendable (UpstreamReport) -> Void = { _ in }
    ) {
        dependencies = LoopState.Dependencies(
            settings: settings, sessions: sessions, responder: local, clock: clock, seed: seed, onRefusal: onRefusal,
            onUpstreamChange: onUpstreamChange, resolver: NameResolver(interval: settings.limits.upstreamNameInterval),
            accessLogWriter: settings.accessLog.map { AccessLogWriter(write: $0.write) })
        state = Mutex(.new(routes))
    }

    /// Listens. Returns the addresses, with the ports that were taken. Throws `ListenError`.
    ///
    /// - Parameters:
    ///   - inherited: sockets that are used instead of new ones, where they have the name of an address.
    ///   - accepts: false: connections wait in the queues of the sockets until `beginAccepting`. Two processes that accept
    ///     on one socket at a time wake each other for nothing, which the socket layer takes for an error.
    public func start(inheriting inherited: [InheritedSocket] = [], accepts: Bool = true) async throws -> [ListenAddress] {
        let table = try state.withLock { state in
            guard case .new(let table) = state else { throw Failure.alreadyStarted }
            state = .starting
            return table
        }
        dependencies.resolver.start()
        dependencies.accessLogWriter?.start()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, dependencies.settings.loops))
        var listeners: [Listener] = []
        do {
            var loops: [NIOLoopBound<LoopState>] = []
            for eventLoop in group.makeIterator() { loops.append(try await makeLoop(eventLoop, table).get()) }
            // All of them before the first accepts: what can't be served must not have taken connections already.
            var sockets: [ListeningSocket] = []
            for address in dependencies.settings.listen {
                sockets.append(try ListeningSocket.open(address, inherited: inherited, unixMode: dependencies.settings.unixSocketMode))
            }
            for socket in sockets {
                listeners.append(Listener(socket: socket, channel: try await listen(socket, group, loops, accepts: accepts)))
            }
            let bound = listeners.map { Self.boundAddress($0) }
            let prober = try await makeProber(on: group.any(), loops, table).get()
            state.withLock { $0 = .running(Running(group: group, loops: loops, listeners: listeners, prober: prober)) }
            return bound
        } catch {
            for listener in listeners { try? await listener.channel.close() }
            dependencies.resolver.shutDown()
            await dependencies.accessLogWriter?.shutDown()
            try? await group.shutdownGracefully()
            state.withLock { $0 = .ended }
            throw error
        }
    }

    /// Serves by other routes; each event loop does when it returns. Requests under way end as they began.
    public func replace(routes: RouteTable) async {
        await onAllLoops { $0.replace(table: routes) }
        dependencies.resolver.retain(routes.upstreamNames)
        // After the loops have the new pools: what the checks know is told to these.
        if let prober = state.withLock({ $0.prober }) {
            prober.eventLoop.execute { prober.value.replace(targets: routes.upstreams) }
        }
    }

    /// Shows these certificates to new connections; each event loop does when it returns. Only where there were some
    /// at the start.
    public func replace(tls: TLSContext) async {
        await onAllLoops { $0.replace(tls: tls) }
    }

    /// Drops cached answers, throws away answers that are on their way, and has responses under way
    /// checked: those whose session has ended are cut.
    public func invalidate(_ invalidation: Invalidation) {
        onEachLoop { $0.invalidate(invalidation) }
    }

    /// The sockets that it listens on, for another process to go on with.
    public var listeningSockets: [InheritedSocket] {
        state.withLock { state in
            guard case .running(let running) = state else { return [] }
            return running.listeners.map {
                InheritedSocket(names: [$0.socket.address.description], descriptor: $0.socket.descriptor)
            }
        }
    }

    /// After a start that did not accept.
    public func beginAccepting() async {
        for listener in listeners { try? await listener.channel.setOption(.autoRead, value: true).get() }
    }

    /// Takes no new connections from now on; those that there are go on. `shutDown` does it, too.
    public func stopAccepting() async {
        // Closing at once would lose connections that are accepted and not yet registered on their loop.
        for listener in listeners { try? await listener.channel.setOption(.autoRead, value: false).get() }
        for _ in 0..<3 {
            for loop in loops { try? await loop.eventLoop.submit {}.get() }
        }
        for listener in listeners { try? await listener.channel.close() }
    }

    private var listeners: [Listener] {
        state.withLock { state in if case .running(let running) = state { running.listeners } else { [] } }
    }

    /// What becomes of the paths of unix sockets.
    public enum SocketPaths: Sendable {
        case remove
        /// Another process listens on.
        case keep
    }

    /// Stops listening, lets requests under way end for at most `deadline`, then closes everything.
    public func shutDown(deadline: Duration = .seconds(30), paths: SocketPaths = .remove) async {
        await stopAccepting()
        let running: Running? = state.withLock { state in
            defer { state = .ended }
            if case .running(let running) = state { return running }
            return nil
        }
        guard let running else { return }
        running.prober.eventLoop.execute { running.prober.value.stop() }
        if case .remove = paths { for listener in running.listeners { listener.socket.removePath() } }
        await drain(running, deadline)
        for loop in running.loops { try? await loop.eventLoop.submit { loop.value.closeAll() }.get() }
        try? await running.group.shutdownGracefully()
        dependencies.resolver.shutDown()
        await dependencies.accessLogWriter?.shutDown()
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

    private var loops: [NIOLoopBound<LoopState>] {
        state.withLock { state in
            if case .running(let running) = state { return running.loops }
            return []
        }
    }

    private func onEachLoop(_ body: @escaping @Sendable (LoopState) -> Void) {
        for loop in loops { loop.eventLoop.execute { body(loop.value) } }
    }

    /// Throws nothing: a loop that has shut down meanwhile has no more use for it.
    private func onAllLoops(_ body: @escaping @Sendable (LoopState) -> Void) async {
        for submitted in loops.map({ loop in loop.eventLoop.submit { body(loop.value) } }) { try? await submitted.get() }
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

    private func makeProber(on eventLoop: any EventLoop, _ loops: [NIOLoopBound<LoopState>], _ table: RouteTable)
        -> EventLoopFuture<NIOLoopBound<HealthProber>>
    {
        let (resolver, report) = (dependencies.resolver, dependencies.onUpstreamChange)
        return eventLoop.submit {
            let prober = HealthProber(
                eventLoop: eventLoop, resolver: resolver,
                publish: { upstream, isHealthy in
                    for loop in loops { loop.eventLoop.execute { loop.value.note(upstream, isHealthy: isHealthy) } }
                }, report: report)
            prober.replace(targets: table.upstreams)
            return NIOLoopBound(prober, eventLoop: eventLoop)
        }
    }

    private func listen(
        _ socket: ListeningSocket, _ group: MultiThreadedEventLoopGroup, _ loops: [NIOLoopBound<LoopState>], accepts: Bool
    ) async throws -> any Channel {
        let byLoop = Dictionary(uniqueKeysWithValues: loops.map { (ObjectIdentifier($0.eventLoop), $0) })
        let usesTLS = dependencies.settings.tls != nil && socket.isNetwork
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.autoRead, value: accepts)
            .serverChannelInitializer { channel in
                // Out of descriptors, accepting would otherwise fail in a loop.
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler()) }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let loop = byLoop[ObjectIdentifier(channel.eventLoop)]?.value else {
                        throw ChannelError.inappropriateOperationForState
                    }
                    try loop.accept(channel, usesTLS: usesTLS)
                }
            }
        let channel = try await bootstrap.withBoundSocket(try socket.duplicate()).get()
        // NIO has made the queue shorter.
        guard Glibc.listen(socket.descriptor, ListeningSocket.backlog) == 0 else { throw ListenError.system(socket.address, errno: errno) }
        if case .inherited = socket.address, !usesTLS, let host = channel.localAddress?.ipAddress,
            !Self.isLoopback(host), dependencies.settings.trustedProxies.networks.isEmpty
        {
            try? await channel.close()
            throw ListenError.plainOffLoopback(socket.address)
        }
        return channel
    }

    private static func isLoopback(_ host: String) -> Bool {
        [AddressRange("127.0.0.0/8"), AddressRange("::1")].contains { range in
            guard let range, let address = IPAddress(host) else { return false }
            return range.contains(address)
        }
    }

    private static func boundAddress(_ listener: Listener) -> ListenAddress {
        guard case .tcp(let host, _) = listener.socket.address, let port = listener.channel.localAddress?.port else {
            return listener.socket.address
        }
        return .tcp(host: host, port: port)
    }
}
