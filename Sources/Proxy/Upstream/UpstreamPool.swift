import NIOCore

/// The connections of one loop to one upstream, and what the loop knows about its health.
final class UpstreamPool {
    /// SO_RCVBUF of upstream connections. What the kernel holds when an upstream closes is read at once,
    /// whoever is slow to take it: this bounds what one slow client can make us hold.
    static let receiveBufferBytes: ChannelOptions.Types.SocketOption.Value = 256 * 1024

    enum Failure {
        case notOpened(DialFailure)
        case full
    }

    /// Another one, for an equal upstream, after a reload.
    private(set) var target: UpstreamTarget
    private let loop: LoopState
    /// Unused ones; the last is the most recently used.
    private var idle: [UpstreamConnection] = []
    /// Requests under way, and connections being opened.
    private(set) var busy = 0
    private var passive = PassiveHealth()
    /// What the health check says.
    private var isHealthy = true
    private var isRetired = false
    private var dials = 0
    /// Addresses that could not be reached, until one can.
    private var failedAddresses: Set<SocketAddress> = []
    /// `nil`: the upstream is spoken to in HTTP/1.1.
    private var http2: HTTP2UpstreamConnections?

    init(target: UpstreamTarget, loop: LoopState) {
        self.target = target
        self.loop = loop
        if target.upstream.speaksHTTP2 { http2 = HTTP2UpstreamConnections(pool: self, loop: loop) }
    }

    var isEmpty: Bool { busy == 0 && idle.isEmpty && http2?.isEmpty ?? true }

    func replace(target: UpstreamTarget) { self.target = target }

    // MARK: Connections

    /// An open connection that nobody uses. There are none with HTTP/2, where a request shares one.
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

    /// Opens a connection within `timeout` milliseconds for each address. `receiver` hears of it later, on this loop.
    func connect(for receiver: any ResponseReceiver, timeout: Int64) {
        guard busy < loop.settings.limits.maximumUpstreamConnections else {
            // Not at once: the receiver is still in the middle of its decision.
            loop.eventLoop.assumeIsolated().execute { receiver.upstreamUnreachable(.full, self) }
            return
        }
        busy += 1
        if let http2 { return http2.openStream(for: receiver, timeout: timeout) }
        dial(
            timeout: timeout, makeHandler: { UpstreamConnection(pool: self, loop: self.loop) },
            end: { result in
                switch result {
                case .success(let connection):
                    guard receiver.wantsUpstream(of: self) else {
                        // The client has gone meanwhile; the next one may have the connection.
                        self.giveBack(connection)
                        return
                    }
                    receiver.upstreamOpened(.connection(connection))
                case .failure(let failure):
                    self.busy -= 1
                    self.noteUnreachable(failure)
                    receiver.upstreamUnreachable(.notOpened(failure), self)
                }
            })
    }

    /// Opens a connection to one of the upstream's addresses, each within `timeout` milliseconds.
    func dial<Handler: DialedHandler>(
        timeout: Int64, makeHandler: @escaping () -> Handler, end: @escaping (Result<Handler, DialFailure>) -> Void
    ) {
        dials &+= 1
        let order = AddressOrder(first: dials, last: failedAddresses) { self.noteFailed($0) }
        Dial.start(
            target, on: loop.eventLoop, resolver: loop.resolver, timeout: .milliseconds(timeout), order: order, makeHandler: makeHandler,
            end: { result in
                if case .success(let opened) = result { self.failedAddresses.remove(opened.address) }
                end(result.map(\.handler))
            })
    }

    private func noteFailed(_ address: SocketAddress) {
        if failedAddresses.count < NameResolver.maximumAddresses { failedAddresses.insert(address) } else { failedAddresses = [address] }
    }

    // MARK: Streams of HTTP/2

    /// A request that has left a stream waits for another.
    func took() { busy += 1 }

    /// A stream has ended, whatever it was used for.
    func streamEnded() {
        busy -= 1
        http2?.serve()
        if isRetired || loop.isDraining { http2?.closeIdle() }
    }

    /// The upstream allows another number of streams.
    func streamsAllowed() { http2?.serve() }

    func lostConnection(_ connection: HTTP2UpstreamConnection) { http2?.remove(connection) }

    // MARK: Health

    /// Whether another upstream of a route is used, if there is one.
    @inline(__always)
    func isAvoided(now: Int64) -> Bool { !isHealthy || passive.isAvoided(now: now) }

    /// The health check says so.
    func note(isHealthy: Bool) { self.isHealthy = isHealthy }

    /// A response has begun.
    @inline(__always)
    func noteAnswer() {
        if passive.answered() { report(.recovered, "answered") }
    }

    func noteUnreachable(_ failure: DialFailure) {
        if passive.unreachable(now: loop.now) { report(.avoided, failure.rawValue) }
    }

    /// A request was taken, and there was no response to it, or none in HTTP.
    func noteUnanswered() {
        if passive.leftUnanswered(now: loop.now) { report(.avoided, "no_answer") }
    }

    private func report(_ change: UpstreamReport.Change, _ reason: String) {
        loop.onUpstreamChange(UpstreamReport(upstream: target.upstream.description, change: change, reason: reason))
    }

    // MARK: Time

    func tick(now: Int64) {
        let limit = now - loop.times.upstreamKeepAlive
        http2?.expire(idleSince: limit)
        guard let oldest = idle.first, oldest.idleSince <= limit else { return }
        let expired = idle.prefix { $0.idleSince <= limit }
        idle.removeFirst(expired.count)
        for connection in expired { connection.close() }
    }

    /// No route uses the upstream any more.
    func retire() {
        isRetired = true
        http2?.closeIdle()
        let unused = idle
        idle = []
        for connection in unused { connection.close() }
    }
}
