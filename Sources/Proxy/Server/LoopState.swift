import NIOCore

/// Everything that belongs to one event loop. Confined to it.
final class LoopState {
    /// Scratch memory larger than this is not kept after use.
    static let maximumScratchBytes = 128 * 1024

    let eventLoop: any EventLoop
    let settings: ProxySettings
    let times: Times
    let responder: any LocalResponder
    let reader: RequestReader
    let desk: IdentityDesk
    let responseParser: ResponseHeadParser
    let responseFields: FieldList
    let onRefusal: @Sendable (_ requestID: String, _ label: String) -> Void
    private(set) var table: RouteTable
    /// Bytes on their way to a client within one callback; empty between callbacks.
    var scratch: ByteBuffer
    private(set) var pools: [UpstreamPool]
    private var retiredPools: [UpstreamPool] = []
    private var requestIDs: RequestIDGenerator
    private let normalTable: UnsafeMutablePointer<UInt8>
    /// One for each HTTP/1.1 connection.
    private(set) var exchanges: [Exchange] = []
    private let maximumConnections: Int
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
    }

    init(eventLoop: any EventLoop, table: RouteTable, dependencies: Dependencies) {
        let limits = dependencies.settings.limits
        self.eventLoop = eventLoop
        self.table = table
        settings = dependencies.settings
        responder = dependencies.responder
        onRefusal = dependencies.onRefusal
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
        pools = table.upstreams.map { UpstreamPool(address: $0, loop: self) }
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
    func add(_ exchange: Exchange) -> Bool {
        guard !isDraining, exchanges.count < maximumConnections else { return false }
        exchange.registryIndex = exchanges.count
        exchanges.append(exchange)
        return true
    }

    func remove(_ exchange: Exchange) {
        let index = exchange.registryIndex
        guard index >= 0, index < exchanges.count, exchanges[index] === exchange else { return }
        exchanges.swapAt(index, exchanges.count - 1)
        exchanges.removeLast()
        if index < exchanges.count { exchanges[index].registryIndex = index }
        exchange.registryIndex = -1
        endDrainIfEmpty()
    }

    // MARK: Changes from outside

    func replace(table: RouteTable) {
        self.table = table
        reader.replace(table: table)
        desk.removeAll()
        var known: [Route.Upstream: UpstreamPool] = [:]
        for pool in pools { known[pool.address] = pool }
        pools = table.upstreams.map { known.removeValue(forKey: $0) ?? UpstreamPool(address: $0, loop: self) }
        for pool in known.values {
            pool.retire()
            retiredPools.append(pool)
        }
    }

    func invalidate(_ invalidation: Invalidation) {
        desk.invalidate(invalidation)
        if desk.log.isFull { desk.settle(exchanges.compactMap(\.openIdentity)) }
        checkOpenExchanges()
    }

    // MARK: Time

    func tick() {
        now = Self.monotonicNow()
        desk.tick(now: now)
        checkOpenExchanges()
        // Those who close themselves change the list.
        for exchange in exchanges where exchange.deadline <= now { exchange.deadlinePassed() }
        for pool in pools { pool.tick(now: now) }
        for pool in retiredPools { pool.tick(now: now) }
        retiredPools.removeAll { $0.isEmpty }
    }

    /// Cuts responses under way whose session has ended, and has the others in doubt checked: a stream
    /// must not outlive the right to open it.
    private func checkOpenExchanges() {
        for exchange in exchanges {
            guard let identity = exchange.openIdentity else { continue }
            switch desk.openExchangeFreshness(identity) {
            case .fresh: break
            case .due: desk.recheck(identity, now: now)
            case .gone: exchange.cut()
            }
        }
    }

    // MARK: Draining

    /// Closes idle connections now and the others after their response.
    func drain() -> EventLoopFuture<Void> {
        isDraining = true
        let promise = drained ?? eventLoop.makePromise(of: Void.self)
        drained = promise
        for exchange in exchanges {
            if let transport = exchange.transport, transport.isIdle { transport.close() }
        }
        endDrainIfEmpty()
        return promise.futureResult
    }

    func closeAll() {
        for exchange in exchanges { exchange.transport?.close() }
        for pool in pools + retiredPools { pool.retire() }
    }

    private func endDrainIfEmpty() {
        guard isDraining, exchanges.isEmpty, let drained else { return }
        self.drained = nil
        drained.succeed()
    }
}
