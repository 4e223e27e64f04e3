import Tenancy
import Testing

@Suite("R4: landing")
struct LandingTests {
    private static func root(_ change: (inout World) -> Void) -> Attempt {
        Attempt(.landing(.rootConnection(okta)), in: town(change))
    }

    private static func everywhere(_ world: inout World) {
        world.add("at-acme", to: acme)
        world.add("at-globex", to: globex)
        world.add("at-initech", to: initech)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let attempt: Attempt
        let expected: OrganizationID
        let passedOver: [Reason]

        init(_ sentence: String, _ expected: OrganizationID, after passedOver: [Reason] = [], _ change: (inout World) -> Void) {
            testDescription = sentence
            attempt = root(change)
            self.expected = expected
            self.passedOver = passedOver
        }
    }

    static let memberships: [Row] = [
        Row("the owner first, though it is the youngest", acme) { everywhere(&$0) },
        Row("not at the owner: the oldest", globex, after: [.passedOver(acme, .notAMember)]) {
            $0.add("at-globex", to: globex)
            $0.add("at-initech", to: initech)
        },
        Row("a linked member counts no more than one who would be linked", globex, after: [.passedOver(acme, .notAMember)]) {
            $0.add("at-globex", to: globex)
            $0.add("at-initech", to: initech)
            $0.link("at-initech", in: initech)
        },
        Row("the oldest, whatever the ids", initech, after: [.passedOver(acme, .notAMember)]) {
            $0.add("at-globex", to: globex)
            $0.add("at-initech", to: initech)
            $0.organizations[initech]?.createdAt = Instant(seconds: 99)
        },
        Row("the same age: the smaller id", globex, after: [.passedOver(acme, .notAMember)]) {
            $0.add("at-globex", to: globex)
            $0.add("at-initech", to: initech)
            $0.organizations[globex]?.createdAt = Instant(seconds: 200)
        },
        Row(
            "a membership before provisioning at the owner", initech,
            after: [.passedOver(acme, .notAMember), .passedOver(globex, .notAMember)]
        ) {
            $0.add("at-initech", to: initech)
            $0.organizations[acme]?.provisioning = .allAllowed
        },
        Row(
            "suspended at the owner: passed over, though it provisions", globex,
            after: [.passedOver(acme, .memberSuspended)]
        ) {
            everywhere(&$0)
            $0.members[MemberID("at-acme")]?.status = .suspended
            $0.organizations[acme]?.provisioning = .allAllowed
        },
        Row("another subject at the owner: passed over", globex, after: [.passedOver(acme, .subjectChanged)]) {
            everywhere(&$0)
            $0.link("at-acme", in: acme, subject: "s-former")
        },
        Row(
            "outside a link's list: passed over", initech,
            after: [.passedOver(acme, .notAMember), .passedOver(globex, .emailDomainNotAllowed)]
        ) {
            $0.add("at-globex", to: globex)
            $0.add("at-initech", to: initech)
            $0.externalConnections[globexLink]?.emailDomains = []
        },
        Row(
            "a suspended organization: passed over", initech,
            after: [.passedOver(acme, .notAMember), .passedOver(globex, .organizationInactive)]
        ) {
            $0.add("at-globex", to: globex)
            $0.add("at-initech", to: initech)
            $0.organizations[globex]?.status = .suspended
        },
        Row(
            "a deleted organization: passed over", initech,
            after: [.passedOver(acme, .notAMember), .passedOver(globex, .organizationInactive)]
        ) {
            $0.add("at-globex", to: globex)
            $0.add("at-initech", to: initech)
            $0.organizations[globex]?.status = .deleted
        },
        Row("an organization that severed its link is not considered", initech, after: [.passedOver(acme, .notAMember)]) {
            $0.add("at-globex", to: globex)
            $0.add("at-initech", to: initech)
            $0.externalConnections[globexLink]?.status = .severed
        },
        Row("an administrator's membership is one", globex, after: [.passedOver(acme, .notAMember)]) {
            $0.add("at-globex", to: globex, authority: .organizationAdministrator)
        },
    ]

    @Test("by membership", arguments: memberships)
    func membership(row: Row) {
        let decision = row.attempt.decision
        #expect(decision.admission?.organizationID == row.expected)
        #expect(Array(decision.reasons.prefix(row.passedOver.count)) == row.passedOver)
        let choice: Reason = row.expected == acme ? .isOwner(acme) : .isOldest(row.expected)
        #expect(decision.reasons.dropFirst(row.passedOver.count).first == choice)
    }

    private static func provisions(_ world: inout World, at organizations: Set<OrganizationID>) {
        for id in organizations { world.organizations[id]?.provisioning = .allAllowed }
        world.externalConnections[globexLink]?.provisions = true
        world.externalConnections[initechLink]?.provisions = true
    }

