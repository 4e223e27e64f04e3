import FoundationEssentials
import Tenancy

extension ReadTransaction {
    public func organization(_ id: OrganizationID) throws -> Organization? {
        try row("SELECT \(Organization.columns) FROM organizations o WHERE o.id = $1", [.id(id)]).map(Organization.init)
    }

    /// By the slug that it has now; one that it once had is nobody's.
    public func organization(slug: String) throws -> Organization? {
        try row("SELECT \(Organization.columns) FROM organizations o WHERE o.slug = $1", [.text(slug)]).map(Organization.init)
    }

    /// Organizations in the order of their ids, from the one after `id`.
    public func organizations(after id: OrganizationID? = nil, limit: Int) throws -> [Organization] {
        try sql.rows(
            "SELECT \(Organization.columns) FROM organizations o WHERE o.id > $1 ORDER BY o.id LIMIT $2",
            [.text(id?.rawValue ?? ""), .limit(limit)]
        ).map(Organization.init)
    }

    /// The organization's claim name → template; empty for an unknown organization.
    public func customClaims(of id: OrganizationID) throws -> [String: String] {
        guard let row = try row("SELECT custom_claims FROM organizations WHERE id = $1", [.id(id)]) else { return [:] }
        return try row.text(0) == "{}" ? [:] : row.json(0)
    }

    /// Whether the file declares the organization, or did.
    public func isManaged(_ id: OrganizationID) throws -> Bool { try isDeclared("organizations", id.rawValue) }
    /// Whether the file declares the member, or did.
    public func isManaged(_ id: MemberID) throws -> Bool { try isDeclared("members", id.rawValue) }
    /// Whether the file declares the connection, or did.
    public func isManaged(_ id: ConnectionID) throws -> Bool { try isDeclared("connections", id.rawValue) }
    /// Whether the file declares the external connection, or did.
    public func isManaged(_ id: ExternalConnectionID) throws -> Bool { try isDeclared("external_connections", id.rawValue) }

    private func isDeclared(_ table: StaticString, _ id: String) throws -> Bool {
        try row("SELECT 1 FROM \(table) WHERE id = $1 AND declared <> 'never'", [.text(id)]) != nil
    }

    /// Every role that counts, by id.
    public func roles() throws -> [Role] {
        try sql.rows("SELECT id, permissions FROM roles WHERE declared <> 'withdrawn' ORDER BY id", []).map {
            Role(id: RoleID(try $0.text(0)), permissions: try $0.stringLists(1))
        }
    }
}
