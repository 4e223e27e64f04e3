import Tenancy

/// Which audit events to read, in the order of their times.
public struct AuditQuery: Sendable, Equatable {
    /// Only those of one organization.
    public var organizationID: OrganizationID?
    /// Only those of one member.
    public var memberID: MemberID?
    /// From this time on. With `after`, events of that time count from the id after it on.
    public var since: Instant
    /// The id of the last event of the page before, whose time is `since`.
    public var after: String?
    public var limit: Int

    public init(
        organizationID: OrganizationID? = nil, memberID: MemberID? = nil, since: Instant = Instant(milliseconds: .min),
        after: String? = nil, limit: Int
    ) {
        self.organizationID = organizationID
        self.memberID = memberID
        self.since = since
        self.after = after
        self.limit = limit
    }
}
