import Tenancy

/// One line of the audit log: what was asked, what was decided, and why. Holds no secret.
public struct AuditEvent: Sendable, Equatable {
    /// Unique; random or derived from the request.
    public var id: String
    public var at: Instant
    /// A label of a fixed set, such as `sign_in`.
    public var kind: String
    public var requestID: String
    public var organizationID: OrganizationID?
    public var memberID: MemberID?
    public var connectionID: ConnectionID?
    /// A label of a fixed set, such as `admit` or `refuse`.
    public var decision: String
    /// In the order in which they led to the decision.
    public var reasons: [String]
    public var detail: [String: String]

    public init(
        id: String, at: Instant, kind: String, requestID: String, organizationID: OrganizationID? = nil,
        memberID: MemberID? = nil, connectionID: ConnectionID? = nil, decision: String, reasons: [String] = [],
        detail: [String: String] = [:]
    ) {
        self.id = id
        self.at = at
        self.kind = kind
        self.requestID = requestID
        self.organizationID = organizationID
        self.memberID = memberID
        self.connectionID = connectionID
        self.decision = decision
        self.reasons = reasons
        self.detail = detail
    }
}
