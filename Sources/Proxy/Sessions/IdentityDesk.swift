import NIOCore

/// The sessions of one loop: cache, invalidations and questions under way. Confined to its loop.
final class IdentityDesk {
    /// How long after an `unknown` the source is left alone about an entry that is served meanwhile.
    static let retryMilliseconds: Int64 = 1_000
    /// How often a question is asked again because an invalidation fell into it.
    static let maximumAttempts = 4

    enum Freshness: Equatable {
        case fresh
        /// To be asked again before it is used; usable within grace if the answer is unknown.
        case due
        case gone
    }

    /// Called when the session of a response under way has turned out to be over.
    var onRefusedRecheck: () -> Void = {}
    private let eventLoop: any EventLoop
    private let source: any SessionSource
    private let limits: ProxyLimits
    private let clock: @Sendable () -> UnixMilliseconds
    private let sessions: IdentityCache
    private let anonymous: IdentityCache
    private(set) var log = InvalidationLog()
    private var pending: [IdentityKey: PendingLookup] = [:]
    /// Every open question, also one that a later one of the same key has replaced in `pending`.
    private var open: [ObjectIdentifier: PendingLookup] = [:]

    init(eventLoop: any EventLoop, source: any SessionSource, limits: ProxyLimits, clock: @escaping @Sendable () -> UnixMilliseconds) {
        self.eventLoop = eventLoop
        self.source = source
        self.limits = limits
        self.clock = clock
        sessions = IdentityCache(capacity: limits.maximumCachedSessions)
        anonymous = IdentityCache(capacity: limits.maximumCachedAnonymous)
    }

    @inline(__always)
    func cached(_ key: IdentityKey, authority: ByteView, scheme: Scheme) -> CachedIdentity? {
        (key.tokenHash == nil ? anonymous : sessions).find(key, authority: authority, scheme: scheme)
    }

    @inline(__always)
    func freshness(_ entry: CachedIdentity) -> Freshness {
        let now = clock()
        if entry.isRefused || now >= entry.headers.expiresAt { return .gone }
        if entry.checkedGeneration != log.generation {
            if log.invalidates(entry) { return .gone }
            entry.checkedGeneration = log.generation
        }
        if now < entry.headers.refreshAt, log.suspicion == nil || !log.suspects(entry) { return .fresh }
        return now < entry.retryAt ? .fresh : .due
    }

    /// Whether a response that is under way for `entry` may go on: `due` asks for a check.
    func openExchangeFreshness(_ entry: CachedIdentity) -> Freshness {
        if entry.isAnonymous { return .fresh }
        if entry.isRefused { return .gone }
        let now = clock()
        // At `refreshAt`, too: a session that is idle for too long ends without anybody announcing it.
        let isDue = now >= min(entry.headers.expiresAt, entry.headers.refreshAt) || log.invalidates(entry) || log.suspects(entry)
        return isDue && now >= entry.retryAt ? .due : .fresh
    }

    /// Until when an entry may be used although the source does not answer.
    private func graceEnd(_ entry: CachedIdentity, now: UnixMilliseconds) -> UnixMilliseconds {
        var end = entry.headers.expiresAt
        if let suspicion = log.suspicion, log.suspects(entry) { end = min(end, suspicion.graceUntil) }
        if now >= entry.headers.refreshAt { end = min(end, entry.headers.graceUntil) }
        return end
    }

    func invalidate(_ invalidation: Invalidation) {
        log.note(invalidation)
        if case .everything = invalidation {
            sessions.removeAll()
            anonymous.removeAll()
        }
    }

    /// Called when the log is full. `others`: entries that live outside the caches.
    func settle(_ others: [CachedIdentity]) {
        let touched = { [log] (entry: CachedIdentity) in log.invalidates(entry) }
        sessions.removeAll(where: touched)
        anonymous.removeAll(where: touched)
        let kept = others.filter { !touched($0) }
        log.forgetNames()
        sessions.removeAll { [log] in
            $0.checkedGeneration = log.generation; return false
        }
        anonymous.removeAll { [log] in
            $0.checkedGeneration = log.generation; return false
        }
        for entry in kept { entry.checkedGeneration = log.generation }
    }

    func removeAll() {
        invalidate(.everything)
    }

    /// Asks, or joins those who already ask. False: too many questions are open.
    func ask(
        _ question: LookupQuestion, previous: CachedIdentity?, waiter: any LookupWaiter, requestID: RequestID, now: Int64
    ) -> Bool {
        if let asked = pending[question.key], asked.asksTheSame(as: question), asked.purpose == .request {
            asked.waiters.append(waiter)
            return true
        }
        guard open.count < limits.maximumLookupsPerLoop else { return false }
        let lookup = start(question, .request, requestID, previous, now)
        lookup.waiters.append(waiter)
        return true
    }

    /// Checks the session of a response that is under way.
    func recheck(_ entry: CachedIdentity, now: Int64) {
        guard pending[entry.key] == nil, open.count < limits.maximumLookupsPerLoop else { return }
        entry.retryAt = clock() + Self.retryMilliseconds
        let question = LookupQuestion(
            key: entry.key, route: entry.route, scheme: entry.scheme, authority: entry.authority,
            organizationSlug: entry.organizationSlug)
        _ = start(question, .openExchange, nil, entry, now)
    }

