extension World {
    /// Which connections to offer for an address that nobody has proven yet (R3).
    ///
    /// Both halves are always worked out, so that the time does not tell a known address from an unknown one.
    func discovery(of address: EmailAddress) -> Decision {
        let census = AddressCensus(of: address, in: self)
        var asMember: [Acceptance] = []
        var asNewcomer: [Acceptance] = []
        for acceptance in acceptances(by: Set(organizations.keys)) {
            switch acceptance.standing(of: address, census) {
            case .member: asMember.append(acceptance)
            case .newcomer: asNewcomer.append(acceptance)
            case .hidden: break
            }
        }
        return Decision(.offer(Offer.list(of: asMember.isEmpty ? asNewcomer : asMember)))
    }

    /// What discovery makes of every way in that the world has, by organization and connection. For explaining: it is
    /// decided by the same functions.
    public func discoveryFindings(for address: EmailAddress) -> [DiscoveryFinding] {
        let census = AddressCensus(of: address, in: self)
        let standings = acceptances(by: Set(organizations.keys)).map { ($0, $0.standing(of: address, census)) }
        let belongsSomewhere = standings.contains { $0.1 == .member }
        var findings = standings.map { acceptance, standing in
            let verdict: DiscoveryFinding.Verdict =
                switch standing {
                case .member: .shown(asMember: true)
                case .newcomer: belongsSomewhere ? .hidden(.belongsElsewhere) : .shown(asMember: false)
                case .hidden(let obstacle): .hidden(obstacle)
                }
            return DiscoveryFinding(
                organizationID: acceptance.organization.id, connectionID: acceptance.connection.id, via: acceptance.via,
                verdict: verdict)
        }
        for connection in connections.values {
            guard case .failure(let refusal) = acceptance(of: connection.id, by: connection.organizationID) else { continue }
            findings.append(
                DiscoveryFinding(
                    organizationID: connection.organizationID, connectionID: connection.id, via: .owned(connection.id),
                    verdict: .hidden(.refused(refusal))))
        }
        for link in externalConnections.values {
            guard case .failure(let refusal) = acceptance(through: link.id) else { continue }
            findings.append(
                DiscoveryFinding(
                    organizationID: link.borrowerID, connectionID: link.connectionID, via: .external(link.id),
                    verdict: .hidden(.refused(refusal))))
        }
        return findings.sorted { ($0.organizationID, $0.connectionID) < ($1.organizationID, $1.connectionID) }
    }
}

/// What discovery makes of one organization's way in through one root connection.
public struct DiscoveryFinding: Sendable, Equatable {
    public enum Verdict: Sendable, Equatable {
        case shown(asMember: Bool)
        case hidden(DiscoveryObstacle)
    }

    public var organizationID: OrganizationID
    /// The root connection.
    public var connectionID: ConnectionID
    public var via: AcceptedConnection
    public var verdict: Verdict
}

/// Why discovery does not show a way in.
public enum DiscoveryObstacle: Hashable, Sendable {
    /// R1 says no to anybody.
    case refused(Refusal)
    /// A suspended or deleted member has the address.
    case shutOut(Refusal)
    /// The organization's own administrator entered the address, and the person has not been there yet.
    case membershipNotProven
    /// The person could join, but belongs to another organization already.
    case belongsElsewhere
    /// R6 makes no members this way.
    case provisioningNotPermitted
    /// A list of the connection or the link has other domains.
    case domainNotListed
    /// No list names the domain: without one, every open organization would be offered.
    case domainNotNamed
    /// The organization's own administrator named the domain, and has not proven it.
    case domainNotProven
}

/// In which organizations an address is a member's, and as what.
private struct AddressCensus {
    var belonging: Set<OrganizationID> = []
    var unproven: Set<OrganizationID> = []
    var shutOut: [OrganizationID: Refusal] = [:]

    init(of address: EmailAddress, in world: World) {
        for member in world.members.values where member.email == address {
            switch member.status {
            case .active:
                if member.countsForDiscovery { belonging.insert(member.organizationID) } else { unproven.insert(member.organizationID) }
            case .suspended: shutOut[member.organizationID] = .memberSuspended
            case .deleted: shutOut[member.organizationID] = .memberDeleted
            }
        }
    }
}

private enum DiscoveryStanding: Equatable {
    case member
    case newcomer
    case hidden(DiscoveryObstacle)
}

extension Acceptance {
    fileprivate func standing(of address: EmailAddress, _ census: AddressCensus) -> DiscoveryStanding {
        let obstacle = obstacleToJoin(for: address)
        if let refusal = census.shutOut[organization.id] { return .hidden(.shutOut(refusal)) }
        if census.belonging.contains(organization.id) { return .member }
        guard let obstacle else { return .newcomer }
        return .hidden(census.unproven.contains(organization.id) ? .membershipNotProven : obstacle)
    }

    /// Why somebody with the address, unknown here, could not be provisioned this way, or why the address has nothing
    /// to do with it.
    private func obstacleToJoin(for address: EmailAddress) -> DiscoveryObstacle? {
        guard permitsProvisioning else { return .provisioningNotPermitted }
        let lists = [connection.emailDomains, link?.emailDomains].compactMap { $0 }
        guard lists.allSatisfy({ $0.contains(address.domain) }) else { return .domainNotListed }
        if !lists.isEmpty { return nil }
        let named = organization.allowedDomains.filter { $0.domain == address.domain }
        if named.contains(where: \.countsForDiscovery) { return nil }
        return named.isEmpty ? .domainNotNamed : .domainNotProven
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
