/// What `gateway.conf` declares about the tenancy: imported into the store in one transaction and
/// marked there as managed by the file. Ids are derived, so they are the same on every machine.
public struct Declaration: Sendable, Equatable {
    public struct DeclaredOrganization: Sendable, Equatable {
        public var id: OrganizationID
        public var slug: String
        public var name: String
        /// `nil`: the time of first sight, in file order.
        public var createdAt: Instant?
        public var allowedDomains: [EmailDomain]
        public var provisioning: ProvisioningPolicy
        public var defaultConnection: AcceptedConnection?
        public var domainRoles: [EmailDomain: Set<RoleID>]
        /// Claim name → template of text and `{placeholder}`s, in assertions for this organization.
        public var customClaims: [String: String]
        public var members: [DeclaredMember]

        public init(
            id: OrganizationID, slug: String, name: String, createdAt: Instant? = nil, allowedDomains: [EmailDomain] = [],
            provisioning: ProvisioningPolicy = .notAllowed, defaultConnection: AcceptedConnection? = nil,
            domainRoles: [EmailDomain: Set<RoleID>] = [:], customClaims: [String: String] = [:],
            members: [DeclaredMember] = []
        ) {
            self.id = id
            self.slug = slug
            self.name = name
            self.createdAt = createdAt
            self.allowedDomains = allowedDomains
            self.provisioning = provisioning
            self.defaultConnection = defaultConnection
            self.domainRoles = domainRoles
            self.customClaims = customClaims
            self.members = members
        }
    }

    public struct DeclaredMember: Sendable, Equatable {
        public var id: MemberID
        public var email: EmailAddress
        public var name: String
        public var roles: Set<RoleID>

        public init(id: MemberID, email: EmailAddress, name: String = "", roles: Set<RoleID> = []) {
            self.id = id
            self.email = email
            self.name = name
            self.roles = roles
        }
    }

    public struct DeclaredConnection: Sendable, Equatable {
        /// The name in the file.
        public var name: String
        /// `status` is always `.active`: what the store says of it at run time wins.
        public var connection: Connection
        public var settings: ConnectionSettings

        public init(name: String, connection: Connection, settings: ConnectionSettings) {
            self.name = name
            self.connection = connection
            self.settings = settings
        }
    }

    public struct DeclaredExternalConnection: Sendable, Equatable {
        public var name: String
        public var externalConnection: ExternalConnection

        public init(name: String, externalConnection: ExternalConnection) {
            self.name = name
            self.externalConnection = externalConnection
        }
    }

    /// In file order.
    public var organizations: [DeclaredOrganization]
    public var connections: [DeclaredConnection]
    public var externalConnections: [DeclaredExternalConnection]
    public var roles: [Role]

    public init(
        organizations: [DeclaredOrganization] = [], connections: [DeclaredConnection] = [],
        externalConnections: [DeclaredExternalConnection] = [], roles: [Role] = []
    ) {
        self.organizations = organizations
        self.connections = connections
        self.externalConnections = externalConnections
        self.roles = roles
    }
}