    @discardableResult
    private func start(
        _ question: LookupQuestion, _ purpose: SessionLookup.Purpose, _ requestID: RequestID?, _ previous: CachedIdentity?, _ now: Int64
    ) -> PendingLookup {
        let lookup = PendingLookup(
            question: question, purpose: purpose, requestID: requestID, previous: previous,
            deadline: now + limits.sessionLookup.milliseconds)
        pending[question.key] = lookup
        open[ObjectIdentifier(lookup)] = lookup
        send(lookup)
        return lookup
    }

    private func send(_ lookup: PendingLookup) {
        lookup.attempts += 1
        lookup.askedGeneration = log.generation
        let promise = eventLoop.makePromise(of: SourceAnswer.self)
        promise.futureResult.assumeIsolated().whenSuccess { answer in self.receive(answer, for: lookup) }
        let source = self.source
        if let tokenHash = lookup.key.tokenHash {
            let question = SessionLookup(
                tokenHash: tokenHash, organizationSlug: lookup.organizationSlug, origin: lookup.origin, route: lookup.route,
                purpose: lookup.purpose, requestID: lookup.requestID?.text ?? "")
            promise.completeWithTask { SourceAnswer(await source.session(question)) }
        } else {
            let question = AnonymousLookup(organizationSlug: lookup.organizationSlug, origin: lookup.origin, route: lookup.route)
            promise.completeWithTask { SourceAnswer(await source.anonymous(question)) }
        }
    }

    private func receive(_ answer: SourceAnswer, for lookup: PendingLookup) {
        guard lookup.isOpen else { return }
        if case .headers(let headers) = answer, !HeaderBlock.isWellFormed(headers.block) {
            end(lookup, .unknown)
            return
        }
        // The answer may have been read before the change: it is thrown away.
        if lookup.askedGeneration != log.generation {
            if lookup.attempts < Self.maximumAttempts {
                send(lookup)
                return
            }
            if case .headers(let headers) = answer,
                log.touched(lookup.key.tokenHash, headers.tags, since: lookup.askedGeneration)
            {
                end(lookup, .unknown)
                return
            }
        }
        switch answer {
        case .headers(let headers):
            let entry = CachedIdentity(
                key: lookup.key, route: lookup.route, scheme: lookup.scheme, authority: lookup.authority,
                organizationSlug: lookup.organizationSlug, headers: headers, generation: lookup.askedGeneration)
            end(lookup, .identity(entry))
        case .absent: end(lookup, .absent)
        case .forbidden: end(lookup, .forbidden)
        case .stepUpNeeded: end(lookup, .stepUpNeeded)
        case .unknown: end(lookup, .unknown)
        }
    }

    private func end(_ lookup: PendingLookup, _ answer: LookupOutcome) {
        lookup.isOpen = false
        open[ObjectIdentifier(lookup)] = nil
        if pending[lookup.key] === lookup { pending[lookup.key] = nil }
        let outcome = keep(answer, of: lookup)
        for waiter in lookup.waiters { waiter.lookupEnded(lookup.key, outcome) }
        lookup.waiters = []
    }

    /// Brings caches and the replaced entry up to date, and turns `unknown` into the old entry in grace.
    private func keep(_ answer: LookupOutcome, of lookup: PendingLookup) -> LookupOutcome {
        let cache = lookup.key.tokenHash == nil ? anonymous : sessions
        switch answer {
        case .identity(let entry):
            cache.insert(entry)
            lookup.previous?.successor = entry
        case .absent, .forbidden, .stepUpNeeded:
            if let previous = lookup.previous {
                previous.isRefused = true
                cache.remove(previous)
                onRefusedRecheck()
            }
        case .unknown:
            guard let previous = lookup.previous, !previous.isRefused else { return answer }
            let now = clock()
            guard !log.invalidates(previous), now < graceEnd(previous, now: now) else {
                if lookup.purpose == .openExchange {
                    previous.isRefused = true
                    onRefusedRecheck()
                }
                return answer
            }
            previous.retryAt = min(now + Self.retryMilliseconds, graceEnd(previous, now: now))
            return .identity(previous)
        }
        return answer
    }

    /// Ends questions whose time is up. Monotonic milliseconds.
    func tick(now: Int64) {
        guard !open.isEmpty else { return }
        for lookup in open.values where lookup.deadline <= now { end(lookup, .unknown) }
    }
}

/// Both kinds of answer in one.
private enum SourceAnswer: Sendable {
    case headers(IdentityHeaders)
    case absent
    case forbidden
    case stepUpNeeded
    case unknown

    init(_ answer: SessionAnswer) {
        switch answer {
        case .session(let headers): self = .headers(headers)
        case .absent: self = .absent
        case .forbidden: self = .forbidden
        case .stepUpNeeded: self = .stepUpNeeded
        case .unknown: self = .unknown
        }
    }

    init(_ answer: AnonymousAnswer) {
        switch answer {
        case .headers(let headers): self = .headers(headers)
        case .noSuchOrganization: self = .absent
        case .unknown: self = .unknown
        }
    }
}
