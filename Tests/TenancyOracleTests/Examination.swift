import Tenancy

typealias Decider = @Sendable (Question, World) -> Decision

/// Where `decide` and the rules part.
struct Disagreement: Error, CustomStringConvertible {
    var blueprint: Blueprint
    var question: Question
    var expected: String
    var decision: Decision

    var description: String {
        // The types' names are most of the text, and say nothing.
        """

        expected \(expected)
        outcome  \(decision.outcome)
        reasons  \(decision.reasons)
        question \(question)
        main     \(blueprint.main)
        other    \(blueprint.other.map { "\($0)" } ?? "none")
        tenants  \(Blueprint.tenants.map { "\(blueprint[$0])" }.joined(separator: "\n         "))
        """
        .replacing(/(TenancyOracleTests|Tenancy)\.([A-Z]\w*\.)*/, with: "")
    }
}

/// Asks a decider in one world after the other, and compares its answers with the oracle's.
struct Examination {
    let decide: Decider
    /// Off where the comparison alone is to find the fault.
    let checksPromises: Bool
    private(set) var questions = 0
    private(set) var admissions = 0

    init(of decide: @escaping Decider, checksPromises: Bool = true) {
        self.decide = decide
        self.checksPromises = checksPromises
    }

    mutating func examine(_ blueprint: Blueprint, _ scope: Scope, _ evidences: [Evidence]) throws(Disagreement) {
        let world = blueprint.world()
        let room = Room(blueprint: blueprint, scope: scope, world: world, oracle: Oracle(world: world))
        if scope.contains(.discovery) {
            try ask(.discovery(Name.address), expecting: room.oracle.discovery(Name.address), room)
        }
        if scope.contains(.starts) {
            for target in room.targets { try ask(.start(target), expecting: room.oracle.start(target), room) }
        }
        for evidence in evidences {
            let standing = Standing(evidence, in: world)
            try land(standing, room)
            if scope.contains(.continuations) { try continueSessions(standing, room) }
        }
    }

    private mutating func land(_ standing: Standing, _ room: Room) throws(Disagreement) {
        let evidence = standing.evidence
        let root = SignInTarget.rootConnection(evidence.connectionID)
        var named: [OrganizationID: Decision] = [:]
        for target in room.targets where room.asks(target, of: evidence) {
            let question = Question.landing(target, evidence, .anywhere)
            let decision = try ask(question, expecting: room.oracle.landing(target, standing, .anywhere), room)
            if case .organization(let organization) = target { named[organization] = decision }
            for page in room.scope.contains(.everyPage) ? Room.everyPage : [] {
                try ask(.landing(target, evidence, page), expecting: room.oracle.landing(target, standing, page), room)
            }
        }
        if room.scope.contains(.pages) {
            for page in Room.somePages {
                try ask(.landing(root, evidence, page), expecting: room.oracle.landing(root, standing, page), room)
            }
        }
        if room.scope.contains(.exchanges) { try exchange(standing, named, room) }
        if room.scope.contains(.reach) { try reach(standing, room) }
        for (organization, decision) in named {
            let question = Question.landing(.organization(organization), evidence, .anywhere)
            if checksPromises, room.scope.contains(.isolation) { try isolate(organization, decision, question, room) }
            if checksPromises, room.scope.contains(.aftermath), case .admit(let admission) = decision.outcome {
                try follow(admission, decision, question, evidence, room)
            }
        }
    }

    private mutating func exchange(
        _ standing: Standing, _ named: [OrganizationID: Decision], _ room: Room
    ) throws(Disagreement) {
        for (tenant, organization) in room.organizations.enumerated() {
            let elsewhere = (tenant + 1) % Name.organizations.count
            for byClick in room.scope.contains(.onlyFirst) ? [true] : [true, false] {
                // The session's member may not even exist: only its evidence counts.
                let session = room.session(Name.primaries[elsewhere], Name.organizations[elsewhere], standing.evidence)
                let question = Question.exchange(session, into: organization, byClick: byClick)
                let decision = try ask(
                    question, expecting: room.oracle.exchange(session, into: organization, standing, byClick: byClick), room)
                // R5 applies R1, R2 and R6 in full: with a click it is a landing that names the organization.
                if checksPromises, byClick, let landing = named[organization], landing.outcome != decision.outcome {
                    throw room.disagreement(question, "the same as landing there: \(landing.outcome)", decision)
                }
                guard byClick, room.scope.contains(.continuations) else { continue }
                // Into the organization that the session is in already.
                let own = room.session(Name.primaries[tenant], organization, standing.evidence)
                try ask(
                    .exchange(own, into: organization, byClick: byClick),
                    expecting: room.oracle.exchange(own, into: organization, standing, byClick: byClick), room)
            }
        }
    }

    /// From a session in the first tenant, and from one in an organization that has nothing to do with any.
    private mutating func reach(_ standing: Standing, _ room: Room) throws(Disagreement) {
        for home in [Name.organizations[0], OrganizationID("elsewhere")] {
            let session = room.session(Name.primaries[0], home, standing.evidence)
            let decision = try ask(.reach(session), expecting: room.oracle.reach(of: session, standing), room)
            guard checksPromises, case .reach(let places) = decision.outcome else { continue }
            // What is offered as one click is what one click gets, there and nowhere else.
            for organization in Name.organizations {
                let way = places.first { $0.organizationID == organization }?.way
                let exchanged = decide(.exchange(session, into: organization, byClick: true), room.world)
                guard (way == .enter || way == .join) == exchanged.admits else {
                    throw room.disagreement(.reach(session), "as an exchange says: \(exchanged.outcome)", decision)
                }
            }
        }
    }