    static let provisionings: [Row] = [
        Row("the owner if it permits", acme) { provisions(&$0, at: [acme, globex, initech]) },
        Row("else the oldest that permits", globex, after: [.passedOver(acme, .notAMember)]) {
            provisions(&$0, at: [globex, initech])
        },
        Row("else the next", initech, after: [.passedOver(acme, .notAMember), .passedOver(globex, .notAMember)]) {
            provisions(&$0, at: [initech])
        },
        Row(
            "not where the member is suspended", initech,
            after: [.passedOver(acme, .notAMember), .passedOver(globex, .memberSuspended)]
        ) {
            provisions(&$0, at: [globex, initech])
            $0.add("at-globex", to: globex, status: .suspended)
        },
        Row(
            "not where the organization is suspended", initech,
            after: [.passedOver(acme, .notAMember), .passedOver(globex, .organizationInactive)]
        ) {
            provisions(&$0, at: [globex, initech])
            $0.organizations[globex]?.status = .suspended
        },
    ]

    @Test("by provisioning, where there is no membership", arguments: provisionings)
    func provisioning(row: Row) {
        let decision = row.attempt.decision
        #expect(decision.admission?.organizationID == row.expected)
        #expect(decision.admission?.membership == .provisioning(alice))
        #expect(Array(decision.reasons.prefix(row.passedOver.count)) == row.passedOver)
        #expect(!decision.reasons.contains(.passedOver(row.expected, .notAMember)))
    }

    @Test("for a page, organizations without a route are passed over; without a page they are not")
    func routes() {
        var attempt = Self.root { Self.everywhere(&$0) }
        attempt.destination = .page(of: [initech])
        let decision = attempt.decision
        #expect(decision.admission?.organizationID == initech)
        #expect(decision.reasons.prefix(2) == [.passedOver(acme, .noRoute), .passedOver(globex, .noRoute)])
        attempt.destination = .page(of: [])
        #expect(attempt.decision.refusal == .noRoute)
        attempt.destination = .anywhere
        #expect(attempt.decision.admission?.organizationID == acme)
    }

    @Test(
        "a named organization or link is that one or the cause, never another",
        arguments: [
            SignInTarget.organization(globex), .externalConnection(globexLink),
        ])
    func named(target: SignInTarget) {
        var attempt = Self.root {
            $0.add("at-acme", to: acme)
            $0.add("at-initech", to: initech)
        }
        attempt.entry = .landing(target)
        #expect(attempt.decision.refusal == .notAMember)
        attempt.world.add("at-globex", to: globex)
        #expect(attempt.decision.admission?.organizationID == globex)
        attempt.destination = .page(of: [acme, initech])
        #expect(attempt.decision.refusal == .noRoute)
        attempt.destination = .page(of: [globex])
        #expect(attempt.decision.admission?.organizationID == globex)
    }

    @Test("nothing left: the common cause, or that nothing is left")
    func nothingLeft() {
        #expect(Self.root { _ in }.decision.refusal == .notAMember)
        let unverified = Self.root { Self.everywhere(&$0) }.with { $0.evidence.emailVerification = .unverified }
        #expect(unverified.decision.refusal == .emailNotVerified)
        let mixed = Self.root { $0.add("at-acme", to: acme, status: .suspended) }.decision
        #expect(mixed.refusal == .nowhereToLand)
        #expect(
            mixed.reasons == [
                .passedOver(acme, .memberSuspended), .passedOver(globex, .notAMember), .passedOver(initech, .notAMember),
                .refused(.nowhereToLand),
            ])
    }

    @Test("the same world, built in any order, gives the same decision")
    func deterministic() {
        let organizations = (0..<40).map { organization(OrganizationID("o\($0)"), created: 7) }
        let links = organizations.map {
            ExternalConnection(
                id: ExternalConnectionID("x" + $0.id.rawValue), displayName: "", borrowerID: $0.id, connectionID: okta)
        }
        let members = organizations.map {
            Member(id: MemberID("m" + $0.id.rawValue), organizationID: $0.id, email: alice, authority: .project)
        }
        let connection = Connection(id: okta, displayName: "", organizationID: acme, kind: .oidc)
        func decision(_ shuffle: Bool) -> Decision {
            let world = World(
                organizations: [organization(acme, created: 1)] + (shuffle ? organizations.shuffled() : organizations),
                connections: [connection], externalConnections: shuffle ? links.shuffled() : links,
                members: shuffle ? members.shuffled() : members)
            return decide(.landing(.rootConnection(okta), evidence(), .anywhere), in: world)
        }
        #expect(decision(false).admission?.organizationID == OrganizationID("o0"))
        for _ in 0..<10 { #expect(decision(true) == decision(false)) }
    }
}
