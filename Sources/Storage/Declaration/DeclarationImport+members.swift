import Tenancy

extension DeclarationImport {
    private struct EarlierMember {
        var id: MemberID
        var organizationID: OrganizationID
        var state: Earlier
    }

    mutating func importMembers() throws {
        let earlier = try earlierMembers()
        try withdrawMembers(earlier)
        for (organization, digests) in zip(declaration.organizations, digests.members) {
            for (member, digest) in zip(organization.members, digests) {
                let before = earlier[member.id]
                if let before, before.state.isCurrent(digest) { continue }
                try importMember(member, of: organization.id, digest: digest, before: before)
            }
        }
    }

    /// By the id in the file, which is not the member's own where a member was taken over.
    private func earlierMembers() throws -> [MemberID: EarlierMember] {
        var earlier: [MemberID: EarlierMember] = [:]
        for row in try transaction.sql.rows(
            "SELECT declared_id, id, organization_id, declared, digest FROM members WHERE declared <> 'never'", [])
        {
            earlier[MemberID(try row.text(0))] = EarlierMember(
                id: MemberID(try row.text(1)), organizationID: OrganizationID(try row.text(2)),
                state: Earlier(declared: try row.choice(3), digest: try row.optionalBlob(4)))
        }
        return earlier
    }

    private mutating func withdrawMembers(_ earlier: [MemberID: EarlierMember]) throws {
        let kept = Set(declaration.organizations.flatMap { $0.members.map(\.id) })
        for (declaredID, member) in earlier where member.state.declared == .present && !kept.contains(declaredID) {
            try transaction.sql.execute("UPDATE members SET declared = 'withdrawn' WHERE id = $1", [.id(member.id)])
            transaction.record(.member(member.id))
            summary.disabled += 1
        }
    }

    private mutating func importMember(
        _ declared: Declaration.DeclaredMember, of organizationID: OrganizationID, digest: [UInt8], before: EarlierMember?
    ) throws {
        let stored = try before?.id ?? unmanagedMember(declared.id)
        let holder = try transaction.member(of: organizationID, email: declared.email)
        switch (stored, holder) {
        case (nil, nil):
            try transaction.insert(
                Member(
                    id: declared.id, organizationID: organizationID, email: declared.email, name: declared.name,
                    roles: declared.roles, authority: .configuration),
                declared: .present, declaredID: declared.id, digest: digest)
            count(isNew: true)
        case (nil, let holder?):
            guard try mayTakeOver(holder.id) else {
                conflict(declared, organizationID, holder)
                return
            }
            try update(holder.id, declared, email: declared.email, digest: digest)
        case (let stored?, let holder):
            let other = try before?.organizationID ?? transaction.member(stored)?.organizationID
            guard other == organizationID else {
                problems.append(.memberElsewhere(declared.id, organization: other ?? organizationID))
                return
            }
            if let holder, holder.id != stored {
                conflict(declared, organizationID, holder)
                try update(stored, declared, email: nil, digest: nil)
            } else {
                try update(stored, declared, email: declared.email, digest: digest)
            }
        }
    }

    private mutating func conflict(
        _ declared: Declaration.DeclaredMember, _ organizationID: OrganizationID, _ holder: Member
    ) {
        summary.conflicts.append(
            ImportConflict(organizationID: organizationID, declaredID: declared.id, memberID: holder.id))
    }

    private func unmanagedMember(_ id: MemberID) throws -> MemberID? {
        try transaction.row("SELECT 1 FROM members WHERE id = $1 AND declared = 'never'", [.id(id)]) == nil ? nil : id
    }

    /// Whoever the file declares under another id keeps their own entry.
    private func mayTakeOver(_ id: MemberID) throws -> Bool {
        try transaction.row("SELECT 1 FROM members WHERE id = $1 AND declared = 'present'", [.id(id)]) == nil
    }

    /// The declared fields. Without a name in the file the one from the IdP stays; without `email` the address
    /// does.
    private mutating func update(
        _ id: MemberID, _ declared: Declaration.DeclaredMember, email: EmailAddress?, digest: [UInt8]?
    ) throws {
        try transaction.sql.execute(
            """
            UPDATE members SET
                email = COALESCE($2, email), name = CASE WHEN $3 = '' THEN name ELSE $3 END, roles = $4,
                authority = $5, declared = 'present', declared_id = $6, digest = $7
            WHERE id = $1
            """,
            [
                .id(id), .text(email?.rawValue), .text(declared.name), .text(StoredJSON.text(declared.roles)),
                .text(Authority.configuration.rawValue), .id(declared.id), .blob(digest),
            ])
        transaction.record(.member(id))
        count(isNew: false)
    }
}
