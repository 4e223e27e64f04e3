import Tenancy

/// The worlds beside a world.
extension World {
    /// The same things, put into the dictionaries in the opposite order.
    var reordered: World {
        var links = Set<SubjectLink>(minimumCapacity: subjectLinks.count * 8)
        for link in subjectLinks.sorted(by: { ($0.subject, $0.memberID) < ($1.subject, $1.memberID) }) { links.insert(link) }
        return World(
            organizations: organizations.values.sorted { $1.id < $0.id }, connections: connections.values.sorted { $1.id < $0.id },
            externalConnections: externalConnections.values.sorted { $1.id < $0.id },
            members: members.values.sorted { $1.id < $0.id }, subjectLinks: links)
    }

    func withoutLinks(ofOthersThan organization: OrganizationID) -> World {
        var world = self
        world.externalConnections = externalConnections.filter { $0.value.borrowerID == organization }
        return world
    }

    func withoutMembers(ofOthersThan organization: OrganizationID) -> World {
        var world = self
        world.members = members.filter { $0.value.organizationID == organization }
        world.subjectLinks = subjectLinks.filter { $0.organizationID == organization }
        return world
    }

    /// After everything that the admission asks for has been written, and the member whose session it is.
    func applying(_ admission: Admission, _ evidence: Evidence) -> (world: World, member: MemberID) {
        var world = self
        let id: MemberID
        var isNew = true
        switch admission.membership {
        case .known(let member):
            id = member
            isNew = false
        case .linking(let member):
            id = member
        case .provisioning(let address):
            id = MemberID("member-new")
            world.members[id] = Member(
                id: id, organizationID: admission.organizationID, email: address, authority: .provisioning, hasSignedIn: true)
        }
        if isNew {
            world.subjectLinks.insert(
                SubjectLink(
                    memberID: id, organizationID: admission.organizationID, connectionID: evidence.connectionID,
                    issuer: evidence.issuer, subject: evidence.subject))
        }
        if let address = admission.adoptsEmail { world.members[id]?.email = address }
        world.members[id]?.hasSignedIn = true
        return (world, id)
    }

    /// After what carried the sign-in has been severed or disabled.
    func ending(_ door: AcceptedConnection) -> World {
        var world = self
        switch door {
        case .owned(let id): world.connections[id]?.status = .disabled
        case .external(let id): world.externalConnections[id]?.status = .severed
        }
        return world
    }

    func suspending(_ member: MemberID) -> World {
        var world = self
        world.members[member]?.status = .suspended
        return world
    }

    func suspending(_ organization: OrganizationID) -> World {
        var world = self
        world.organizations[organization]?.status = .suspended
        return world
    }
}
