/// The protocol of a connection.
public enum ConnectionKind: String, Sendable, Codable, CaseIterable { case oidc, saml }

/// A SAML or OIDC trust with one IdP, owned by one organization. Only what the rules need; how to
/// talk to the IdP is in `ConnectionSettings`.
public struct Connection: Sendable, Equatable {
    public enum Status: String, Sendable, Codable, CaseIterable { case active, disabled, deleted }

    public var id: ConnectionID
    /// Shown to people, also before they have signed in.
    public var displayName: String
    public var organizationID: OrganizationID
    public var kind: ConnectionKind
    public var status: Status
    /// Whom the connection may sign in; `nil` is everybody, an empty set nobody.
    public var emailDomains: Set<EmailDomain>?
    /// Claims or attributes that the evidence must have, each with one of the values.
    public var requiredClaims: [String: Set<String>]
    /// Roles of everybody who signed in through the connection to its owner.
    public var roles: Set<RoleID>
    /// IdP group → roles, in the owner.
    public var groupRoles: [String: Set<RoleID>]

    public init(
        id: ConnectionID, displayName: String, organizationID: OrganizationID, kind: ConnectionKind,
        status: Status = .active, emailDomains: Set<EmailDomain>? = nil, requiredClaims: [String: Set<String>] = [:],
        roles: Set<RoleID> = [], groupRoles: [String: Set<RoleID>] = [:]
    ) {
        self.id = id
        self.displayName = displayName
        self.organizationID = organizationID
        self.kind = kind
        self.status = status
        self.emailDomains = emailDomains
        self.requiredClaims = requiredClaims
        self.roles = roles
        self.groupRoles = groupRoles
    }
}

/// A borrower's statement that it accepts another organization's connection, with its own rules.
///
/// Its target is always an owned connection: the type has no way to say "another link", so sharing
/// can't be transitive (R1).
public struct ExternalConnection: Sendable, Equatable {
    public enum Status: String, Sendable, Codable, CaseIterable {
        case active
        /// Made by the borrower's administrator; the owner's has not approved it yet (R10).
        case pendingApproval
        /// The IdP behind the connection has changed; the borrower has not confirmed it yet (R10).
        case pendingConfirmation
        case disabled
        /// Ended by one side. Only a new link, or the file, makes sharing possible again.
        case severed
    }

    public var id: ExternalConnectionID
    public var displayName: String
    public var borrowerID: OrganizationID
    /// The root connection.
    public var connectionID: ConnectionID
    public var status: Status
    /// The link's own switch for just-in-time provisioning.
    public var provisions: Bool
    /// Limits sign-in and provisioning through the link; `nil` is no limit, an empty set nobody.
    public var emailDomains: Set<EmailDomain>?
    public var roles: Set<RoleID>
    public var groupRoles: [String: Set<RoleID>]
    /// Caps every role that comes through the link; `nil` is no cap.
    public var roleCeiling: Set<RoleID>?

    public init(
        id: ExternalConnectionID, displayName: String, borrowerID: OrganizationID, connectionID: ConnectionID,
        status: Status = .active, provisions: Bool = false, emailDomains: Set<EmailDomain>? = nil,
        roles: Set<RoleID> = [], groupRoles: [String: Set<RoleID>] = [:], roleCeiling: Set<RoleID>? = nil
    ) {
        self.id = id
        self.displayName = displayName
        self.borrowerID = borrowerID
        self.connectionID = connectionID
        self.status = status
        self.provisions = provisions
        self.emailDomains = emailDomains
        self.roles = roles
        self.groupRoles = groupRoles
        self.roleCeiling = roleCeiling
    }
}
