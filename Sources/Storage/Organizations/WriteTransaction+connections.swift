import Tenancy

extension WriteTransaction {
    /// Adds a connection beside those of the file.
    public func insertConnection(_ stored: StoredConnection) throws {
        try write(stored, declared: .never, digest: nil, replacing: false)
    }

    /// Replaces everything but the status. Returns `false` for an unknown connection.
    ///
    /// - Throws: `.constraint("managed by configuration")` for a declared one.
    public func updateConnection(_ stored: StoredConnection) throws -> Bool {
        guard try connection(stored.connection.id) != nil else { return false }
        try refuseManaged(isManaged(stored.connection.id))
        try write(stored, declared: .never, digest: nil, replacing: true)
        return true
    }

    /// Run-time state, as for organizations.
    @discardableResult
    public func setConnectionStatus(_ id: ConnectionID, _ status: Connection.Status) throws -> Bool {
        guard
            try sql.execute(
                "UPDATE connections SET status = $2 WHERE id = $1", [.id(id), .text(status.rawValue)]) > 0
        else { return false }
        record(.connection(id))
        return true
    }

    /// Adds an external connection beside those of the file.
    ///
    /// - Throws: `.constraint` when the borrower has another one to the same root connection that is
    ///   not severed.
    public func insertExternalConnection(_ stored: StoredExternalConnection) throws {
        try write(stored, declared: .never, digest: nil, replacing: false)
    }

    /// Replaces everything but the status. Returns `false` for an unknown one.
    ///
    /// - Throws: `.constraint("managed by configuration")` for a declared one.
    public func updateExternalConnection(_ stored: StoredExternalConnection) throws -> Bool {
        guard try externalConnection(stored.externalConnection.id) != nil else { return false }
        try refuseManaged(isManaged(stored.externalConnection.id))
        try write(stored, declared: .never, digest: nil, replacing: true)
        return true
    }

    /// Run-time state, as for organizations: a link that was severed stays so over reloads.
    @discardableResult
    public func setExternalConnectionStatus(_ id: ExternalConnectionID, _ status: ExternalConnection.Status) throws -> Bool {
        guard
            try sql.execute(
                "UPDATE external_connections SET status = $2 WHERE id = $1", [.id(id), .text(status.rawValue)]) > 0
        else { return false }
        record(.externalConnection(id))
        return true
    }

    func write(_ stored: StoredConnection, declared: Declared, digest: [UInt8]?, replacing: Bool) throws {
        let value = stored.connection
        let secrets = StoredSettings.secrets(of: stored.settings)
        let row = Array(value.id.rawValue.utf8)
        let sealed = try secrets.text.map { try sealer.seal($0.utf8, for: .connectionSecrets, row: row) }
        try sql.execute(
            replacing ? Self.insertConnection + Self.orReplaceConnection : Self.insertConnection,
            [
                .id(value.id), .text(stored.name), .id(value.organizationID), .text(value.displayName),
                .text(value.kind.rawValue), .text(value.status.rawValue),
                .text(value.emailDomains.map { StoredJSON.text($0) }),
                .text(StoredJSON.text(value.requiredClaims)), .text(StoredJSON.text(value.roles)),
                .text(StoredJSON.text(value.groupRoles)), .text(try StoredJSON.text(StoredSettings(stored.settings))),
                .blob(sealed), .text(declared.rawValue), .blob(digest),
            ])
        try writeDomains(value.emailDomains ?? [], holder: "connection", id: value.id.rawValue, replacing: replacing)
        record(.connection(value.id))
    }

    private static let insertConnection = """
        INSERT INTO connections (
            id, name, organization_id, display_name, kind, status, email_domains, required_claims, roles, group_roles,
            settings, secrets, declared, digest)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        """

    private static let orReplaceConnection = """

        ON CONFLICT (id) DO UPDATE SET
            name = excluded.name, organization_id = excluded.organization_id, display_name = excluded.display_name,
            kind = excluded.kind, email_domains = excluded.email_domains, required_claims = excluded.required_claims,
            roles = excluded.roles, group_roles = excluded.group_roles, settings = excluded.settings,
            secrets = excluded.secrets, declared = excluded.declared, digest = excluded.digest
        """

    func write(_ stored: StoredExternalConnection, declared: Declared, digest: [UInt8]?, replacing: Bool) throws {
        let link = stored.externalConnection
        let mayProvision = try link.provisions || hasProvisioningList(link.borrowerID)
        try sql.execute(
            replacing ? Self.insertExternalConnection + Self.orReplaceExternalConnection : Self.insertExternalConnection,
            [
                .id(link.id), .text(stored.name), .id(link.borrowerID), .id(link.connectionID), .text(link.displayName),
                .text(link.status.rawValue), .flag(link.provisions),
                .text(link.emailDomains.map { StoredJSON.text($0) }), .text(StoredJSON.text(link.roles)),
                .text(StoredJSON.text(link.groupRoles)), .text(link.roleCeiling.map { StoredJSON.text($0) }),
                .text(declared.rawValue), .blob(digest), .flag(mayProvision),
            ])
        try writeDomains(
            link.emailDomains ?? [], holder: "external_connection", id: link.id.rawValue, decides: mayProvision, replacing: replacing)
        record(.externalConnection(link.id))
    }

    private func hasProvisioningList(_ id: OrganizationID) throws -> Bool {
        try row("SELECT 1 FROM organizations WHERE id = $1 AND provisioning = 'restricted'", [.id(id)]) != nil
    }

    /// After the organization's policy may have changed: which of its links might make somebody a member.
    func noteProvisioning(of id: OrganizationID) throws {
        try sql.execute(
            """
            UPDATE external_connections SET may_provision =
                CASE WHEN provisions = 1 OR EXISTS (
                    SELECT 1 FROM organizations o WHERE o.id = external_connections.organization_id AND o.provisioning = 'restricted')
                THEN 1 ELSE 0 END
            WHERE organization_id = $1
            """, [.id(id)])
        try sql.execute(
            """
            UPDATE mail_domains SET decides = (SELECT e.may_provision FROM external_connections e WHERE e.id = holder_id)
            WHERE holder = 'external_connection' AND holder_id IN (SELECT id FROM external_connections WHERE organization_id = $1)
            """, [.id(id)])
    }

    private static let insertExternalConnection = """
        INSERT INTO external_connections (
            id, name, organization_id, connection_id, display_name, status, provisions, email_domains, roles,
            group_roles, role_ceiling, declared, digest, may_provision)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        """

    /// A pending link that the file takes over needs nobody's consent any more (R10).
    private static let orReplaceExternalConnection = """

        ON CONFLICT (id) DO UPDATE SET
            name = excluded.name, organization_id = excluded.organization_id, connection_id = excluded.connection_id,
            display_name = excluded.display_name, provisions = excluded.provisions,
            email_domains = excluded.email_domains, roles = excluded.roles, group_roles = excluded.group_roles,
            role_ceiling = excluded.role_ceiling, declared = excluded.declared, digest = excluded.digest,
            may_provision = excluded.may_provision,
            status = CASE
                WHEN excluded.declared = 'present' AND external_connections.declared = 'never'
                    AND external_connections.status IN ('pendingApproval', 'pendingConfirmation') THEN 'active'
                ELSE external_connections.status
            END
        """
}
