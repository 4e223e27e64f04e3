import Tenancy

/// One session, as a cookie names it.
public struct StoredSession: Sendable, Equatable {
    /// Of the cookie's token, which is not stored.
    public var tokenHash: TokenHash
    /// Public, random: `sid` of assertions, and what an API names the session by.
    public var id: String
    public var session: Session
    /// How the organization took the sign-in.
    public var via: AcceptedConnection
    /// The tenant host whose cookie this is, lower case; a session counts on no other.
    public var host: String
    /// The sign-in record that it came from, which sign-out ends.
    public var signInHash: TokenHash?
    public var createdAt: Instant
    /// Written in batches: the caller may know of a later use.
    public var lastSeenAt: Instant
    /// As of the last refresh; `nil`: not noted yet.
    public var roles: Set<RoleID>?

    public init(
        tokenHash: TokenHash, id: String, session: Session, via: AcceptedConnection, host: String, signInHash: TokenHash?,
        createdAt: Instant, lastSeenAt: Instant, roles: Set<RoleID>? = nil
    ) {
        self.tokenHash = tokenHash
        self.id = id
        self.session = session
        self.via = via
        self.host = host
        self.signInHash = signInHash
        self.createdAt = createdAt
        self.lastSeenAt = lastSeenAt
        self.roles = roles
    }
}
