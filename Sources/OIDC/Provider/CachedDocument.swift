/// One document of one issuer: what is held, what is on the way, and what failed last.
///
/// A value without effects. The owner asks `next(now:)` what to do, does it, and reports with
/// `began` and `finished`. Times are milliseconds of the owner's clock; a clock that was set back
/// makes a document stale, never fresh for longer.
struct CachedDocument<Value: Sendable>: Sendable {
    typealias Fetch = Task<Result<Held, ProviderRefusal>, Never>

    struct Held: Sendable {
        let value: Value
        let fetchedAt: Int64
        let freshUntil: Int64
        /// Differs between any two fetches.
        let fetchID: UInt64

        init(value: Value, now: Int64, freshness: Int64, fetchID: UInt64) {
            self.value = value
            fetchedAt = now
            freshUntil = now + freshness
            self.fetchID = fetchID
        }

        func isFresh(_ now: Int64) -> Bool { fetchedAt <= now && now < freshUntil }
        func isUsable(_ now: Int64) -> Bool { fetchedAt <= now && now < freshUntil + ProviderTimes.maximumStaleness }
    }

    enum Next {
        case use(Held)
        /// Use it, and begin a fetch that nobody waits for.
        case useAndFetch(Held)
        /// A fetch is on the way: wait for it.
        case wait(Fetch)
        case fetch
        /// The last fetch failed a moment ago.
        case refuse(ProviderRefusal)
    }

    private(set) var held: Held?
    private(set) var inFlight: (fetch: Fetch, fetchID: UInt64)?
    private var lastFailure: (refusal: ProviderRefusal, at: Int64)?

    func next(now: Int64) -> Next {
        if let held, held.isFresh(now) { return .use(held) }
        if let held, held.isUsable(now) {
            return inFlight == nil && recentFailure(now) == nil ? .useAndFetch(held) : .use(held)
        }
        if let inFlight { return .wait(inFlight.fetch) }
        if let refusal = recentFailure(now) { return .refuse(refusal) }
        return .fetch
    }

    mutating func began(_ fetch: Fetch, fetchID: UInt64) {
        inFlight = (fetch, fetchID)
    }

    /// Ignored if another fetch has begun since: then this one is of a document that was given up.
    mutating func finished(fetchID: UInt64, now: Int64, _ result: Result<Held, ProviderRefusal>) {
        guard inFlight?.fetchID == fetchID else { return }
        inFlight = nil
        switch result {
        case .success(let held):
            self.held = held
            lastFailure = nil
        case .failure(let refusal):
            lastFailure = (refusal, now)
        }
    }

    private func recentFailure(_ now: Int64) -> ProviderRefusal? {
        guard let lastFailure, lastFailure.at <= now, now < lastFailure.at + ProviderTimes.failureRetryInterval else {
            return nil
        }
        return lastFailure.refusal
    }
}
