import Tenancy

extension Resolver {
    func organization(_ draft: OrganizationDraft) -> Declaration.DeclaredOrganization? {
        let accepted = draft.provisioningConnections.compactMap {
            acceptedConnection($0, by: draft, key: OrganizationKey.provisioningConnections.rawValue)
        }
        let provisioning: ProvisioningPolicy =
            switch draft.provisioning?.value {
            case .allAllowed: .allAllowed
            case .restricted: .restricted(to: Set(accepted))
            case .notAllowed, nil: .notAllowed
            }
        let defaultConnection = draft.defaultConnection.flatMap {
            acceptedConnection($0, by: draft, key: OrganizationKey.defaultConnection.rawValue)
        }
        let domainRoles = Dictionary(draft.domainRoles.map { ($0.domain, roles.resolve($0.roles)) }) { $0.union($1) }
        let members = self.members(of: draft)
        guard let slug = draft.slug else { return nil }
        return Declaration.DeclaredOrganization(
            id: draft.id.value, slug: slug.value, name: draft.name, createdAt: draft.createdAt,
            allowedDomains: draft.allowedDomains, provisioning: provisioning, defaultConnection: defaultConnection,
            domainRoles: domainRoles, customClaims: draft.customClaims, members: members)
    }

    private func members(of draft: OrganizationDraft) -> [Declaration.DeclaredMember] {
        var lines: [EmailAddress: Int] = [:]
        return draft.members.map { member in
            if let line = lines[member.email.value] {
                problems.error(
                    member.email.line,
                    "the organization already has a member with the address \(member.email.value), at line \(line): join the two")
            } else {
                lines[member.email.value] = member.email.line
            }
            return Declaration.DeclaredMember(
                id: member.id.value, email: member.email.value, name: member.name, roles: roles.resolve(member.roles))
        }
    }

    /// A connection that the organization owns, or one of its external connections (R1).
    private func acceptedConnection(
        _ reference: Located<String>, by organization: OrganizationDraft, key: String
    ) -> AcceptedConnection? {
        guard let target = index.connection(reference, key: key), let slug = organization.slug?.value else { return nil }
        switch target {
        case .owned(let position):
            let connection = drafts.connections[position]
            if connection.organization?.value == slug { return .owned(connection.id.value) }
            let link = drafts.externalConnections.first { link in
                link.organization?.value == slug && link.connection?.value == reference.value
            }
            let remedy =
                link?.name.map { "it accepts it through `\(Shown.text($0.value))`: write that" }
                ?? "it needs an [[external_connection]] to it"
            problems.error(
                reference.line,
                "`\(key)`: `\(Shown.text(reference.value))` belongs to another organization than `\(Shown.text(slug))`; \(remedy)")
        case .external(let position):
            let link = drafts.externalConnections[position]
            if link.organization?.value == slug { return .external(link.id.value) }
            problems.error(
                reference.line,
                "`\(key)`: `\(Shown.text(reference.value))` is an external connection of another organization than `\(Shown.text(slug))`: name one of its own"
            )
        }
        return nil
    }
}
