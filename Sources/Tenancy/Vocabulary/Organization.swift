/// Who set something, and therefore what it counts for (R3, R10).
public enum Authority: String, Sendable, Codable, CaseIterable {
    /// `gateway.conf`.
    case configuration
    /// A caller with the project's secret.
    case project
    /// The organization's own administrator: trusted inside that organization only.
    case organizationAdministrator
    /// Just-in-time provisioning at a sign-in.
    case provisioning
}

/// A tenant: owns members, connections and role rules.
public struct Organization: Sendable, Equatable {
    public enum Status: String, Sendable, Codable, CaseIterable { case active, suspended, deleted }

    /// A mail domain whose addresses belong to the organization.
    public struct AllowedDomain: Sendable, Equatable, Codable {
        public var domain: EmailDomain
        public var authority: Authority
        /// Proven by the organization, so that it counts although only its administrator set it.
        public var isVerified: Bool

        public init(domain: EmailDomain, authority: Authority, isVerified: Bool = false) {
            self.domain = domain
            self.authority = authority
            self.isVerified = isVerified
        }
    }

    public var id: OrganizationID
    /// Lower-case DNS label, never reused.
    public var slug: String
    public var name: String
    public var status: Status
    public var createdAt: Instant
    public var allowedDomains: [AllowedDomain]
    public var provisioning: ProvisioningPolicy
    /// For starts that name the organization: an owned connection or an external one of this organization.
    public var defaultConnection: AcceptedConnection?
    /// Roles that every member with an address of the domain has (R7).
    public var domainRoles: [EmailDomain: Set<RoleID>]

    public init(
        id: OrganizationID, slug: String, name: String, status: Status = .active, createdAt: Instant,
        allowedDomains: [AllowedDomain] = [], provisioning: ProvisioningPolicy = .notAllowed,
        defaultConnection: AcceptedConnection? = nil, domainRoles: [EmailDomain: Set<RoleID>] = [:]
    ) {
        self.id = id
        self.slug = slug
        self.name = name
        self.status = status
        self.createdAt = createdAt
        self.allowedDomains = allowedDomains
        self.provisioning = provisioning
        self.defaultConnection = defaultConnection
        self.domainRoles = domainRoles
    }
}

/// How an organization takes a sign-in: through its own connection, or through an external one.
public enum AcceptedConnection: Hashable, Sendable, Codable {
    case owned(ConnectionID)
    case external(ExternalConnectionID)
}

/// Just-in-time provisioning of an organization (R6).
public enum ProvisioningPolicy: Hashable, Sendable, Codable {
    /// Through every owned connection; through an external one only if the link's own switch is on.
    case allAllowed
    /// Through the listed ones alone; an external one also if its own switch is on.
    case restricted(to: Set<AcceptedConnection>)
    case notAllowed
}

/// A named set of permissions, `resource → actions`.
public struct Role: Sendable, Equatable, Codable {
    public var id: RoleID
    public var permissions: [String: [String]]

    public init(id: RoleID, permissions: [String: [String]] = [:]) {
        self.id = id
        self.permissions = permissions
    }
}

/// A person in one organization; the same person in two organizations is two members.
public struct Member: Sendable, Equatable {
    public enum Status: String, Sendable, Codable, CaseIterable { case active, suspended, deleted }

    public var id: MemberID
    public var organizationID: OrganizationID
    public var email: EmailAddress
    public var name: String
    public var status: Status
    /// Roles assigned directly.
    public var roles: Set<RoleID>
    /// Who made the membership.
    public var authority: Authority
    /// Whether the person has signed in to this organization at least once.
    public var hasSignedIn: Bool

    public init(
        id: MemberID, organizationID: OrganizationID, email: EmailAddress, name: String = "", status: Status = .active,
        roles: Set<RoleID> = [], authority: Authority, hasSignedIn: Bool = false
    ) {
        self.id = id
        self.organizationID = organizationID
        self.email = email
        self.name = name
        self.status = status
        self.roles = roles
        self.authority = authority
        self.hasSignedIn = hasSignedIn
    }
}

/// What makes a member recognizable without an address: (root connection, issuer, IdP subject), R2.
public struct SubjectLink: Hashable, Sendable {
    public var memberID: MemberID
    public var organizationID: OrganizationID
    /// The root connection.
    public var connectionID: ConnectionID
    public var issuer: String
    public var subject: String

    public init(
        memberID: MemberID, organizationID: OrganizationID, connectionID: ConnectionID, issuer: String, subject: String
    ) {
        self.memberID = memberID
        self.organizationID = organizationID
        self.connectionID = connectionID
        self.issuer = issuer
        self.subject = subject
    }

    /// Bytes, as `Identifier` compares: the subjects of two people must never be taken for one.
    public static func == (left: Self, right: Self) -> Bool {
        left.memberID == right.memberID && left.organizationID == right.organizationID
            && left.connectionID == right.connectionID && left.issuer.utf8.elementsEqual(right.issuer.utf8)
            && left.subject.utf8.elementsEqual(right.subject.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(memberID)
        hasher.combine(connectionID)
        hasher.combine(bytesOf: issuer)
        hasher.combine(bytesOf: subject)
    }
}
