import Storage
import Tenancy

/// Which events somebody wants to see.
public struct AuditFilter: Sendable, Equatable {
    public var organizationID: OrganizationID?
    /// Any of them; `nil`: everybody.
    public var members: Set<MemberID>?
    /// Counts beside `members`: whoever was refused is no member yet, and known by an address alone.
    public var email: EmailAddress?

    public init(organizationID: OrganizationID? = nil, members: Set<MemberID>? = nil, email: EmailAddress? = nil) {
        self.organizationID = organizationID
        self.members = members
        self.email = email
    }

    func shows(_ event: AuditEvent) -> Bool {
        guard let members else { return true }
        if let id = event.memberID, members.contains(id) { return true }
        return email.map { event.detail["email"] == $0.rawValue } ?? false
    }
}

/// Reads a growing audit trail, each event once.
///
/// An event has the time of its decision and is committed after it, behind whoever was writing just then. So each
/// look begins a little before the last event, and what was seen is left out by its id.
public struct AuditTail: Sendable {
    /// Longer than a write waits for another process and its transaction.
    static let overlap: Duration = .seconds(30)
    static let pageSize = 500

    private let filter: AuditFilter
    private let since: Instant
    private var latest: Instant
    /// Where the next page begins; `nil`: at the overlap.
    private var page: (since: Instant, after: String)?
    /// Of the last `overlap`.
    private var seen: [String: Instant] = [:]

    public init(_ filter: AuditFilter, since: Instant) {
        self.filter = filter
        self.since = since
        latest = since
    }

    /// After the last page: the next one begins at the overlap again.
    public mutating func rewind() { page = nil }

    /// The next events, oldest first, as many as one page has; `nil` when there are none for now: then `rewind`.
    public mutating func next(in transaction: ReadTransaction) throws -> [AuditEvent]? {
        let start = page?.since ?? max(since, latest.advanced(by: .zero - Self.overlap))
        let query = AuditQuery(
            organizationID: filter.organizationID, since: start, after: page?.after, limit: Self.pageSize)
        let events = try transaction.auditEvents(query)
        guard let last = events.last else { return nil }
        page = (last.at, last.id)
        latest = max(latest, last.at)
        let fresh = events.filter { seen[$0.id] == nil }
        let kept = latest.advanced(by: .zero - Self.overlap)
        seen = seen.filter { $0.value >= kept }
        for event in fresh where event.at >= kept { seen[event.id] = event.at }
        return fresh.filter(filter.shows)
    }
}
