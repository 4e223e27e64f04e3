import NIOCore
import NIOPosix

/// The connections of one loop to one upstream.
final class UpstreamPool {
    /// How long an upstream that could not be reached is used only where there is no other.
    static let avoidanceMilliseconds: Int64 = 5_000
    /// SO_RCVBUF of upstream connections. What the kernel holds when an upstream closes is read at once,
    /// whoever is slow to take it: this bounds what one slow client can make us hold.
    static let receiveBufferBytes: ChannelOptions.Types.SocketOption.Value = 256 * 1024

    enum Failure {
        case couldNotConnect
        case full
    }

    let address: Route.Upstream
    private unowned let loop: LoopState
    private let socketAddress: SocketAddress?
    /// Unused ones; the last is the most recently used.
    private var idle: [UpstreamConnection] = []
    /// Requests under way, and connections being opened.
    private(set) var busy = 0
    private var avoidUntil: Int64 = 0
    private var isRetired = false

    init(address: Route.Upstream, loop: LoopState) {
        self.address = address
        self.loop = loop
        socketAddress = try? SocketAddress(ipAddress: address.host, port: address.port)
    }

    var isEmpty: Bool { busy == 0 && idle.isEmpty }

    func isAvoided(now: Int64) -> Bool { avoidUntil > now }

    /// An open connection that nobody uses.
    func takeIdle() -> UpstreamConnection? {
        guard let connection = idle.popLast() else { return nil }
        busy += 1
        return connection
    }

    func giveBack(_ connection: UpstreamConnection) {
        busy -= 1
        guard !isRetired, !loop.isDraining, idle.count < loop.settings.limits.maximumIdleUpstreamConnections else {
            connection.close()
            return
        }
        connection.idleSince = loop.now
        idle.append(connection)
    }

    /// A connection in use has closed.
    func lost() { busy -= 1 }

    /// An unused connection has closed.
    func lostIdle(_ connection: UpstreamConnection) {
        idle.removeAll { $0 === connection }
    }

    /// Opens a connection. `receiver` hears of it later, on this loop.
    func connect(for receiver: any ResponseReceiver) {
        guard busy < loop.settings.limits.maximumUpstreamConnections else {
            // Not at once: the receiver is still in the middle of its decision.
            loop.eventLoop.assumeIsolated().execute { receiver.upstreamUnreachable(.full) }
            return
        }
        busy += 1
        let connection = UpstreamConnection(pool: self, loop: loop)
        let boxed = NIOLoopBound(connection, eventLoop: loop.eventLoop)
        let bootstrap = ClientBootstrap(group: loop.eventLoop)
            .connectTimeout(.milliseconds(loop.times.upstreamConnect))
            .channelOption(.socketOption(.so_rcvbuf), value: Self.receiveBufferBytes)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(boxed.value) }
            }
        let opening: EventLoopFuture<any Channel> =
            if let socketAddress {
                bootstrap.connect(to: socketAddress)
            } else {
                bootstrap.connect(host: address.host, port: address.port)
            }
        opening.assumeIsolated().whenComplete { [weak receiver] result in
            switch result {
            case .success(let channel) where channel.isActive:
                guard let receiver, receiver.wantsUpstream else {
                    // The client has gone meanwhile; the next one may have the connection.
                    self.giveBack(connection)
                    return
                }
                self.avoidUntil = 0
                receiver.upstreamOpened(connection)
            case .success, .failure:
                self.busy -= 1
                self.avoidUntil = self.loop.now + Self.avoidanceMilliseconds
                receiver?.upstreamUnreachable(.couldNotConnect)
            }
        }
    }

    func tick(now: Int64) {
        let limit = now - loop.times.upstreamKeepAlive
        guard let oldest = idle.first, oldest.idleSince <= limit else { return }
        let expired = idle.prefix { $0.idleSince <= limit }
        idle.removeFirst(expired.count)
        for connection in expired { connection.close() }
    }

    /// No route uses the upstream any more.
    func retire() {
        isRetired = true
        let unused = idle
        idle = []
        for connection in unused { connection.close() }
    }
}
