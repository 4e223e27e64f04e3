import Tenancy
import Testing

/// A wrong decision: `decide` itself, asked about another world or another question, or with its
/// answer changed. The comparison has to find each in the family that is named.
struct Mutation: Sendable, CustomTestStringConvertible {
    let name: String
    let family: Family
    let decide: Decider

    var testDescription: String { name }

    /// Believes a changed world.
    private static func world(_ name: String, _ family: Family, _ change: @escaping @Sendable (inout World) -> Void) -> Mutation {
        Mutation(name: name, family: family) { question, world in
            var world = world
            change(&world)
            return Tenancy.decide(question, in: world)
        }
    }

    /// Hears another question.
    private static func question(_ name: String, _ family: Family, _ change: @escaping @Sendable (Question) -> Question) -> Mutation {
        Mutation(name: name, family: family) { Tenancy.decide(change($0), in: $1) }
    }

    /// Answers a landing or continuation in its own way, given the right answer.
    private static func answer(
        _ name: String, _ family: Family, _ change: @escaping @Sendable (Decision, Question, World) -> Decision
    ) -> Mutation {
        Mutation(name: name, family: family) { change(Tenancy.decide($0, in: $1), $0, $1) }
    }

    static let all: [Mutation] = acceptance + identity + addresses + choice + provisioning + discovery + reach

    // MARK: R1

    private static let acceptance: [Mutation] = [
        world("a severed link carries a sign-in", .choice) { world in
            for id in world.externalConnections.keys where world.externalConnections[id]?.status == .severed {
                world.externalConnections[id]?.status = .active
            }
        },
        world("a pending link carries a sign-in", .endings) { world in
            for id in world.externalConnections.keys where world.externalConnections[id]?.status == .pendingApproval {
                world.externalConnections[id]?.status = .active
            }
        },
        world("a disabled connection signs people in", .endings) { world in
            for id in world.connections.keys where world.connections[id]?.status == .disabled {
                world.connections[id]?.status = .active
            }
        },
        world("a suspended organization lets people in", .endings) { world in
            for id in world.organizations.keys where world.organizations[id]?.status == .suspended {
                world.organizations[id]?.status = .active
            }
        },
        world("sharing is transitive", .twoRoots) { world in
            for lower in world.externalConnections.values where lower.status == .active {
                for upper in world.externalConnections.values
                where upper.status == .active && world.connections[upper.connectionID]?.organizationID == lower.borrowerID {
                    let isThere = world.externalConnections.values.contains {
                        $0.borrowerID == upper.borrowerID && $0.connectionID == lower.connectionID
                    }
                    if isThere || world.connections[lower.connectionID]?.organizationID == upper.borrowerID { continue }
                    let id = ExternalConnectionID("\(upper.id) over \(lower.id)")
                    world.externalConnections[id] = ExternalConnection(
                        id: id, displayName: "", borrowerID: upper.borrowerID, connectionID: lower.connectionID)
                }
            }
        },
    ]

    // MARK: R2, who it is

    private static let identity: [Mutation] = [
        world("a suspended member is forgotten", .choice) { world in
            world.members = world.members.filter { $0.value.status != .suspended }
            world.subjectLinks = world.subjectLinks.filter { world.members[$0.memberID] != nil }
        },
        world("a deleted member is forgotten", .choice) { world in
            world.members = world.members.filter { $0.value.status != .deleted }
        },
        world("a suspended member gets in", .choice) { world in
            for id in world.members.keys where world.members[id]?.status == .suspended { world.members[id]?.status = .active }
        },
        world("a new subject takes over a linked member", .choice) { world in
            world.subjectLinks = world.subjectLinks.filter { $0.subject == Name.subject }
        },
        world("the issuer is not part of the identity", .address) { world in
            world.subjectLinks = Set(
                world.subjectLinks.map { link in
                    var link = link
                    link.issuer = Name.issuer
                    return link
                })
        },
        world("the root connection is not part of the identity", .twoRoots) { world in
            world.subjectLinks = Set(
                world.subjectLinks.flatMap { link in
                    [Name.main, Name.other].map { root in
                        var link = link
                        link.connectionID = root
                        return link
                    }
                })
        },
        world("a member elsewhere is evidence here", .choice) { world in
            guard let link = world.subjectLinks.first(where: { $0.subject == Name.subject }) else { return }
            for member in world.members.values where member.email == Name.address {
                world.subjectLinks.insert(
                    SubjectLink(
                        memberID: member.id, organizationID: member.organizationID, connectionID: link.connectionID,
                        issuer: link.issuer, subject: link.subject))
            }
        },
        answer("a session goes on by address alone", .choice) { decision, question, world in
            guard case .refuse = decision.outcome, case .continuation(let session) = question else { return decision }
            return Tenancy.decide(.landing(.organization(session.organizationID), session.evidence, .anywhere), in: world)
        },
    ]

    // MARK: R2, addresses

    private static let addresses: [Mutation] = [
        question("an unverified address links", .address) { question in
            guard case .landing(let target, var evidence, let destination) = question else { return question }
            evidence.emailVerification = .verified
            return .landing(target, evidence, destination)
        },
        world("the link's list is ignored", .address) { world in
            for id in world.externalConnections.keys { world.externalConnections[id]?.emailDomains = nil }
        },
        world("the connection's list is ignored", .address) { world in
            for id in world.connections.keys { world.connections[id]?.emailDomains = nil }
        },
        world("required claims are ignored", .address) { world in
            for id in world.connections.keys { world.connections[id]?.requiredClaims = [:] }
        },
        world("an address links a member of another root", .address) { world in
            world.subjectLinks = world.subjectLinks.filter { $0.connectionID != Name.other }
        },
        answer("a changed address is never adopted", .address) { decision, _, _ in
            guard case .admit(var admission) = decision.outcome else { return decision }
            admission.adoptsEmail = nil
            return Decision(.admit(admission))
        },
        world("the ceiling is ignored", .roles) { world in
            for id in world.externalConnections.keys { world.externalConnections[id]?.roleCeiling = nil }
        },
        world("an administrator is linked through a link without a ceiling", .roles) { world in
            for id in world.externalConnections.keys where world.externalConnections[id]?.roleCeiling == nil {
                world.externalConnections[id]?.roleCeiling = [Name.viewer, Name.editor, .administrator]
            }
        },
    ]

