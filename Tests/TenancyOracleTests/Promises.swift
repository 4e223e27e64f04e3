import Tenancy

/// What holds for every admission whatever the oracle says, each written down once more and by itself.
enum Promises {
    /// The promise that the decision breaks, in words.
    static func broken(by decision: Decision, to question: Question, in world: World) -> String? {
        guard case .admit(let admission) = decision.outcome else { return nil }
        switch question {
        case .landing(let target, let evidence, let destination):
            return brokenByLanding(admission, target, destination, in: world) ?? brokenByAny(admission, evidence, in: world)
        case .exchange(let session, let organization, let byClick):
            if admission.organizationID != organization { return "an exchange into \(organization) stays there" }
            if !byClick, case .provisioning = admission.membership { return "no provisioning without a click" }
            return brokenByAny(admission, session.evidence, in: world)
        case .continuation(let session):
            if admission.organizationID != session.organizationID { return "a session stays in its organization" }
            if admission.membership != .known(session.memberID) { return "a session stays its member's" }
            if admission.adoptsEmail != nil { return "a continuation writes nothing" }
            return brokenByAny(admission, session.evidence, in: world)
        case .discovery, .start, .reach, .consent, .identityProviderChange:
            return "nobody is admitted by \(question)"
        }
    }

    private static func brokenByLanding(
        _ admission: Admission, _ target: SignInTarget, _ destination: Destination, in world: World
    ) -> String? {
        if case .page(let routed) = destination, !routed.contains(admission.organizationID) { return "a page needs a route" }
        switch target {
        case .organization(let organization):
            return admission.organizationID == organization ? nil : "\(organization) or nothing"
        case .externalConnection(let link):
            let borrower = world.externalConnections[link]?.borrowerID
            return admission.organizationID == borrower && admission.via == .external(link) ? nil : "\(link) or nothing"
        case .rootConnection:
            return nil
        }
    }

    private static func brokenByAny(_ admission: Admission, _ evidence: Evidence, in world: World) -> String? {
        guard accepts(admission, evidence.connectionID, in: world) else { return "the organization does not accept the root connection" }
        switch admission.membership {
        case .known(let id), .linking(let id):
            guard let member = world.members[id], member.organizationID == admission.organizationID, member.status == .active
            else { return "the member is not an active one of the organization" }
        case .provisioning(let address):
            if address != evidence.email { return "the address is not the asserted one" }
            if world.members.values.contains(where: { $0.organizationID == admission.organizationID && $0.email == address }) {
                return "a second member with the address"
            }
        }
        if let address = admission.adoptsEmail, evidence.emailVerification == .unverified || address != evidence.email {
            return "an address is adopted that nobody verified"
        }
        return brokenRole(of: admission, in: world)
    }

    /// R1, read from the two things that can carry a sign-in.
    private static func accepts(_ admission: Admission, _ root: ConnectionID, in world: World) -> Bool {
        guard let connection = world.connections[root], connection.status == .active,
            world.organizations[connection.organizationID]?.status == .active,
            world.organizations[admission.organizationID]?.status == .active
        else { return false }
        switch admission.via {
        case .owned(let id): return id == root && connection.organizationID == admission.organizationID
        case .external(let id):
            guard let link = world.externalConnections[id] else { return false }
            return link.connectionID == root && link.borrowerID == admission.organizationID && link.status == .active
        }
    }

    private static func brokenRole(of admission: Admission, in world: World) -> String? {
        for (previous, next) in zip(admission.roles, admission.roles.dropFirst()) where !(previous.role < next.role) {
            return "roles are sorted, each once"
        }
        for granted in admission.roles {
            if granted.sources.isEmpty { return "\(granted.role) comes from nowhere" }
            for source in granted.sources {
                switch source {
                case .direct, .emailDomain: continue
                case .connection(let door), .group(_, through: let door):
                    if door != admission.via { return "\(granted.role) comes through another door" }
                    if case .external(let id) = door, let ceiling = world.externalConnections[id]?.roleCeiling,
                        !ceiling.contains(granted.role)
                    {
                        return "\(granted.role) exceeds the ceiling"
                    }
                }
            }
        }
        return nil
    }
}
