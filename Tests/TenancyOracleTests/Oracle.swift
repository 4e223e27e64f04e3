import Tenancy

/// R1, R2 and R6 applied to one piece of evidence, for all organizations at once: who could be
/// signed in where. Sets first; choosing among them is `Oracle`'s.
struct Standing {
    /// A member in their organization.
    struct Place: Hashable {
        var organization: OrganizationID
        var member: MemberID
    }

    let evidence: Evidence
    /// R1: the organizations that accept the root connection, and through what.
    let doors: [OrganizationID: AcceptedConnection]
    /// R2, by subject.
    let recognized: Set<Place>
    /// R2, by address.
    let linkable: Set<Place>
    /// R6 and the conditions on the address: where a member could be made.
    let joinable: Set<OrganizationID>
    /// Where the only thing in the way is another subject's link to the member with the address.
    let subjectChanged: Set<OrganizationID>
    /// The addresses that recognized members would take over.
    let adoptions: Set<Place>
    /// Where the subject is known and nobody who matches is shut out, whether or not the organization accepts the root
    /// connection; nowhere, if the connection itself may not sign this person in.
    let known: Set<OrganizationID>
    /// Where only the member's other links or roles keep the address from leading to them.
    let outOfReach: Set<OrganizationID>

    init(_ evidence: Evidence, in world: World) {
        let doors = Oracle.doors(to: evidence.connectionID, in: world)
        // Whom the connection and the link may sign in at all.
        let passing = Set(doors.filter { Self.passes(evidence, door: $0.value, in: world) }.keys)
        let isTrusted = evidence.emailVerification != .unverified

        // Everybody who matches, in whatever state.
        let bySubject = Self.places(withSubjectOf: evidence, in: world)
        let byAddress = Self.places(withAddressOf: evidence, in: world)
        let hasSubject = Set(bySubject.map(\.organization))
        let hasAddress = Set(byAddress.map(\.organization))
        let matching = bySubject.union(byAddress)
        let barred = Set(matching.filter { world.members[$0.member]?.status != .active }.map(\.organization))
        let open = passing.subtracting(barred)

        // What keeps an address from leading to a member, to an address, or to an organization.
        let linkedHere = Set(world.subjectLinks.filter { $0.connectionID == evidence.connectionID }.map(\.memberID))
        let linkedThroughForeign = Self.membersLinkedThroughForeign(evidence.connectionID, in: world)
        let unreachable = Set(
            matching.filter { place in
                guard let member = world.members[place.member], let door = doors[place.organization] else { return true }
                // "From whatever source": what the link itself grants counts too.
                let roles = Oracle.standingRoles(of: member, in: world).union(
                    Oracle.granted(through: door, by: evidence, in: world).map(\.role))
                return linkedThroughForeign.contains(member.id) || Self.exceeds(roles, door, in: world)
            })
        let overrated = Set(
            doors.keys.filter { organization in
                guard let address = evidence.email else { return true }
                return Self.exceeds(Oracle.domainRoles(of: organization, at: address, in: world), doors[organization], in: world)
            })

        let recognized = bySubject.filter { open.contains($0.organization) }
        let candidates = byAddress.filter {
            isTrusted && open.contains($0.organization) && !hasSubject.contains($0.organization) && !unreachable.contains($0)
        }
        let strange = isTrusted ? open.subtracting(hasSubject).subtracting(hasAddress).subtracting(overrated) : []

        self.evidence = evidence
        self.doors = doors
        self.recognized = recognized
        linkable = candidates.filter { !linkedHere.contains($0.member) }
        subjectChanged = Set(candidates.filter { linkedHere.contains($0.member) }.map(\.organization))
        adoptions = recognized.filter {
            isTrusted && !hasAddress.contains($0.organization) && !unreachable.contains($0) && !overrated.contains($0.organization)
        }
        let isSignedIn = !doors.isEmpty && Self.passes(evidence, door: .owned(evidence.connectionID), in: world)
        known = isSignedIn ? hasSubject.subtracting(barred) : []
        outOfReach = Set(
            byAddress.filter {
                isTrusted && open.contains($0.organization) && !hasSubject.contains($0.organization) && unreachable.contains($0)
                    && !linkedHere.contains($0.member)
            }.map(\.organization))
        joinable = strange.filter { organization in
            doors[organization].map { Oracle.provisions(organization, through: $0, in: world) } ?? false
        }
    }

