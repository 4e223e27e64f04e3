import NIOCore

/// Everything that belongs to one event loop. Confined to it.
///
/// What it owns holds it strongly until `closeAll`, and nothing here is held weakly: a weak reference makes every
/// later count of its object slow, and these are counted for each request.
final class LoopState {
    /// Scratch memory larger than this is not kept after use.
    static let maximumScratchBytes = 128 * 1024
    /// From the answer that a session is over to the end of its responses.
    static let checkDelayMilliseconds: Int64 = 20

    let eventLoop: any EventLoop
    let settings: ProxySettings
    let times: Times
    let responder: any LocalResponder
    let reader: RequestReader
    let desk: IdentityDesk
    let responseParser: ResponseHeadParser
    let responseFields: FieldList
    let onRefusal: @Sendable (_ requestID: String, _ label: String) -> Void
    let onUpstreamChange: @Sendable (UpstreamReport) -> Void
    let resolver: NameResolver
    let peers: PeerConnections
    /// `nil`: requests get no line.
    let accessLog: AccessLogBuffer?
    private(set) var table: RouteTable
    /// Bytes on their way to a client within one callback; empty between callbacks.
    var scratch: ByteBuffer
    private(set) var pools: [UpstreamPool]
    private var retiredPools: [UpstreamPool] = []
    /// Counts choices among several upstreams.
    var choices: UInt64 = 0
    private var requestIDs: RequestIDGenerator
    private let normalTable: UnsafeMutablePointer<UInt8>
    /// Client connections, in whatever state.
    private var openConnections = 0
    private var newcomers = Registry<Newcomer>()
    /// One for each HTTP/1.1 connection and each HTTP/2 stream.
    private var exchanges = Registry<Exchange>()
    private var http2Connections = Registry<HTTP2Connection>()
    /// What new connections are shown. `nil`: no listener has TLS.
    private(set) var tls: TLSContext?
    private let maximumConnections: Int
    private var checkIsScheduled = false
    var localRequests = 0
    var localBodyBytes = 0
    private(set) var isDraining = false
    private var drained: EventLoopPromise<Void>?
    /// Monotonic milliseconds, as of the last tick or slow step.
    private(set) var now: Int64

    /// All deadlines in milliseconds.
    struct Times {
        let head, idle, bodyIdle, upstreamConnect, upstreamResponse, upstreamBodyIdle, upstreamKeepAlive, localResponse, linger,
            resolution: Int64

        init(_ limits: ProxyLimits) {
            head = limits.headDeadline.milliseconds
            idle = limits.idle.milliseconds
            bodyIdle = limits.bodyIdle.milliseconds
            upstreamConnect = limits.upstreamConnect.milliseconds
            upstreamResponse = limits.upstreamResponse.milliseconds
            upstreamBodyIdle = limits.upstreamBodyIdle.milliseconds
            upstreamKeepAlive = limits.upstreamKeepAlive.milliseconds
            localResponse = limits.localResponse.milliseconds
            linger = limits.linger.milliseconds
            resolution = max(1, limits.timerResolution.milliseconds)
        }
    }

    struct Dependencies: Sendable {
        let settings: ProxySettings
        let sessions: any SessionSource
        let responder: any LocalResponder
        let clock: @Sendable () -> UnixMilliseconds
        let seed: @Sendable () -> UInt64
        let onRefusal: @Sendable (_ requestID: String, _ label: String) -> Void
        let onUpstreamChange: @Sendable (UpstreamReport) -> Void
        let resolver: NameResolver
        let accessLogWriter: AccessLogWriter?
        /// Of the process.
        let peers = PeerConnections()
    }

    init(eventLoop: any EventLoop, table: RouteTable, dependencies: Dependencies) {
        let limits = dependencies.settings.limits
        self.eventLoop = eventLoop
        self.table = table
        settings = dependencies.settings
        tls = dependencies.settings.tls
        responder = dependencies.responder
        onRefusal = dependencies.onRefusal
        onUpstreamChange = dependencies.onUpstreamChange
        peers = dependencies.peers
        resolver = dependencies.resolver
        accessLog = dependencies.accessLogWriter.flatMap { writer in
            dependencies.settings.accessLog.map { AccessLogBuffer(settings: $0, writer: writer, clock: dependencies.clock) }
        }
        times = Times(limits)
        reader = RequestReader(settings: settings, table: table)
        desk = IdentityDesk(eventLoop: eventLoop, source: dependencies.sessions, limits: limits, clock: dependencies.clock)
        normalTable = FieldSectionParser.makeNormalTable()
        responseParser = ResponseHeadParser(section: FieldSectionParser(normal: normalTable))
        responseFields = FieldList(capacity: limits.maximumFields)
        scratch = ByteBufferAllocator().buffer(capacity: 8 * 1024)
        requestIDs = RequestIDGenerator(seed: (dependencies.seed(), dependencies.seed()))
        maximumConnections = max(1, limits.maximumConnections / max(1, dependencies.settings.loops))
        pools = []
        now = Self.monotonicNow()
        pools = table.upstreams.map { UpstreamPool(target: $0, loop: self) }
        desk.onRefusedRecheck = { [unowned self] in scheduleCheck() }
    }

    deinit { normalTable.deallocate() }

