import Tenancy

extension Resolver {
    func connection(_ draft: ConnectionDraft) -> Declaration.DeclaredConnection? {
        let owner = index.organization(draft.organization)
        let roleSet = roles.resolve(draft.roles)
        let groupRoles = roles.resolve(draft.groupRoles)
        guard let name = draft.name, let kind = draft.kind, let settings = draft.settings, let owner else { return nil }
        return Declaration.DeclaredConnection(
            name: name.value,
            connection: Connection(
                id: draft.id.value, displayName: draft.displayName, organizationID: owner.id.value, kind: kind,
                emailDomains: draft.emailDomains, requiredClaims: draft.requiredClaims, roles: roleSet, groupRoles: groupRoles),
            settings: settings)
    }

    func externalConnections() -> [Declaration.DeclaredExternalConnection?] {
        var linkLines: [Link: Int] = [:]
        return drafts.externalConnections.map { draft in
            let link = externalConnection(draft)
            if let link {
                let pair = Link(borrower: link.externalConnection.borrowerID, root: link.externalConnection.connectionID)
                if let line = linkLines[pair] {
                    problems.error(
                        draft.line,
                        "the organization already has an external connection to `\(Shown.text(draft.connection?.value ?? ""))` at line \(line): there is one for each connection; join the two"
                    )
                } else {
                    linkLines[pair] = draft.line
                }
            }
            return link
        }
    }

    /// R1: one link per borrower and root connection.
    private struct Link: Hashable {
        var borrower: OrganizationID
        var root: ConnectionID
    }

    private func externalConnection(_ draft: ExternalConnectionDraft) -> Declaration.DeclaredExternalConnection? {
        let borrower = index.organization(draft.organization)
        let root = draft.connection.flatMap { self.root($0, of: draft) }
        let roleSet = roles.resolve(draft.roles)
        let groupRoles = roles.resolve(draft.groupRoles)
        let ceiling = draft.roleCeiling.map { roles.resolve($0) }
        checkCeiling(draft)
        if draft.provisions, let borrower, borrower.provisioning?.value ?? .notAllowed == .notAllowed {
            problems.warning(
                draft.provisionsLine,
                "`jit` has no effect: the organization `\(Shown.text(draft.organization?.value ?? ""))` has sso_jit_provisioning = \"NOT_ALLOWED\"; set that to ALL_ALLOWED or RESTRICTED, or remove `jit`"
            )
        }
        guard let name = draft.name, let borrower, let root else { return nil }
        return Declaration.DeclaredExternalConnection(
            name: name.value,
            externalConnection: ExternalConnection(
                id: draft.id.value, displayName: draft.displayName, borrowerID: borrower.id.value, connectionID: root.id.value,
                provisions: draft.provisions, emailDomains: draft.emailDomains, roles: roleSet, groupRoles: groupRoles,
                roleCeiling: ceiling))
    }

    /// The owned connection that a link names: another organization's, and no link itself (R1).
    private func root(_ reference: Located<String>, of draft: ExternalConnectionDraft) -> ConnectionDraft? {
        switch index.connection(reference, key: ExternalConnectionKey.connection.rawValue) {
        case .owned(let position):
            let root = drafts.connections[position]
            if let owner = root.organization, owner.value == draft.organization?.value {
                problems.error(
                    reference.line,
                    "`connection`: `\(Shown.text(reference.value))` is the organization's own: it needs no external connection to it; remove this one"
                )
                return nil
            }
            return root
        case .external(let position):
            let target = drafts.externalConnections[position].connection?.value ?? ""
            let remedy =
                position < drafts.externalConnections.count && !target.isEmpty && target != reference.value
                ? "name the connection that it points at, `\(Shown.text(target))`" : "name a [[connection]]"
            problems.error(
                reference.line,
                "`connection`: `\(Shown.text(reference.value))` is an external connection, and sharing is not transitive: \(remedy)")
            return nil
        case nil: return nil
        }
    }

    /// R6: "a rule in the file that it could never let through is an error".
    private func checkCeiling(_ draft: ExternalConnectionDraft) {
        guard let ceiling = draft.roleCeiling else { return }
        let allowed = Set(ceiling.map(\.value))
        for role in draft.roles + draft.groupRoles.flatMap(\.roles) where !allowed.contains(role.value) {
            problems.error(
                role.line, "`role_ceiling` never lets `\(Shown.text(role.value))` through: add the role there, or remove it here")
        }
    }
}
