import NIOCore

/// One request and its response, from the complete head on, whatever protocol the client speaks: the
/// decision, the wait for it, the upstream or the gateway's own answer, and every deadline. An HTTP/1.1
/// connection has one and uses it again; a stream of HTTP/2 has one for its life. Confined to its loop.
final class Exchange: Registered {
    let loop: LoopState
    let peer: Peer
    /// From the moment it is on the loop's list until `end`.
    private(set) var transport: (any ClientTransport)?
    var phase = ExchangePhase.idle
    var request = RequestProgress()
    /// What carries the request under way to its upstream, once it is open.
    var upstream: UpstreamTransport?
    /// Loop time at which `deadlinePassed` is called.
    private(set) var deadline: Int64
    var registryIndex = -1

    init(loop: LoopState, peer: Peer) {
        self.loop = loop
        self.peer = peer
        deadline = loop.now + loop.times.head + loop.times.resolution
    }

    func attach(to transport: any ClientTransport) { self.transport = transport }

    func setDeadline(_ milliseconds: Int64) {
        // `now` may be one tick old.
        deadline = loop.now + milliseconds + loop.times.resolution
    }

    /// A head has begun: it gets its id and its time.
    func begin() {
        request.id = loop.nextRequestID()
        if let log = loop.accessLog { request.record = log.begin(request.id) }
        setDeadline(loop.times.head)
    }

    /// Ready for the next request of the same connection.
    func reset() {
        request = RequestProgress()
        phase = .idle
    }

    var bodyUse: BodyUse {
        switch phase {
        case .idle, .deciding: .wait
        case .collecting: .take
        case .answering, .ended: .discard
        case .forwarding: upstream == nil || request.bodyIsComplete ? .wait : .take
        case .tunneling: .take
        }
    }

    /// The identity with which a response is under way.
    var openIdentity: CachedIdentity? {
        switch phase {
        case .forwarding, .tunneling: break
        case .idle, .deciding, .collecting, .answering, .ended: return nil
        }
        guard var identity = request.identity else { return nil }
        guard identity.successor != nil else { return identity }
        while let successor = identity.successor { identity = successor }
        request.identity = identity
        return identity
    }

    // MARK: The end

    /// The response is sent.
    func finish() {
        logAccess(isComplete: true)
        request.identity = nil
        phase = .ended
        transport?.exchangeEnded()
    }

    func cut() {
        logAccess(isComplete: false)
        transport?.cut()
    }

    /// Writes the request's line, if it gets one; once.
    func logAccess(isComplete: Bool) {
        guard let record = request.record else { return }
        request.record = nil
        loop.accessLog?.end(record, request, isComplete: isComplete)
    }

    /// The transport is gone. Releases everything. Safe to call again.
    func end() {
        guard transport != nil else { return }
        // The client has gone in the middle of a request.
        if request.record?.method.isEmpty == false { logAccess(isComplete: false) }
        if case .collecting(let collection) = phase { loop.localBodyBytes -= collection.body.count }
        phase = .ended
        request.identity = nil
        request.outgoing = nil
        abandonUpstream()
        transport = nil
        loop.remove(self)
    }

    func abandonUpstream() {
        guard let upstream else { return }
        self.upstream = nil
        upstream.abandon()
    }

    // MARK: Time

    /// A deadline of the current phase has passed.
    func deadlinePassed() {
        switch phase {
        case .idle, .ended: transport?.deadlinePassed()
        // The questions have deadlines of their own; this one is a last resort.
        case .deciding: refuse(.overloaded)
        case .collecting: bodyDeadlinePassed()
        case .answering: refuse(.localTimeout)
        case .forwarding: forwardingDeadlinePassed()
        case .tunneling: cut()
        }
    }

    private func bodyDeadlinePassed() {
        if request.bodyBytes >= loop.settings.limits.minimumBodyBytes {
            request.bodyBytes = 0
            setDeadline(bodyPatience)
        } else {
            refuse(.bodyTimeout)
        }
    }

    private func forwardingDeadlinePassed() {
        let isReading = transport.map { !$0.holdsReads } ?? false
        if !request.bodyIsComplete, isReading, upstream != nil { return bodyDeadlinePassed() }
        if case .none = request.response { return failUpstream(.gatewayTimeout) }
        cut()
    }
}
