extension EvidenceMatches {
    /// Why the asserted address may not stand for this member in the accepting organization; `nil` if it may.
    ///
    /// R2 asks this twice: before a new subject is linked to the member who has the address, and before a
    /// recognized member's address is replaced by it. The domain lists have been applied already.
    func refusalToIdentify(_ member: Member, through acceptance: Acceptance) -> Refusal? {
        guard evidence.emailVerification != .unverified else { return .emailNotVerified }
        let links = otherLinks(of: member)
        // Any issuer and subject: an address that moved to another account of the IdP must not take the member along.
        guard !links.contains(where: { $0.connectionID == acceptance.connection.id }) else { return .subjectChanged }
        let ownsEveryLink =
            acceptance.link == nil
            && links.allSatisfy { owner(of: $0.connectionID) == acceptance.organization.id }
        guard links.isEmpty || ownsEveryLink else { return .linkedElsewhere }
        return exceedsCeiling(member, through: acceptance) ? .rolesExceedCeiling : nil
    }

    /// Whether the member holds, or would then hold, a role that another organization's IdP must not reach by
    /// asserting an address: one above the link's ceiling, or the administrator's if the link has no ceiling.
    private func exceedsCeiling(_ member: Member, through acceptance: Acceptance) -> Bool {
        guard let link = acceptance.link else { return false }
        // Both addresses: the roles that would be taken over, and those that the new domain would bring.
        let held = Set(
            [member.email, address].flatMap { memberAddress in
                acceptance.roles(direct: member.roles, address: memberAddress, groups: evidence.groups).granted.map(\.role)
            })
        return link.isExceeded(by: held)
    }
}

extension ExternalConnection {
    /// Whether an address alone must not make somebody the holder of these roles through the link (R2): beyond
    /// its ceiling, or an administrator where it has none.
    func isExceeded(by roles: Set<RoleID>) -> Bool {
        if let roleCeiling { return !roles.isSubset(of: roleCeiling) }
        return roles.contains(.administrator)
    }
}