    // MARK: R4

    private static let choice: [Mutation] = [
        world("the youngest wins", .choice) { world in
            for (id, organization) in world.organizations {
                world.organizations[id]?.createdAt = Instant(milliseconds: -organization.createdAt.milliseconds)
            }
        },
        world("ties go to the greatest id", .choice) { world in
            for (index, id) in Name.organizations.enumerated() {
                guard let rank = world.organizations[id]?.createdAt.milliseconds else { continue }
                world.organizations[id]?.createdAt = Instant(milliseconds: rank * 10 - Int64(index))
            }
        },
        answer("the oldest comes before the owner", .choice) { decision, question, world in
            guard case .landing(.rootConnection, let evidence, .anywhere) = question else { return decision }
            let oldest = world.organizations.values.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
            for organization in oldest {
                let there = Tenancy.decide(.landing(.organization(organization.id), evidence, .anywhere), in: world)
                guard case .admit(let admission) = there.outcome else { continue }
                if case .provisioning = admission.membership { continue }
                return there
            }
            return decision
        },
        answer("the owner provisions before others recognize", .choice) { decision, question, world in
            guard case .landing(.rootConnection(let root), let evidence, .anywhere) = question,
                let owner = world.connections[root]?.organizationID
            else { return decision }
            let there = Tenancy.decide(.landing(.organization(owner), evidence, .anywhere), in: world)
            guard case .admit = there.outcome else { return decision }
            return there
        },
        answer("a refusal lands elsewhere", .choice) { decision, question, world in
            guard case .refuse = decision.outcome, case .landing(.organization, let evidence, let destination) = question
            else { return decision }
            return Tenancy.decide(.landing(.rootConnection(evidence.connectionID), evidence, destination), in: world)
        },
        question("a page needs no route", .routes) { question in
            guard case .landing(let target, let evidence, _) = question else { return question }
            return .landing(target, evidence, .anywhere)
        },
    ]

    // MARK: R5, R6

    private static let provisioning: [Mutation] = [
        question("an exchange provisions without a click", .provisioning) { question in
            guard case .exchange(let session, let organization, _) = question else { return question }
            return .exchange(session, into: organization, byClick: true)
        },
        world("ALL_ALLOWED counts for links too", .provisioning) { world in
            for id in world.externalConnections.keys {
                guard let link = world.externalConnections[id], world.organizations[link.borrowerID]?.provisioning == .allAllowed
                else { continue }
                world.externalConnections[id]?.provisions = true
            }
        },
        world("the link's switch overrules NOT_ALLOWED", .provisioning) { world in
            for id in world.organizations.keys where world.organizations[id]?.provisioning == .notAllowed {
                world.organizations[id]?.provisioning = .restricted(to: [])
            }
        },
        world("RESTRICTED is read as ALL_ALLOWED", .provisioning) { world in
            for id in world.organizations.keys where world.organizations[id]?.provisioning != .notAllowed {
                world.organizations[id]?.provisioning = .allAllowed
            }
        },
    ]

    // MARK: R3

    private static let discovery: [Mutation] = [
        world("an administrator's word counts for membership", .discoveryByMembership) { world in
            for id in world.members.keys { world.members[id]?.hasSignedIn = true }
        },
        world("an administrator's word counts for a domain", .discoveryByProvisioning) { world in
            for (id, organization) in world.organizations {
                world.organizations[id]?.allowedDomains = organization.allowedDomains.map {
                    .init(domain: $0.domain, authority: $0.authority, isVerified: true)
                }
            }
        },
        world("a link's list is ignored in discovery", .discoveryByProvisioning) { world in
            for id in world.externalConnections.keys { world.externalConnections[id]?.emailDomains = nil }
        },
        world("a deleted member is offered provisioning", .discoveryByProvisioning) { world in
            world.members = world.members.filter { $0.value.status == .active }
        },
    ]

    // MARK: What a session reaches

    private static let reach: [Mutation] = [
        answer("joining is shown as entering", .provisioning) { decision, _, _ in
            guard case .reach(let places) = decision.outcome else { return decision }
            return Decision(.reach(places.map { Reach(organizationID: $0.organizationID, way: .enter) }))
        },
        answer("an asserted address tells of organizations that don't accept it", .twoRoots) { decision, question, world in
            guard case .reach(var places) = decision.outcome, case .reach(let session) = question else { return decision }
            for member in world.members.values where member.email == session.evidence.email {
                guard !places.contains(where: { $0.organizationID == member.organizationID }) else { continue }
                places.append(Reach(organizationID: member.organizationID, way: .signInAnew))
            }
            return Decision(.reach(places))
        },
        answer("whoever is shut out still sees the organization", .endings) { decision, question, world in
            guard case .reach(var places) = decision.outcome else { return decision }
            for organization in world.organizations.values where organization.status == .suspended {
                places.append(Reach(organizationID: organization.id, way: .signInAnew))
            }
            return Decision(.reach(places))
        },
        answer("an organization that can't be entered any more is forgotten", .twoRoots) { decision, _, _ in
            guard case .reach(let places) = decision.outcome else { return decision }
            return Decision(.reach(places.filter { $0.way != .signInAnew }))
        },
    ]
}
