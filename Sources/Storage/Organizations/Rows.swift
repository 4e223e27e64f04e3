import Tenancy

// One list of columns and one reader for each kind, so that no query can mix them up.

extension Organization {
    static let columns = """
        o.id, o.slug, o.name, o.status, o.created_at, o.allowed_domains, o.provisioning, o.provisioning_connections, \
        o.default_connection, o.domain_roles, o.declared
        """

    init(_ row: SQLRow) throws {
        let provisioning: ProvisioningPolicy
        switch try row.text(6) {
        case "all": provisioning = .allAllowed
        case "none": provisioning = .notAllowed
        case "restricted":
            provisioning = .restricted(
                to: Set(
                    try row.strings(7).map { text in
                        guard let accepted = AcceptedConnection(storedText: text) else { throw row.corrupt(7) }
                        return accepted
                    }))
        default: throw row.corrupt(6)
        }
        var domainRoles: [EmailDomain: Set<RoleID>] = [:]
        for (text, roles) in try row.groupRoles(9) {
            guard let domain = EmailDomain(text) else { throw row.corrupt(9) }
            domainRoles[domain] = roles
        }
        self.init(
            id: OrganizationID(try row.text(0)), slug: try row.text(1), name: try row.text(2),
            status: try row.choice(10, Declared.self).effective(row.choice(3, Status.self)),
            createdAt: try row.instant(4),
            allowedDomains: try row.strings(5).map { text in
                guard let allowed = AllowedDomain(storedText: text) else { throw row.corrupt(5) }
                return allowed
            },
            provisioning: provisioning,
            defaultConnection: try row.optionalText(8) == nil ? nil : row.accepted(8), domainRoles: domainRoles)
    }
}

extension Organization.AllowedDomain {
    /// `acme.example configuration unverified`
    var storedText: String { "\(domain.rawValue) \(authority.rawValue) \(isVerified ? "verified" : "unverified")" }

    init?(storedText: String) {
        let parts = storedText.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, let domain = EmailDomain(parts[0]), let authority = Authority(rawValue: String(parts[1])) else {
            return nil
        }
        switch parts[2] {
        case "verified": self.init(domain: domain, authority: authority, isVerified: true)
        case "unverified": self.init(domain: domain, authority: authority, isVerified: false)
        default: return nil
        }
    }
}

extension ProvisioningPolicy {
    /// The columns `provisioning` and `provisioning_connections`.
    var stored: (policy: String, connections: [String]) {
        switch self {
        case .allAllowed: ("all", [])
        case .notAllowed: ("none", [])
        case .restricted(let accepted): ("restricted", accepted.map(\.storedText).sorted())
        }
    }
}

extension Connection {
    static let columns = """
        c.id, c.display_name, c.organization_id, c.kind, c.status, c.email_domains, c.required_claims, c.roles, \
        c.group_roles, c.declared
        """

    init(_ row: SQLRow) throws {
        self.init(
            id: ConnectionID(try row.text(0)), displayName: try row.text(1), organizationID: OrganizationID(try row.text(2)),
            kind: try row.choice(3), status: try row.choice(9, Declared.self).effective(row.choice(4, Status.self)),
            emailDomains: try row.optionalDomains(5), requiredClaims: try row.stringLists(6).mapValues { Set($0) },
            roles: try row.roles(7), groupRoles: try row.groupRoles(8))
    }
}

extension ExternalConnection {
    static let columns = """
        e.id, e.display_name, e.organization_id, e.connection_id, e.status, e.provisions, e.email_domains, e.roles, \
        e.group_roles, e.role_ceiling, e.declared
        """

    init(_ row: SQLRow) throws {
        self.init(
            id: ExternalConnectionID(try row.text(0)), displayName: try row.text(1),
            borrowerID: OrganizationID(try row.text(2)), connectionID: ConnectionID(try row.text(3)),
            status: try row.choice(10, Declared.self).effective(row.choice(4, Status.self)),
            provisions: try row.flag(5), emailDomains: try row.optionalDomains(6), roles: try row.roles(7),
            groupRoles: try row.groupRoles(8), roleCeiling: try row.optionalRoles(9))
    }
}

extension Member {
    static let columns =
        "m.id, m.organization_id, m.email, m.name, m.status, m.roles, m.authority, m.has_signed_in, m.declared"

    init(_ row: SQLRow) throws {
        self.init(
            id: MemberID(try row.text(0)), organizationID: OrganizationID(try row.text(1)), email: try row.email(2),
            name: try row.text(3), status: try row.choice(8, Declared.self).effective(row.choice(4, Status.self)),
            roles: try row.roles(5), authority: try row.choice(6), hasSignedIn: try row.flag(7))
    }
}

extension SubjectLink {
    static let columns = "s.member_id, s.organization_id, s.connection_id, s.issuer, s.subject"

    init(_ row: SQLRow) throws {
        self.init(
            memberID: MemberID(try row.text(0)), organizationID: OrganizationID(try row.text(1)),
            connectionID: ConnectionID(try row.text(2)), issuer: try row.text(3), subject: try row.text(4))
    }
}
