extension World {
    /// Which connections to offer for an address that nobody has proven yet (R3).
    ///
    /// Both halves are always worked out, so that the time does not tell a known address from an unknown one.
    func discovery(of address: EmailAddress) -> Decision {
        var belonging: Set<OrganizationID> = []
        var shutOut: Set<OrganizationID> = []
        for member in members.values where member.email == address {
            switch member.status {
            case .active: if member.countsForDiscovery { belonging.insert(member.organizationID) }
            case .suspended, .deleted: shutOut.insert(member.organizationID)
            }
        }
        let open = acceptances(by: Set(organizations.keys).subtracting(shutOut))
        let asMember = open.filter { belonging.contains($0.organization.id) }
        let asNewcomer = open.filter { $0.isDiscoverable(by: address) }
        return Decision(.offer(Offer.list(of: asMember.isEmpty ? asNewcomer : asMember)))
    }
}

extension Member {
    /// An organization's administrator can enter anybody's address: it must not make the person's browser
    /// offer that organization's IdP before the person has been there of their own accord.
    fileprivate var countsForDiscovery: Bool {
        switch authority {
        case .configuration, .project, .provisioning: true
        case .organizationAdministrator: hasSignedIn
        }
    }
}

extension Organization.AllowedDomain {
    /// The same for a domain: an administrator's counts once it is proven.
    fileprivate var countsForDiscovery: Bool {
        switch authority {
        case .configuration, .project, .provisioning: true
        case .organizationAdministrator: isVerified
        }
    }
}

extension Acceptance {
    /// Whether somebody with the address, unknown here, could be provisioned this way, and the address has
    /// something to do with it: without a list that names its domain every open organization would be offered.
    fileprivate func isDiscoverable(by address: EmailAddress) -> Bool {
        guard permitsProvisioning else { return false }
        let lists = [connection.emailDomains, link?.emailDomains].compactMap { $0 }
        guard lists.allSatisfy({ $0.contains(address.domain) }) else { return false }
        return !lists.isEmpty
            || organization.allowedDomains.contains { $0.domain == address.domain && $0.countsForDiscovery }
    }
}
