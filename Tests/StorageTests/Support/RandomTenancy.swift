import Storage
import Tenancy

/// A small tenancy full of coincidences: shared connections, shared addresses, lists that overlap, and everything in
/// every status. Sound as the schema demands it: one member for each address, one link in force for each pair.
struct RandomTenancy {
    var world = World()
    private var generator: SplitMix
    private let domains = ["a.example", "b.example"].compactMap { EmailDomain($0) }
    private let addresses = ["x@a.example", "y@a.example", "x@b.example"].compactMap { EmailAddress($0) }
    private let roles = [RoleID("viewer"), RoleID("editor"), RoleID.administrator]
    private let subjects = ["s1", "s2", "s3"]
    private let issuers = ["https://i1.example", "https://i2.example"]

    init(seed: UInt64) {
        generator = SplitMix(seed: seed)
        for number in 0..<6 { addOrganization(number) }
        for number in 0..<5 { addConnection(number) }
        for number in 0..<10 { addLink(number) }
        for number in 0..<14 { addMember(number) }
        for _ in 0..<12 { addSubjectLink() }
        for id in world.organizations.keys.sorted() where generator.chance(60) {
            let accepted = anyAccepted(by: id)
            world.organizations[id]?.defaultConnection = accepted.randomElement(using: &generator)
            if generator.chance(30) {
                world.organizations[id]?.provisioning = .restricted(to: Set(accepted.filter { _ in generator.chance(50) }))
            }
        }
    }

    // MARK: The world

    private mutating func mostly<Value>(_ usual: Value, _ others: [Value]) -> Value {
        generator.chance(80) ? usual : others.randomElement(using: &generator) ?? usual
    }

    private mutating func some<Value: Hashable>(_ values: [Value]) -> Set<Value> {
        Set(values.filter { _ in generator.chance(40) })
    }

    private mutating func list() -> Set<EmailDomain>? { generator.chance(60) ? nil : some(domains) }

    private mutating func addOrganization(_ number: Int) {
        let id = OrganizationID("o\(number)")
        world.organizations[id] = Organization(
            id: id, slug: "o\(number)", name: "O", status: mostly(.active, [.suspended, .deleted]),
            // Equal times are common, so that ties are.
            createdAt: at(Int64(generator.next(upTo: 4))),
            allowedDomains: some(domains).sorted().map {
                .init(
                    domain: $0, authority: Authority.allCases.randomElement(using: &generator) ?? .project,
                    isVerified: generator.chance(50))
            },
            provisioning: generator.chance(50) ? .allAllowed : .notAllowed,
            domainRoles: generator.chance(50) ? [:] : [domains[0]: some(roles)])
    }

    private mutating func addConnection(_ number: Int) {
        let id = ConnectionID("c\(number)")
        world.connections[id] = Connection(
            id: id, displayName: "C\(number)", organizationID: anyOrganization(), kind: .oidc,
            status: mostly(.active, [.disabled, .deleted]), emailDomains: list(),
            requiredClaims: generator.chance(80) ? [:] : ["hd": ["a.example"]], roles: some(roles),
            groupRoles: ["staff": some(roles)])
    }

    private mutating func addLink(_ number: Int) {
        let id = ExternalConnectionID("e\(number)")
        let link = ExternalConnection(
            id: id, displayName: "E\(number)", borrowerID: anyOrganization(), connectionID: anyConnection(),
            status: mostly(.active, ExternalConnection.Status.allCases), provisions: generator.chance(50),
            emailDomains: list(), roles: some(roles), groupRoles: ["staff": some(roles)],
            roleCeiling: generator.chance(60) ? nil : some(roles))
        let isTaken = world.externalConnections.values.contains {
            $0.borrowerID == link.borrowerID && $0.connectionID == link.connectionID && $0.status != .severed
        }
        if link.status == .severed || !isTaken { world.externalConnections[id] = link }
    }

    private mutating func addMember(_ number: Int) {
        let id = MemberID("m\(number)")
        guard let email = addresses.randomElement(using: &generator) else { return }
        let member = Member(
            id: id, organizationID: anyOrganization(), email: email, name: "M",
            status: mostly(.active, [.suspended, .deleted]),
            roles: some(roles), authority: Authority.allCases.randomElement(using: &generator) ?? .project,
            hasSignedIn: generator.chance(50))
        let isTaken = world.members.values.contains { $0.organizationID == member.organizationID && $0.email == member.email }
        if !isTaken { world.members[id] = member }
    }