    private static func monotonicNow() -> Int64 { Int64(clamping: NIODeadline.now().uptimeNanoseconds / 1_000_000) }

    /// Empties the scratch memory. It is the same memory as before unless a write still holds it.
    func clearScratch() {
        if scratch.capacity > Self.maximumScratchBytes {
            scratch = ByteBufferAllocator().buffer(capacity: 8 * 1024)
        } else {
            scratch.clear()
        }
    }

    /// At the end of a callback: what nobody has written belongs to a client that has gone meanwhile, and
    /// must not reach the next one.
    @inline(__always)
    func checkScratch() {
        if scratch.readableBytes > 0 { clearScratch() }
    }

    func nextRequestID() -> RequestID { requestIDs.next() }

    // MARK: Clients

    /// False: this loop has its share already.
    func admitConnection(_ channel: any Channel) -> Bool {
        guard openConnections < maximumConnections else { return false }
        openConnections += 1
        channel.closeFuture.assumeIsolated().whenComplete { _ in
            self.openConnections -= 1
            self.endDrainIfEmpty()
        }
        return true
    }

    func add(_ newcomer: Newcomer) -> Newcomer {
        newcomers.add(newcomer)
        return newcomer
    }

    func remove(_ newcomer: Newcomer) { newcomers.remove(newcomer) }

    func add(_ exchange: Exchange) { exchanges.add(exchange) }

    func remove(_ exchange: Exchange) { exchanges.remove(exchange) }

    func add(_ connection: HTTP2Connection) { http2Connections.add(connection) }

    func remove(_ connection: HTTP2Connection) { http2Connections.remove(connection) }

    // MARK: Changes from outside

    func replace(table: RouteTable) {
        self.table = table
        reader.replace(table: table)
        desk.removeAll()
        var known: [Upstream: UpstreamPool] = [:]
        for pool in pools { known[pool.target.upstream] = pool }
        pools = table.upstreams.map { target in
            guard let pool = known.removeValue(forKey: target.upstream) else { return UpstreamPool(target: target, loop: self) }
            pool.replace(target: target)
            return pool
        }
        for pool in known.values {
            pool.retire()
            retiredPools.append(pool)
        }
    }

    /// Connections that are open keep what they were shown.
    func replace(tls: TLSContext) { self.tls = tls }

    /// A health check has changed its mind.
    func note(_ upstream: Upstream, isHealthy: Bool) {
        for pool in pools where pool.target.upstream == upstream { pool.note(isHealthy: isHealthy) }
    }

    func invalidate(_ invalidation: Invalidation) {
        desk.invalidate(invalidation)
        if desk.log.isFull { desk.settle(exchanges.members.compactMap(\.openIdentity)) }
        checkOpenExchanges()
    }

    // MARK: Time

    func tick() {
        now = Self.monotonicNow()
        desk.tick(now: now)
        checkOpenExchanges()
        // Those who close themselves change the list.
        for exchange in exchanges.members where exchange.deadline <= now { exchange.deadlinePassed() }
        for connection in http2Connections.members where connection.deadline <= now { connection.deadlinePassed() }
        for newcomer in newcomers.members where newcomer.deadline <= now { newcomer.close() }
        for pool in pools { pool.tick(now: now) }
        for pool in retiredPools { pool.tick(now: now) }
        retiredPools.removeAll { $0.isEmpty }
        accessLog?.handOver()
    }

    /// A session with a response under way has turned out to be over: not at the next tick, but not once
    /// for each of thousands either.
    private func scheduleCheck() {
        guard !checkIsScheduled else { return }
        checkIsScheduled = true
        eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Self.checkDelayMilliseconds)) {
            self.checkIsScheduled = false
            self.checkOpenExchanges()
        }
    }

    /// Cuts responses under way whose session has ended, and has the others in doubt checked: a stream
    /// must not outlive the right to open it.
    private func checkOpenExchanges() {
        for exchange in exchanges.members {
            guard let identity = exchange.openIdentity else { continue }
            switch desk.openExchangeFreshness(identity) {
            case .fresh: break
            case .due: desk.recheck(identity, now: now)
            case .gone: exchange.cut()
            }
        }
    }

    // MARK: Draining

    /// Ends connections with the response under way. One that is idle may have a request on its way to us, which
    /// nobody would answer if it were closed now: it gets a moment, and closes with the next response.
    func drain() -> EventLoopFuture<Void> {
        isDraining = true
        let promise = drained ?? eventLoop.makePromise(of: Void.self)
        drained = promise
        for exchange in exchanges.members {
            if let transport = exchange.transport, transport.isIdle { exchange.setDeadline(times.linger) }
        }
        for connection in http2Connections.members { connection.drain() }
        endDrainIfEmpty()
        return promise.futureResult
    }

    func closeAll() {
        for exchange in exchanges.members { exchange.transport?.close() }
        for connection in http2Connections.members { connection.close() }
        for newcomer in newcomers.members { newcomer.close() }
        for pool in pools + retiredPools { pool.retire() }
        accessLog?.handOver()
        // They hold the loop.
        pools = []
        retiredPools = []
    }

    private func endDrainIfEmpty() {
        guard isDraining, openConnections == 0, let drained else { return }
        self.drained = nil
        drained.succeed()
    }
}
