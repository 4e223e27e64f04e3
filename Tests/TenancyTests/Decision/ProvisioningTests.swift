import Tenancy
import Testing

@Suite("R6: just-in-time provisioning")
struct ProvisioningTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let policy: ProvisioningPolicy
        let linkProvisions: Bool
        let owned: Bool
        let external: Bool
        var testDescription: String { "\(policy), link \(linkProvisions)" }
    }

    static let listed = AcceptedConnection.external(globexLink)

    static let rows: [Row] = [
        Row(policy: .allAllowed, linkProvisions: false, owned: true, external: false),
        Row(policy: .allAllowed, linkProvisions: true, owned: true, external: true),
        Row(policy: .notAllowed, linkProvisions: false, owned: false, external: false),
        Row(policy: .notAllowed, linkProvisions: true, owned: false, external: false),
        Row(policy: .restricted(to: []), linkProvisions: false, owned: false, external: false),
        Row(policy: .restricted(to: []), linkProvisions: true, owned: false, external: true),
        Row(policy: .restricted(to: [oktaOwned]), linkProvisions: false, owned: true, external: false),
        Row(policy: .restricted(to: [listed]), linkProvisions: false, owned: false, external: true),
        Row(policy: .restricted(to: [.owned(ConnectionID("other"))]), linkProvisions: false, owned: false, external: false),
        Row(policy: .restricted(to: [.external(initechLink)]), linkProvisions: false, owned: false, external: false),
        // An external connection's id is not a connection's, though the text be the same.
        Row(
            policy: .restricted(to: [.owned(ConnectionID(globexLink.rawValue)), .external(ExternalConnectionID(okta.rawValue))]),
            linkProvisions: false, owned: false, external: false),
    ]

    @Test("policy and link decide together", arguments: rows)
    func policies(row: Row) {
        let world = town {
            $0.organizations[acme]?.provisioning = row.policy
            $0.organizations[globex]?.provisioning = row.policy
            $0.externalConnections[globexLink]?.provisions = row.linkProvisions
        }
        for (organizationID, permitted) in [(acme, row.owned), (globex, row.external)] {
            let landing = Attempt(.landing(.organization(organizationID)), in: world)
            let silent = landing.with { $0.entry = .exchange(organizationID, byClick: false) }.decision
            for decision in [landing.decision, landing.with { $0.entry = .exchange(organizationID, byClick: true) }.decision] {
                #expect(decision.admission?.membership == (permitted ? .provisioning(alice) : nil))
                #expect(decision.refusal == (permitted ? nil : .notAMember))
                #expect(decision.reasons.contains(.provisioned(organizationID)) == permitted)
            }
            #expect(silent.refusal == (permitted ? .provisioningNeedsClick : .notAMember))
        }
    }

    private static func open() -> Attempt {
        Attempt(
            .landing(.organization(globex)),
            in: town {
                $0.organizations[globex]?.provisioning = .allAllowed
                $0.externalConnections[globexLink]?.provisions = true
                $0.externalConnections[globexLink]?.emailDomains = [acmeDomain]
            })
    }

    static let clauses: [Clause] = [
        Clause("the link's list limits provisioning", open(), .emailDomainNotAllowed) {
            $0.evidence.email = address("alice@elsewhere.example")
        },
        Clause("the connection's list limits provisioning through the link", open(), .emailDomainNotAllowed) {
            $0.world.connections[okta]?.emailDomains = []
        },
        Clause("an unverified address provisions nobody", open(), .emailNotVerified) {
            $0.evidence.emailVerification = .unverified
        },
        Clause("a suspended member with the subject is not provisioned anew", open(), .memberSuspended) {
            $0.world.add("former", to: globex, email: bob, status: .suspended)
            $0.world.link("former", in: globex)
        },
        Clause("a deleted member with the subject is not provisioned anew", open(), .memberDeleted) {
            $0.world.add("former", to: globex, email: bob, status: .deleted)
            $0.world.link("former", in: globex)
        },
        Clause("a member linked under another subject is not provisioned anew", open(), .subjectChanged) {
            $0.world.add("alice", to: globex)
            $0.world.link("alice", in: globex, subject: "s-former")
        },
        Clause("a refresh provisions nobody", open(), .memberChanged) { $0.entry = .continuation("alice", globex) },
    ]

    @Test("the address must pass what linking asks of it", arguments: clauses)
    func conditions(clause: Clause) {
        #expect(clause.control.decision.admission?.membership == .provisioning(alice))
        #expect(clause.broken.decision.refusal == clause.refusal)
    }
}
