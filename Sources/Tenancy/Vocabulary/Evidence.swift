/// What the IdP asserted at one sign-in. Kept in the session; the only thing about the person that
/// a later decision may use (R2).
public struct Evidence: Sendable, Equatable, Codable {
    /// OIDC's `email_verified`. SAML has no such statement: `notStated`.
    public enum EmailVerification: String, Sendable, Codable, CaseIterable { case verified, unverified, notStated }

    /// The root connection.
    public var connectionID: ConnectionID
    /// OIDC `iss`; SAML entity ID.
    public var issuer: String
    /// OIDC `sub` (or the claim that the connection names); SAML NameID with format and qualifiers.
    public var subject: String
    /// `nil` where the IdP gave none, or none that is an address.
    public var email: EmailAddress?
    public var emailVerification: EmailVerification
    public var name: String?
    public var groups: [String]
    /// The claims that a rule of the connection looks at, each with all its values as text.
    public var claims: [String: [String]]
    /// What the connection's `attribute_mapping` names besides e-mail, name and groups: our name → values.
    public var attributes: [String: [String]]
    public var authenticatedAt: Instant
    /// When the IdP says that the person proved who they are: OIDC `auth_time`, SAML AuthnInstant. `nil` where it does not
    /// say; `authenticatedAt` is then the time of its answer.
    public var statedAuthenticationTime: Instant?
    /// OIDC `acr`; SAML AuthnContextClassRef.
    public var authenticationContext: String?
    /// SAML SessionNotOnOrAfter: no session from this evidence lives longer.
    public var validUntil: Instant?

    public init(
        connectionID: ConnectionID, issuer: String, subject: String, email: EmailAddress?,
        emailVerification: EmailVerification = .notStated, name: String? = nil, groups: [String] = [],
        claims: [String: [String]] = [:], attributes: [String: [String]] = [:], authenticatedAt: Instant,
        statedAuthenticationTime: Instant? = nil, authenticationContext: String? = nil, validUntil: Instant? = nil
    ) {
        self.connectionID = connectionID
        self.issuer = issuer
        self.subject = subject
        self.email = email
        self.emailVerification = emailVerification
        self.name = name
        self.groups = groups
        self.claims = claims
        self.attributes = attributes
        self.authenticatedAt = authenticatedAt
        self.statedAuthenticationTime = statedAuthenticationTime
        self.authenticationContext = authenticationContext
        self.validUntil = validUntil
    }
}

/// One member signed in to one organization, as far as the rules need it.
public struct Session: Sendable, Equatable {
    public var memberID: MemberID
    public var organizationID: OrganizationID
    public var evidence: Evidence
    /// Absolute limit, carried over unchanged by exchanges (R5).
    public var expiresAt: Instant

    public init(memberID: MemberID, organizationID: OrganizationID, evidence: Evidence, expiresAt: Instant) {
        self.memberID = memberID
        self.organizationID = organizationID
        self.evidence = evidence
        self.expiresAt = expiresAt
    }
}