    private mutating func continueSessions(_ standing: Standing, _ room: Room) throws(Disagreement) {
        for member in room.world.members.values {
            // Also a session in an organization that is not the member's.
            for organization in Set([member.organizationID, Name.organizations[0]]) {
                let session = room.session(member.id, organization, standing.evidence)
                let expected = room.oracle.continuation(of: member.id, in: organization, standing)
                try ask(.continuation(session), expecting: expected, room)
            }
        }
    }

    // MARK: One question

    @discardableResult
    private mutating func ask(_ question: Question, expecting expected: Answer, _ room: Room) throws(Disagreement) -> Decision {
        questions += 1
        let decision = decide(question, room.world)
        guard expected.expects(Answer(decision.outcome)) else { throw room.disagreement(question, "\(expected)", decision) }
        if case .admit = decision.outcome { admissions += 1 }
        guard checksPromises else { return decision }
        if let broken = Promises.broken(by: decision, to: question, in: room.world) {
            throw room.disagreement(question, broken, decision)
        }
        if room.scope.contains(.reordered), question.chooses, decide(question, room.reordered) != decision {
            throw room.disagreement(question, "the same in another order: \(decide(question, room.reordered))", decision)
        }
        return decision
    }

    // MARK: Promises that need another world

    /// R1, R2: neither another organization's links nor its members count here.
    private func isolate(
        _ organization: OrganizationID, _ decision: Decision, _ question: Question, _ room: Room
    ) throws(Disagreement) {
        for world in [room.world.withoutLinks(ofOthersThan: organization), room.world.withoutMembers(ofOthersThan: organization)] {
            let alone = decide(question, world)
            if alone.outcome != decision.outcome {
                throw room.disagreement(question, "the same without the others: \(alone.outcome)", decision)
            }
        }
    }

    /// A session that was just made goes on with the same roles, until what carries it ends (R8).
    private func follow(
        _ admission: Admission, _ decision: Decision, _ question: Question, _ evidence: Evidence, _ room: Room
    ) throws(Disagreement) {
        let (world, member) = room.world.applying(admission, evidence)
        let continuation = Question.continuation(room.session(member, admission.organizationID, evidence))
        let next = decide(continuation, world)
        guard case .admit(let going) = next.outcome, going.roles == admission.roles, going.via == admission.via else {
            throw room.disagreement(continuation, "to go on after \(decision.outcome)", next)
        }
        let severed = world.ending(admission.via)
        for ended in [severed, world.suspending(member), world.suspending(admission.organizationID)] {
            let last = decide(continuation, ended)
            guard case .refuse = last.outcome else { throw room.disagreement(continuation, "to end after \(decision.outcome)", last) }
        }
        // Nor does the same evidence make a new one.
        let again = decide(question, severed)
        guard case .refuse = again.outcome else { throw room.disagreement(question, "no way back in", again) }
    }
}

/// One world while it is examined.
struct Room {
    let blueprint: Blueprint
    let scope: Scope
    let world: World
    let oracle: Oracle
    let reordered: World

    init(blueprint: Blueprint, scope: Scope, world: World, oracle: Oracle) {
        self.blueprint = blueprint
        self.scope = scope
        self.world = world
        self.oracle = oracle
        reordered = scope.contains(.reordered) ? world.reordered : world
    }

    static let everyPage: [Destination] = (0..<8).map { bits in
        .page(of: Set(Blueprint.tenants.filter { bits & (1 << $0) != 0 }.map { Name.organizations[$0] }))
    }
    static let somePages: [Destination] = [everyPage[0b100], everyPage[0b011]]

    var organizations: [OrganizationID] {
        scope.contains(.onlyFirst) ? [Name.organizations[0]] : Name.organizations
    }

    /// Everything that a start can name, and one of each that does not exist.
    var targets: [SignInTarget] {
        var targets = scope.contains(.mistakes) ? Room.mistakes : []
        targets += Room.roots
        targets += organizations.map { .organization($0) }
        for link in world.externalConnections.keys { targets.append(.externalConnection(link)) }
        return targets
    }

    private static let roots: [SignInTarget] = [.rootConnection(Name.main), .rootConnection(Name.other)]
    private static let mistakes: [SignInTarget] = [
        .rootConnection(ConnectionID("none")), .externalConnection(ExternalConnectionID("none")),
        .organization(OrganizationID("none")),
    ]

    func asks(_ target: SignInTarget, of evidence: Evidence) -> Bool {
        switch target {
        case .rootConnection(let root): scope.contains(.root) && (root == evidence.connectionID || scope.contains(.mistakes))
        case .externalConnection: scope.contains(.links)
        case .organization: scope.contains(.organizations)
        }
    }

    func session(_ member: MemberID, _ organization: OrganizationID, _ evidence: Evidence) -> Session {
        Session(memberID: member, organizationID: organization, evidence: evidence, expiresAt: Instant(milliseconds: .max))
    }

    func disagreement(_ question: Question, _ expected: String, _ decision: Decision) -> Disagreement {
        Disagreement(blueprint: blueprint, question: question, expected: expected, decision: decision)
    }
}

extension Decision {
    fileprivate var admits: Bool {
        if case .admit = outcome { true } else { false }
    }
}

extension Question {
    /// Whether the answer picks among several organizations or lists several connections.
    fileprivate var chooses: Bool {
        switch self {
        case .landing(.rootConnection, _, _), .landing(.externalConnection, _, _), .discovery, .start(.organization), .reach: true
        default: false
        }
    }
}