    private mutating func addSubjectLink() {
        guard let member = world.members.values.sorted(by: { $0.id < $1.id }).randomElement(using: &generator) else { return }
        let link = SubjectLink(
            memberID: member.id, organizationID: member.organizationID, connectionID: anyConnection(), issuer: anyIssuer(),
            subject: anySubject())
        let isTaken = world.subjectLinks.contains {
            $0.organizationID == link.organizationID && $0.connectionID == link.connectionID && $0.issuer == link.issuer
                && $0.subject == link.subject
        }
        if !isTaken { world.subjectLinks.insert(link) }
    }

    private func anyAccepted(by id: OrganizationID) -> [AcceptedConnection] {
        world.connections.values.filter { $0.organizationID == id }.map { .owned($0.id) }.sorted { "\($0)" < "\($1)" }
            + world.externalConnections.values.filter { $0.borrowerID == id }.map { .external($0.id) }.sorted {
                "\($0)" < "\($1)"
            }
    }

    // One more than there are, now and then: unknown ids are asked about too.
    private mutating func anyOrganization() -> OrganizationID { OrganizationID("o\(generator.next(upTo: 6))") }
    private mutating func anyConnection() -> ConnectionID { ConnectionID("c\(generator.next(upTo: 5))") }
    private mutating func anyIssuer() -> String { issuers[generator.chance(80) ? 0 : 1] }
    private mutating func anySubject() -> String { subjects[generator.next(upTo: 3)] }

    // MARK: Questions

    mutating func question() -> Question {
        switch generator.next(upTo: 14) {
        case 0: .discovery(addresses[generator.next(upTo: addresses.count)])
        case 1: .start(target())
        case 2: .exchange(session(), into: askedOrganization(), byClick: generator.chance(50))
        case 3: .continuation(session())
        case 4: consent()
        case 5: .identityProviderChange(askedConnection(), by: actor())
        case 12, 13: .reach(session())
        case 6, 7: .landing(target(), evidence(), destination())
        default: landingAtRoot()
        }
    }

    private mutating func landingAtRoot() -> Question {
        let evidence = evidence()
        return .landing(.rootConnection(evidence.connectionID), evidence, destination())
    }

    private mutating func askedOrganization() -> OrganizationID { OrganizationID("o\(generator.next(upTo: 7))") }
    private mutating func askedConnection() -> ConnectionID { ConnectionID("c\(generator.next(upTo: 6))") }
    private mutating func askedLink() -> ExternalConnectionID { ExternalConnectionID("e\(generator.next(upTo: 10))") }

    private mutating func target() -> SignInTarget {
        switch generator.next(upTo: 3) {
        case 0: .rootConnection(askedConnection())
        case 1: .externalConnection(askedLink())
        default: .organization(askedOrganization())
        }
    }

    private mutating func destination() -> Destination {
        generator.chance(50) ? .anywhere : .page(of: some((0..<6).map { OrganizationID("o\($0)") }))
    }

    private mutating func evidence() -> Evidence {
        Evidence(
            connectionID: askedConnection(), issuer: anyIssuer(), subject: anySubject(),
            email: generator.chance(90) ? addresses.randomElement(using: &generator) : nil,
            emailVerification: mostly(.verified, Evidence.EmailVerification.allCases),
            groups: generator.chance(50) ? ["staff"] : [],
            claims: generator.chance(50) ? ["hd": ["a.example"]] : [:], authenticatedAt: at(0))
    }

    private mutating func session() -> Session {
        Session(
            memberID: MemberID("m\(generator.next(upTo: 15))"), organizationID: askedOrganization(), evidence: evidence(),
            expiresAt: at(100))
    }

    private mutating func actor() -> Actor {
        switch generator.next(upTo: 3) {
        case 0: .configuration
        case 1: .project
        default: .administrator(of: askedOrganization())
        }
    }

    private mutating func consent() -> Question {
        let act = ConsentAct.allCases.randomElement(using: &generator) ?? .create
        var link =
            world.externalConnections[askedLink()]
            ?? ExternalConnection(
                id: ExternalConnectionID("new"), displayName: "new", borrowerID: askedOrganization(),
                connectionID: askedConnection())
        if generator.chance(30) { link.connectionID = askedConnection() }
        return .consent(act, link, by: actor())
    }

    // MARK: The same in a store

    func write(to store: Store) async throws {
        let world = world
        try await store.write { transaction in
            for organization in world.organizations.values { try transaction.insertOrganization(organization) }
            for value in world.connections.values {
                let settings = OIDCConnectionSettings(issuer: "https://idp.example", clientID: "id", clientSecret: nil)
                try transaction.insertConnection(
                    StoredConnection(name: value.displayName, connection: value, settings: .oidc(settings)))
            }
            for link in world.externalConnections.values {
                try transaction.insertExternalConnection(
                    StoredExternalConnection(name: link.displayName, externalConnection: link))
            }
            for member in world.members.values { try transaction.insertMember(member) }
            for link in world.subjectLinks { try transaction.linkSubject(link) }
        }
    }
}
