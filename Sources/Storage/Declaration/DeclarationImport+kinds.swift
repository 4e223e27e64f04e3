import Tenancy

extension DeclarationImport {
    mutating func importOrganizations(_ earlier: [String: Earlier]) throws {
        for (index, (declared, digest)) in zip(declaration.organizations, digests.organizations).enumerated() {
            let before = earlier[declared.id.rawValue]
            if let before, before.isCurrent(digest) { continue }
            if let holder = try transaction.slugHolder(declared.slug), holder != declared.id {
                problems.append(.slugTaken(slug: declared.slug, by: holder))
                continue
            }
            let stored = try transaction.organization(declared.id)
            let firstSeen = now.advanced(by: .milliseconds(index))
            let organization = Organization(
                id: declared.id, slug: declared.slug, name: declared.name,
                createdAt: declared.createdAt ?? stored?.createdAt ?? firstSeen,
                allowedDomains: declared.allowedDomains.map { .init(domain: $0, authority: .configuration) },
                provisioning: declared.provisioning, defaultConnection: declared.defaultConnection,
                domainRoles: declared.domainRoles)
            try transaction.write(
                organization, customClaims: declared.customClaims, declared: .present, digest: digest,
                replacing: stored != nil)
            count(isNew: stored == nil)
        }
    }

    mutating func importConnections(_ earlier: [String: Earlier]) throws {
        let hasOthers = try hasOthers("connections", beside: earlier)
        for (declared, digest) in zip(declaration.connections, digests.connections) {
            let id = declared.connection.id.rawValue
            let before = earlier[id]
            if let before, before.isCurrent(digest) { continue }
            let isNew = try before == nil && !(hasOthers && exists("connections", id))
            try transaction.write(
                StoredConnection(name: declared.name, connection: declared.connection, settings: declared.settings),
                declared: .present, digest: digest, replacing: !isNew)
            count(isNew: isNew)
        }
    }

    mutating func importExternalConnections(_ earlier: [String: Earlier]) throws {
        let hasOthers = try hasOthers("external_connections", beside: earlier)
        for (declared, digest) in zip(declaration.externalConnections, digests.externalConnections) {
            let link = declared.externalConnection
            let before = earlier[link.id.rawValue]
            if let before, before.isCurrent(digest) { continue }
            if hasOthers, let other = try rival(of: link) {
                problems.append(.linkExists(name: declared.name, other: other))
                continue
            }
            let isNew = try before == nil && !(hasOthers && exists("external_connections", link.id.rawValue))
            try transaction.write(
                StoredExternalConnection(name: declared.name, externalConnection: link), declared: .present,
                digest: digest, replacing: !isNew)
            count(isNew: isNew)
        }
    }

    /// Another link of the same borrower to the same root connection. Links of the file that are still to be
    /// written do not count: they may be moving away.
    private func rival(of link: ExternalConnection) throws -> ExternalConnectionID? {
        let status = try transaction.externalConnection(link.id)?.externalConnection.status
        guard status != .severed else { return nil }
        return try transaction.row(
            """
            SELECT id FROM external_connections WHERE organization_id = $1 AND connection_id = $2 AND id <> $3
            AND status <> 'severed' AND declared = 'never' LIMIT 1
            """, [.id(link.borrowerID), .id(link.connectionID), .id(link.id)]
        ).map { ExternalConnectionID(try $0.text(0)) }
    }

    mutating func importRoles(_ earlier: [String: Earlier]) throws {
        for (role, digest) in zip(declaration.roles, digests.roles) {
            let before = earlier[role.id.rawValue]
            if let before, before.isCurrent(digest) { continue }
            let isNew = try before == nil && !exists("roles", role.id.rawValue)
            try transaction.write(role, declared: .present, digest: digest)
            count(isNew: isNew)
        }
    }
}
