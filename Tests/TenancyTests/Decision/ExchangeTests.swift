import Tenancy
import Testing

@Suite("R5 and R8: exchange and refresh")
struct ExchangeTests {
    private static func exchange(byClick: Bool = false, _ change: (inout World) -> Void) -> Attempt {
        Attempt(.exchange(globex, byClick: byClick), in: town(change))
    }

    @Test("a silent exchange links by e-mail as a sign-in would, and never provisions")
    func silent() {
        #expect(Self.exchange { $0.add("alice", to: globex) }.decision.admission?.membership == .linking(MemberID("alice")))
        let open: (inout World) -> Void = {
            $0.organizations[globex]?.provisioning = .allAllowed
            $0.externalConnections[globexLink]?.provisions = true
        }
        #expect(Self.exchange(open).decision.refusal == .provisioningNeedsClick)
        #expect(Self.exchange(byClick: true, open).decision.admission?.membership == .provisioning(alice))
    }

    @Test("only the evidence counts: what the session's organization says of the person is not looked at")
    func evidenceAlone() {
        let decision = Self.exchange {
            $0.add("elsewhere", to: umbrella, email: bob, roles: [.administrator])
            $0.link("elsewhere", in: umbrella)
            $0.add("bob", to: globex, email: bob)
        }.decision
        #expect(decision.refusal == .notAMember)
    }

    @Test("into an unknown organization, or one that accepts another connection only")
    func targets() {
        let attempt = Self.exchange { $0.add("alice", to: globex) }
        #expect(attempt.decision.admission != nil)
        let unknown = attempt.with { $0.entry = .exchange(OrganizationID("x"), byClick: true) }
        #expect(unknown.decision.refusal == .unknownOrganization)
        let world = attempt.world
        let session = Session(
            memberID: MemberID("alice"), organizationID: globex, evidence: evidence(), expiresAt: Instant(seconds: 9))
        #expect(decide(.exchange(session, into: hooli, byClick: true), in: world).refusal == .connectionNotAccepted)
    }

    @Test("into the session's own organization it is a refresh")
    func ownOrganization() {
        let session = Session(
            memberID: MemberID("alice"), organizationID: globex, evidence: evidence(), expiresAt: Instant(seconds: 9))
        let unlinked = town { $0.add("alice", to: globex) }
        #expect(decide(.exchange(session, into: globex, byClick: true), in: unlinked).refusal == .memberChanged)
        var linked = unlinked
        linked.link("alice", in: globex)
        let decision = decide(.exchange(session, into: globex, byClick: true), in: linked)
        #expect(decision.admission?.membership == .known(MemberID("alice")))
        #expect(decision == decide(.continuation(session), in: linked))
    }

    private static let continuing = Attempt(
        .continuation("alice", globex),
        in: town {
            $0.add("alice", to: globex)
            $0.link("alice", in: globex)
        })

    static let clauses: [Clause] = [
        Clause("the subject was unlinked", continuing, .memberChanged) { $0.world.subjectLinks = [] },
        Clause("the subject was linked to another member", continuing, .memberChanged) {
            $0.world.subjectLinks = []
            $0.world.add("bob", to: globex, email: bob)
            $0.world.link("bob", in: globex)
        },
        Clause("the subject is of another issuer", continuing, .memberChanged) {
            $0.evidence.issuer = "https://other.example"
        },
        Clause("the session's member is another organization's", continuing, .memberChanged) {
            $0.entry = .continuation("alice", initech)
        },
        Clause("the session says another member", continuing, .memberChanged) {
            $0.world.add("bob", to: globex, email: bob)
            $0.entry = .continuation("bob", globex)
        },
    ]

    @Test("a session stands only for the member whom its evidence recognizes by subject", arguments: clauses)
    func continuation(clause: Clause) {
        #expect(clause.control.decision.admission?.membership == .known(MemberID("alice")))
        #expect(clause.broken.decision.refusal == clause.refusal)
    }
}
