import Tenancy

extension WriteTransaction {
    /// Adds an organization beside those of the file.
    ///
    /// - Throws: `.constraint("slugs.slug")` when any organization has or ever had the slug.
    public func insertOrganization(_ organization: Organization, customClaims: [String: String] = [:]) throws {
        try write(organization, customClaims: customClaims, declared: .never, digest: nil, replacing: false)
    }

    /// Replaces everything but the status and the time of creation, and adds the slug to those that it
    /// has had. Returns `false` for an unknown organization.
    ///
    /// - Throws: `.constraint("managed by configuration")` for a declared one.
    public func updateOrganization(_ organization: Organization, customClaims: [String: String]) throws -> Bool {
        guard let old = try self.organization(organization.id) else { return false }
        try refuseManaged(isManaged(organization.id))
        var changed = organization
        changed.createdAt = old.createdAt
        try write(changed, customClaims: customClaims, declared: .never, digest: nil, replacing: true)
        return true
    }

    /// Run-time state: allowed for declared organizations too, and kept over reloads. Returns `false`
    /// for an unknown organization.
    @discardableResult
    public func setOrganizationStatus(_ id: OrganizationID, _ status: Organization.Status) throws -> Bool {
        guard
            try sql.execute(
                "UPDATE organizations SET status = $2 WHERE id = $1", [.id(id), .text(status.rawValue)]) > 0
        else { return false }
        record(.organization(id))
        return true
    }

    /// Adds or replaces a role.
    ///
    /// - Throws: `.constraint("managed by configuration")` for a declared one.
    public func setRole(_ role: Role) throws {
        try refuseManaged(row("SELECT 1 FROM roles WHERE id = $1 AND declared <> 'never'", [.id(role.id)]) != nil)
        try write(role, declared: .never, digest: nil)
    }

    /// Returns `false` for an unknown role.
    ///
    /// - Throws: `.constraint("managed by configuration")` for a declared one.
    @discardableResult
    public func deleteRole(_ id: RoleID) throws -> Bool {
        try refuseManaged(row("SELECT 1 FROM roles WHERE id = $1 AND declared <> 'never'", [.id(id)]) != nil)
        guard try sql.execute("DELETE FROM roles WHERE id = $1", [.id(id)]) > 0 else { return false }
        record(.everything)
        return true
    }

    func refuseManaged(_ isManaged: Bool) throws {
        guard !isManaged else { throw StoreError(.constraint("managed by configuration"), path: sql.path) }
    }

    func write(_ role: Role, declared: Declared, digest: [UInt8]?) throws {
        try sql.execute(
            """
            INSERT INTO roles (id, permissions, declared, digest) VALUES ($1, $2, $3, $4)
            ON CONFLICT (id) DO UPDATE SET
                permissions = excluded.permissions, declared = excluded.declared, digest = excluded.digest
            """,
            [.id(role.id), .text(StoredJSON.text(role.permissions)), .text(declared.rawValue), .blob(digest)])
        record(.everything)
    }

    /// The one statement that writes an organization. An existing status stays.
    func write(
        _ organization: Organization, customClaims: [String: String], declared: Declared, digest: [UInt8]?, replacing: Bool
    ) throws {
        try claimSlug(organization.slug, for: organization.id)
        let provisioning = organization.provisioning.stored
        let domainRoles = Dictionary(uniqueKeysWithValues: organization.domainRoles.map { ($0.key.rawValue, $0.value) })
        try sql.execute(
            replacing ? Self.insertOrganization + Self.orReplaceOrganization : Self.insertOrganization,
            [
                .id(organization.id), .text(organization.slug), .text(organization.name),
                .text(organization.status.rawValue), .instant(organization.createdAt),
                .text(StoredJSON.text(organization.allowedDomains.map(\.storedText))),
                .text(provisioning.policy), .text(StoredJSON.text(provisioning.connections)),
                .text(organization.defaultConnection?.storedText), .text(StoredJSON.text(domainRoles)),
                .text(customClaims.isEmpty ? "{}" : try StoredJSON.text(customClaims)), .text(declared.rawValue),
                .blob(digest),
            ])
        try writeDomains(
            Set(organization.allowedDomains.map(\.domain)), holder: "organization", id: organization.id.rawValue,
            replacing: replacing)
        if replacing { try noteProvisioning(of: organization.id) }
        record(.organization(organization.id))
    }

    private static let insertOrganization = """
        INSERT INTO organizations (
            id, slug, name, status, created_at, allowed_domains, provisioning, provisioning_connections,
            default_connection, domain_roles, custom_claims, declared, digest)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """

    private static let orReplaceOrganization = """

        ON CONFLICT (id) DO UPDATE SET
            slug = excluded.slug, name = excluded.name, created_at = excluded.created_at,
            allowed_domains = excluded.allowed_domains, provisioning = excluded.provisioning,
            provisioning_connections = excluded.provisioning_connections,
            default_connection = excluded.default_connection, domain_roles = excluded.domain_roles,
            custom_claims = excluded.custom_claims, declared = excluded.declared, digest = excluded.digest
        """

    /// The organization that has, or once had, the slug.
    func slugHolder(_ slug: String) throws -> OrganizationID? {
        try row("SELECT organization_id FROM slugs WHERE slug = $1", [.text(slug)]).map { OrganizationID(try $0.text(0)) }
    }

    private func claimSlug(_ slug: String, for id: OrganizationID) throws {
        let isNew =
            try sql.execute(
                "INSERT INTO slugs (slug, organization_id) VALUES ($1, $2) ON CONFLICT (slug) DO NOTHING",
                [.text(slug), .id(id)]) > 0
        guard try isNew || slugHolder(slug) == id else { throw StoreError(.constraint("slugs.slug"), path: sql.path) }
    }

    /// What discovery looks up by domain.
    ///
    /// - Parameter decides: whether the holder can make a difference to people whom nobody knows.
    func writeDomains(_ domains: Set<EmailDomain>, holder: String, id: String, decides: Bool = true, replacing: Bool) throws {
        if replacing {
            try sql.execute(
                "DELETE FROM mail_domains WHERE holder = $1 AND holder_id = $2", [.text(holder), .text(id)])
        }
        for domain in domains {
            try sql.execute(
                "INSERT INTO mail_domains (holder, holder_id, domain, decides) VALUES ($1, $2, $3, $4)",
                [.text(holder), .text(id), .text(domain.rawValue), .flag(decides)])
        }
    }
}
