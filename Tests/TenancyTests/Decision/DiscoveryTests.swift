import Tenancy
import Testing

@Suite("R3: discovery")
struct DiscoveryTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let world: World
        let expected: [ConnectionID]

        init(_ sentence: String, _ expected: [ConnectionID], _ change: (inout World) -> Void = { _ in }) {
            testDescription = sentence
            world = town(change)
            self.expected = expected
        }
    }

    static let adfs = ConnectionID("hooli-adfs")

    static let members: [Row] = [
        Row("an unknown address: nothing", []),
        Row("a member of the owner", [okta]) { $0.add("alice", to: acme) },
        Row("a member of a borrower", [okta]) { $0.add("alice", to: globex) },
        Row("owned and external with one root are one entry", [okta]) {
            $0.add("a", to: acme)
            $0.add("b", to: globex)
            $0.add("c", to: initech)
        },
        Row("several organizations: by display name", [adfs, okta]) {
            $0.add("a", to: acme)
            $0.add("b", to: hooli)
        },
        Row("another address's membership", []) { $0.add("bob", to: acme, email: bob) },
        Row("a suspended member", []) { $0.add("alice", to: acme, status: .suspended) },
        Row("a deleted member", []) { $0.add("alice", to: acme, status: .deleted) },
        Row("an administrator's membership", []) { $0.add("alice", to: acme, authority: .organizationAdministrator) },
        Row("an administrator's membership after the first sign-in", [okta]) {
            $0.add("alice", to: acme, authority: .organizationAdministrator, hasSignedIn: true)
        },
        Row("a membership of the file", [okta]) { $0.add("alice", to: acme, authority: .configuration) },
        Row("a provisioned membership", [okta]) { $0.add("alice", to: acme, authority: .provisioning) },
        Row("a suspended organization", []) {
            $0.add("alice", to: globex)
            $0.organizations[globex]?.status = .suspended
        },
        Row("a disabled connection", []) {
            $0.add("alice", to: acme)
            $0.connections[okta]?.status = .disabled
        },
        Row("a suspended owner", []) {
            $0.add("alice", to: globex)
            $0.organizations[acme]?.status = .suspended
        },
        Row("a pending link", []) {
            $0.add("alice", to: globex)
            $0.externalConnections[globexLink]?.status = .pendingApproval
        },
    ]

    static func allow(
        _ domain: EmailDomain = acmeDomain, _ authority: Authority = .project, verified: Bool = false,
        at organizationID: OrganizationID = acme, in world: inout World
    ) {
        world.organizations[organizationID]?.provisioning = .allAllowed
        world.organizations[organizationID]?.allowedDomains = [
            .init(domain: domain, authority: authority, isVerified: verified)
        ]
    }

    static let newcomers: [Row] = [
        Row("an allowed domain of the owner", [okta]) { allow(in: &$0) },
        Row("an allowed domain of the file", [okta]) { allow(acmeDomain, .configuration, in: &$0) },
        Row("an allowed domain of an administrator", []) { allow(acmeDomain, .organizationAdministrator, in: &$0) },
        Row("a verified one of an administrator", [okta]) {
            allow(acmeDomain, .organizationAdministrator, verified: true, in: &$0)
        },
        Row("another allowed domain", []) { allow(address("a@other.example").domain, in: &$0) },
        Row("a parent domain", []) { allow(address("a@example.example").domain, in: &$0) },
        Row("an allowed domain where provisioning is not allowed", []) {
            allow(in: &$0)
            $0.organizations[acme]?.provisioning = .notAllowed
        },
        Row("provisioning open to everybody names no domain", []) { $0.organizations[acme]?.provisioning = .allAllowed },
        Row("the connection's list", [okta]) {
            $0.organizations[acme]?.provisioning = .allAllowed
            $0.connections[okta]?.emailDomains = [acmeDomain]
        },
        Row("the connection's list excludes an allowed domain", []) {
            allow(in: &$0)
            $0.connections[okta]?.emailDomains = [address("a@other.example").domain]
        },
        Row("a borrower's allowed domain, where the link provisions", [okta]) {
            allow(at: globex, in: &$0)
            $0.externalConnections[globexLink]?.provisions = true
        },
        Row("a borrower's allowed domain, where it does not", []) { allow(at: globex, in: &$0) },
        Row("the link's list", [okta]) {
            $0.organizations[globex]?.provisioning = .restricted(to: [.external(globexLink)])
            $0.externalConnections[globexLink]?.emailDomains = [acmeDomain]
        },
        Row("the link's list excludes an allowed domain", []) {
            allow(at: globex, in: &$0)
            $0.externalConnections[globexLink]?.provisions = true
            $0.externalConnections[globexLink]?.emailDomains = []
        },
        Row("a suspended member there", []) {
            allow(in: &$0)
            $0.add("alice", to: acme, status: .suspended)
        },
        Row("a suspended member elsewhere", [okta]) {
            allow(in: &$0)
            $0.add("alice", to: hooli, status: .suspended)
        },
        Row("a membership somewhere hides what is only provisionable", [adfs]) {
            allow(in: &$0)
            $0.add("alice", to: hooli)
        },
        Row("a membership without any connection does not", [okta]) {
            allow(in: &$0)
            $0.add("alice", to: hooli)
            $0.connections[adfs]?.status = .disabled
        },
        Row("a membership that does not count yet does not", [okta]) {
            allow(in: &$0)
            $0.add("alice", to: hooli, authority: .organizationAdministrator)
        },
    ]

    @Test("connections of organizations that the address belongs to", arguments: members)
    func belonging(row: Row) { expect(row) }

    @Test("or through which it could be provisioned", arguments: newcomers)
    func provisionable(row: Row) { expect(row) }

    private func expect(_ row: Row) {
        let decision = decide(.discovery(alice), in: row.world)
        guard case .offer(let offers) = decision.outcome else {
            Issue.record("not an offer: \(decision)")
            return
        }
        #expect(offers.map(\.rootConnectionID) == row.expected)
        let shown = row.world.discoveryFindings(for: alice).filter { if case .shown = $0.verdict { true } else { false } }
        #expect(Set(shown.map(\.connectionID)) == Set(row.expected), "the explanation differs from the decision")
        #expect(offers.map(\.displayName) == row.expected.map { row.world.connections[$0]?.displayName })
    }

    static let obstacles: [(String, World, DiscoveryObstacle)] = [
        ("nobody there has the address", town(), .provisioningNotPermitted),
        ("a suspended member", town { $0.add("alice", to: acme, status: .suspended) }, .shutOut(.memberSuspended)),
        ("a deleted member", town { $0.add("alice", to: acme, status: .deleted) }, .shutOut(.memberDeleted)),
        (
            "an administrator's word", town { $0.add("alice", to: acme, authority: .organizationAdministrator) },
            .membershipNotProven
        ),
        (
            "a member elsewhere",
            town {
                allow(in: &$0)
                $0.add("alice", to: hooli)
            }, .belongsElsewhere
        ),
        ("no domain is named", town { $0.organizations[acme]?.provisioning = .allAllowed }, .domainNotNamed),
        ("an unproven domain", town { allow(acmeDomain, .organizationAdministrator, in: &$0) }, .domainNotProven),
        (
            "another list",
            town {
                allow(in: &$0)
                $0.connections[okta]?.emailDomains = []
            }, .domainNotListed
        ),
        (
            "a disabled connection",
            town {
                $0.add("alice", to: acme)
                $0.connections[okta]?.status = .disabled
            }, .refused(.connectionInactive)
        ),
    ]

    @Test("what the owner's connection is not shown for", arguments: obstacles)
    func obstacle(sentence: String, world: World, expected: DiscoveryObstacle) {
        let findings = world.discoveryFindings(for: alice).filter { $0.via == oktaOwned }
        #expect(findings.map(\.verdict) == [.hidden(expected)], "\(sentence)")
    }
}