    private static func places(withSubjectOf evidence: Evidence, in world: World) -> Set<Place> {
        Set(
            world.subjectLinks.filter {
                $0.connectionID == evidence.connectionID && $0.issuer == evidence.issuer && $0.subject == evidence.subject
            }.map { Place(organization: $0.organizationID, member: $0.memberID) })
    }

    private static func places(withAddressOf evidence: Evidence, in world: World) -> Set<Place> {
        Set(world.members.values.filter { $0.email == evidence.email }.map { Place(organization: $0.organizationID, member: $0.id) })
    }

    /// Who is linked through a root other than `root`, where the organization does not own both.
    private static func membersLinkedThroughForeign(_ root: ConnectionID, in world: World) -> Set<MemberID> {
        Set(
            world.subjectLinks.filter { link in
                link.connectionID != root
                    && [root, link.connectionID].contains { world.connections[$0]?.organizationID != link.organizationID }
            }.map(\.memberID))
    }

    /// Address, domain lists and required claims; they hold for every use.
    private static func passes(_ evidence: Evidence, door: AcceptedConnection, in world: World) -> Bool {
        guard let address = evidence.email, let connection = world.connections[evidence.connectionID] else { return false }
        var lists = [connection.emailDomains]
        if case .external(let id) = door { lists.append(world.externalConnections[id]?.emailDomains) }
        let isListed = lists.allSatisfy { $0?.contains(address.domain) ?? true }
        let hasClaims = connection.requiredClaims.allSatisfy { !$0.value.isDisjoint(with: evidence.claims[$0.key] ?? []) }
        return isListed && hasClaims
    }

    /// Whether e-mail must not lead to somebody with these roles through `door`.
    private static func exceeds(_ roles: Set<RoleID>, _ door: AcceptedConnection?, in world: World) -> Bool {
        guard case .external(let id) = door, let link = world.externalConnections[id] else { return false }
        guard let ceiling = link.roleCeiling else { return roles.contains(.administrator) }
        return !roles.isSubset(of: ceiling)
    }
}

/// The answers that the text of R1 to R7 gives.
struct Oracle {
    let world: World

    // MARK: Discovery and start

    func discovery(_ address: EmailAddress) -> Answer {
        let here = world.members.values.filter { $0.email == address }
        let barred = Set(here.filter { $0.status != .active }.map(\.organizationID))
        let counted = Set(
            here.filter { $0.authority != .organizationAdministrator || $0.hasSignedIn }.map(\.organizationID))
        let entrances = world.connections.keys.flatMap { root in
            Self.doors(to: root, in: world).map { (root: root, organization: $0.key, door: $0.value) }
        }.filter { !barred.contains($0.organization) }

        let belonging = Set(entrances.filter { counted.contains($0.organization) }.map(\.root))
        if !belonging.isEmpty { return .offered(belonging) }
        return .offered(
            Set(
                entrances.filter {
                    Self.provisions($0.organization, through: $0.door, in: world)
                        && isListed(address.domain, root: $0.root, organization: $0.organization, door: $0.door)
                }.map(\.root)))
    }

    /// In one of the lists that speak for the domain, and in none that excludes it.
    private func isListed(
        _ domain: EmailDomain, root: ConnectionID, organization: OrganizationID, door: AcceptedConnection
    ) -> Bool {
        var lists = [world.connections[root]?.emailDomains]
        if case .external(let id) = door { lists.append(world.externalConnections[id]?.emailDomains) }
        let present = lists.compactMap { $0 }
        guard present.allSatisfy({ $0.contains(domain) }) else { return false }
        let allowed = (world.organizations[organization]?.allowedDomains ?? []).filter {
            $0.authority != .organizationAdministrator || $0.isVerified
        }
        return !present.isEmpty || allowed.contains { $0.domain == domain }
    }

    func start(_ target: SignInTarget) -> Answer {
        switch target {
        case .rootConnection(let root):
            return Self.doors(to: root, in: world).isEmpty ? .refused(nil) : .begun(root)
        case .externalConnection(let id):
            guard let link = world.externalConnections[id],
                Self.doors(to: link.connectionID, in: world)[link.borrowerID] == .external(id)
            else { return .refused(nil) }
            return .begun(link.connectionID)
        case .organization(let organization):
            var roots: [AcceptedConnection: ConnectionID] = [:]
            for root in world.connections.keys {
                if let door = Self.doors(to: root, in: world)[organization] { roots[door] = root }
            }
            if let first = world.organizations[organization]?.defaultConnection, let root = roots[first] { return .begun(root) }
            switch roots.count {
            case 0: return .refused(nil)
            case 1: return .begun(roots.values.first ?? Name.main)
            default: return .choice(Set(roots.values))
            }
        }
    }

