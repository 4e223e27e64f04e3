/// One question to the session source that is under way, and who waits for it.
final class PendingLookup {
    let key: IdentityKey
    let route: Route
    let scheme: Scheme
    let authority: [UInt8]
    let organizationSlug: String
    let purpose: SessionLookup.Purpose
    /// Of the request that asked first.
    let requestID: RequestID?
    /// The entry that the answer replaces.
    let previous: CachedIdentity?
    var waiters: [any LookupWaiter] = []
    var askedGeneration: UInt64 = 0
    var attempts = 0
    /// Monotonic milliseconds.
    let deadline: Int64
    var isOpen = true

    init(
        question: LookupQuestion, purpose: SessionLookup.Purpose, requestID: RequestID?, previous: CachedIdentity?, deadline: Int64
    ) {
        key = question.key
        route = question.route
        scheme = question.scheme
        authority = question.authority
        organizationSlug = question.organizationSlug
        self.purpose = purpose
        self.requestID = requestID
        self.previous = previous
        self.deadline = deadline
    }

    var origin: String { scheme.text + "://" + String(decoding: authority, as: UTF8.self) }

    func asksTheSame(as question: LookupQuestion) -> Bool {
        scheme == question.scheme && authority == question.authority
    }
}

/// What has to be asked before a request can be decided.
struct LookupQuestion {
    let key: IdentityKey
    let route: Route
    let scheme: Scheme
    let authority: [UInt8]
    let organizationSlug: String
}

/// The outcome of a question, for those who wait.
enum LookupOutcome {
    case identity(CachedIdentity)
    /// No session; for the anonymous question: no such organization.
    case absent
    case forbidden
    case stepUpNeeded
    case unknown
}

/// Outcomes that a request has waited for. A decision that is taken again uses them, so that it ends even
/// where an answer may not be cached.
struct LookupOutcomes {
    var session: (key: IdentityKey, outcome: LookupOutcome)?
    var anonymous: (key: IdentityKey, outcome: LookupOutcome)?

    mutating func note(_ key: IdentityKey, _ outcome: LookupOutcome) {
        if key.tokenHash == nil { anonymous = (key, outcome) } else { session = (key, outcome) }
    }

    func outcome(for key: IdentityKey) -> LookupOutcome? {
        let known = key.tokenHash == nil ? anonymous : session
        guard let known, known.key == key else { return nil }
        return known.outcome
    }
}

/// Waits on its loop for the outcome of a question.
protocol LookupWaiter: AnyObject {
    func lookupEnded(_ key: IdentityKey, _ outcome: LookupOutcome)
}
