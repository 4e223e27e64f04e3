import Tenancy

/// A sign-in as the host of the sign-in pages remembers it: what the switcher and silent exchanges use,
/// and what sign-out ends.
public struct SignInRecord: Sendable, Equatable {
    /// Of the cookie's token, which is not stored.
    public var hash: TokenHash
    public var evidence: Evidence
    /// Where the person landed.
    public var memberID: MemberID
    public var organizationID: OrganizationID
    public var createdAt: Instant
    public var lastSeenAt: Instant
    /// Absolute limit.
    public var expiresAt: Instant

    public init(
        hash: TokenHash, evidence: Evidence, memberID: MemberID, organizationID: OrganizationID, createdAt: Instant,
        lastSeenAt: Instant, expiresAt: Instant
    ) {
        self.hash = hash
        self.evidence = evidence
        self.memberID = memberID
        self.organizationID = organizationID
        self.createdAt = createdAt
        self.lastSeenAt = lastSeenAt
        self.expiresAt = expiresAt
    }
}