    // MARK: Landing, exchange, continuation

    func landing(_ target: SignInTarget, _ standing: Standing, _ destination: Destination) -> Answer {
        let reachable = Set(standing.doors.keys).filter { organization in
            switch destination {
            case .anywhere: true
            case .page(let routed): routed.contains(organization)
            }
        }
        switch target {
        case .organization(let organization):
            return reachable.contains(organization) ? answer(in: organization, standing, mayProvision: true) : .refused(nil)
        case .externalConnection(let id):
            guard let link = world.externalConnections[id], link.connectionID == standing.evidence.connectionID,
                standing.doors[link.borrowerID] == .external(id), reachable.contains(link.borrowerID)
            else { return .refused(nil) }
            return answer(in: link.borrowerID, standing, mayProvision: true)
        case .rootConnection(let root):
            guard root == standing.evidence.connectionID else { return .refused(nil) }
            let belonging = Set(standing.recognized.union(standing.linkable).map(\.organization)).intersection(reachable)
            let choice = preferred(belonging, root) ?? preferred(standing.joinable.intersection(reachable), root)
            return choice.map { answer(in: $0, standing, mayProvision: true) } ?? .refused(nil)
        }
    }

    /// R5 speaks of two organizations; into the session's own one there is nothing to exchange, it only goes on.
    func exchange(_ session: Session, into organization: OrganizationID, _ standing: Standing, byClick: Bool) -> Answer {
        organization == session.organizationID
            ? continuation(of: session.memberID, in: organization, standing)
            : answer(in: organization, standing, mayProvision: byClick)
    }

    func continuation(of member: MemberID, in organization: OrganizationID, _ standing: Standing) -> Answer {
        guard standing.recognized.contains(.init(organization: organization, member: member)),
            let door = standing.doors[organization], let record = world.members[member]
        else { return .refused(nil) }
        let roles = roles(direct: record.roles, at: record.email, in: organization, door, standing.evidence)
        return .admitted(.init(organization: organization, via: door, membership: .known(member), adopts: nil, roles: roles))
    }

    /// R2, R3, R5: what a click leads to, and what only another sign-in does. In its own organization a session only
    /// goes on.
    func reach(of session: Session, _ standing: Standing) -> Answer {
        let own = session.organizationID
        let goesOn = standing.recognized.contains(.init(organization: own, member: session.memberID))
        var entered = Set(standing.recognized.union(standing.linkable).map(\.organization)).subtracting([own])
        if goesOn { entered.insert(own) }
        let joined = standing.joinable.subtracting([own])
        let acquainted = standing.known.union(standing.outOfReach.subtracting([own]))
        let elsewhere = acquainted.subtracting(entered).subtracting(joined).filter { organization in
            world.connections.keys.contains { root in
                root != session.evidence.connectionID && Self.doors(to: root, in: world)[organization] != nil
            }
        }
        var ways: [OrganizationID: Reach.Way] = [:]
        for organization in entered { ways[organization] = .enter }
        for organization in joined { ways[organization] = .join }
        for organization in elsewhere { ways[organization] = .signInAnew }
        return .reached(ways)
    }

    /// The owner if it is among them; otherwise the least by creation time and id.
    private func preferred(_ organizations: Set<OrganizationID>, _ root: ConnectionID) -> OrganizationID? {
        organizations.min { left, right in key(left, root) < key(right, root) }
    }

    private func key(_ organization: OrganizationID, _ root: ConnectionID) -> (Int, Int64, String) {
        let isOwner = world.connections[root]?.organizationID == organization
        return (isOwner ? 0 : 1, world.organizations[organization]?.createdAt.milliseconds ?? .max, organization.rawValue)
    }

    private func answer(in organization: OrganizationID, _ standing: Standing, mayProvision: Bool) -> Answer {
        guard let door = standing.doors[organization], let asserted = standing.evidence.email else { return .refused(nil) }
        func admitted(_ membership: Admission.Membership, adopts: EmailAddress?, _ direct: Set<RoleID>, _ at: EmailAddress) -> Answer {
            let roles = roles(direct: direct, at: at, in: organization, door, standing.evidence)
            return .admitted(.init(organization: organization, via: door, membership: membership, adopts: adopts, roles: roles))
        }
        if let place = standing.recognized.first(where: { $0.organization == organization }), let member = world.members[place.member] {
            let adopts = standing.adoptions.contains(place) ? asserted : nil
            return admitted(.known(member.id), adopts: adopts, member.roles, adopts ?? member.email)
        }
        if let place = standing.linkable.first(where: { $0.organization == organization }), let member = world.members[place.member] {
            return admitted(.linking(member.id), adopts: nil, member.roles, member.email)
        }
        if standing.joinable.contains(organization) {
            return mayProvision ? admitted(.provisioning(asserted), adopts: nil, [], asserted) : .refused(.provisioningNeedsClick)
        }
        return .refused(standing.subjectChanged.contains(organization) ? .subjectChanged : nil)
    }

    // MARK: R1, R6, R7

    /// The organizations that accept a sign-in through `root`, and through what.
    static func doors(to root: ConnectionID, in world: World) -> [OrganizationID: AcceptedConnection] {
        let active = Set(world.organizations.values.filter { $0.status == .active }.map(\.id))
        guard let connection = world.connections[root], connection.status == .active, active.contains(connection.organizationID)
        else { return [:] }
        var doors: [OrganizationID: AcceptedConnection] = [:]
        for link in world.externalConnections.values
        where link.connectionID == root && link.status == .active && active.contains(link.borrowerID) {
            doors[link.borrowerID] = .external(link.id)
        }
        doors[connection.organizationID] = .owned(root)
        return doors
    }

    static func provisions(_ organization: OrganizationID, through door: AcceptedConnection, in world: World) -> Bool {
        var permitted: Set<AcceptedConnection> = []
        switch world.organizations[organization]?.provisioning {
        case nil, .notAllowed: return false
        case .allAllowed: if case .owned = door { permitted = [door] }
        case .restricted(let listed): permitted = listed
        }
        if case .external(let id) = door, world.externalConnections[id]?.provisions == true { permitted.insert(door) }
        return permitted.contains(door)
    }

    static func domainRoles(of organization: OrganizationID, at address: EmailAddress, in world: World) -> Set<RoleID> {
        world.organizations[organization]?.domainRoles[address.domain] ?? []
    }

    /// Roles that a member has without any sign-in.
    static func standingRoles(of member: Member, in world: World) -> Set<RoleID> {
        member.roles.union(domainRoles(of: member.organizationID, at: member.email, in: world))
    }

    private func roles(
        direct: Set<RoleID>, at address: EmailAddress, in organization: OrganizationID, _ door: AcceptedConnection,
        _ evidence: Evidence
    ) -> [RoleID: Set<GrantedRole.Source>] {
        var grants = Set(direct.map { Granted(role: $0, source: .direct) })
        for role in Self.domainRoles(of: organization, at: address, in: world) {
            grants.insert(Granted(role: role, source: .emailDomain(address.domain)))
        }
        grants.formUnion(Self.granted(through: door, by: evidence, in: world))
        return Dictionary(grouping: grants, by: \.role).mapValues { Set($0.map(\.source)) }
    }

    struct Granted: Hashable {
        var role: RoleID
        var source: GrantedRole.Source
    }

    /// What the connection or the link grants to everybody and to the groups of the evidence, capped.
    static func granted(through door: AcceptedConnection, by evidence: Evidence, in world: World) -> Set<Granted> {
        let everybody: Set<RoleID>
        let byGroup: [String: Set<RoleID>]
        var cap: Set<RoleID>?
        switch door {
        case .owned(let id):
            everybody = world.connections[id]?.roles ?? []
            byGroup = world.connections[id]?.groupRoles ?? [:]
        case .external(let id):
            everybody = world.externalConnections[id]?.roles ?? []
            byGroup = world.externalConnections[id]?.groupRoles ?? [:]
            cap = world.externalConnections[id]?.roleCeiling
        }
        var granted = Set(everybody.map { Granted(role: $0, source: .connection(door)) })
        for group in Set(evidence.groups) {
            granted.formUnion((byGroup[group] ?? []).map { Granted(role: $0, source: .group(group, through: door)) })
        }
        return granted.filter { cap?.contains($0.role) ?? true }
    }
}
