import Tenancy
import Testing

private let roleA = RoleID("a")
private let roleB = RoleID("b")
private let roleC = RoleID("c")
private let roleD = RoleID("d")

@Suite("R7: roles and their sources")
struct RolesTests {
    private static func member(of organizationID: OrganizationID, _ change: (inout World) -> Void) -> Attempt {
        Attempt(
            .continuation("alice", organizationID), evidence(groups: ["eng", "eng", "unknown"]),
            in: town {
                $0.add("alice", to: organizationID, roles: [roleB])
                $0.link("alice", in: organizationID)
                change(&$0)
            })
    }

    @Test("every source of every role, sorted by id")
    func owned() {
        let roles = Self.member(of: acme) {
            $0.organizations[acme]?.domainRoles = [
                acmeDomain: [roleA, roleB], address("a@mail.acme.example").domain: [roleD],
            ]
            $0.connections[okta]?.roles = [roleA]
            $0.connections[okta]?.groupRoles = ["eng": [roleC, roleA], "ops": [roleD]]
        }.decision.admission?.roles
        #expect(
            roles == [
                GrantedRole(
                    role: roleA,
                    sources: [
                        .emailDomain(acmeDomain), .connection(oktaOwned), .group("eng", through: oktaOwned),
                    ]),
                GrantedRole(role: roleB, sources: [.direct, .emailDomain(acmeDomain)]),
                GrantedRole(role: roleC, sources: [.group("eng", through: oktaOwned)]),
            ])
    }

    @Test("through a link the link's rules count, never the owner's connection's")
    func borrowed() {
        let via = AcceptedConnection.external(globexLink)
        let roles = Self.member(of: globex) {
            $0.connections[okta]?.roles = [roleD]
            $0.connections[okta]?.groupRoles = ["eng": [roleD]]
            $0.externalConnections[globexLink]?.roles = [roleA]
            $0.externalConnections[globexLink]?.groupRoles = ["eng": [roleC]]
        }.decision.admission?.roles
        #expect(
            roles == [
                GrantedRole(role: roleA, sources: [.connection(via)]),
                GrantedRole(role: roleB, sources: [.direct]),
                GrantedRole(role: roleC, sources: [.group("eng", through: via)]),
            ])
    }

    @Test("the ceiling takes what comes through the link, not what is direct or of the domain")
    func ceiling() {
        let attempt = Self.member(of: globex) {
            $0.organizations[globex]?.domainRoles = [acmeDomain: [roleD]]
            $0.externalConnections[globexLink]?.roles = [roleA, roleB, roleD]
            $0.externalConnections[globexLink]?.groupRoles = ["eng": [roleB, roleC]]
            $0.externalConnections[globexLink]?.roleCeiling = [roleA]
        }
        let decision = attempt.decision
        #expect(
            decision.admission?.roles == [
                GrantedRole(role: roleA, sources: [.connection(.external(globexLink))]),
                GrantedRole(role: roleB, sources: [.direct]),
                GrantedRole(role: roleD, sources: [.emailDomain(acmeDomain)]),
            ])
        #expect(decision.reasons.suffix(3) == [.roleCapped(roleB), .roleCapped(roleC), .roleCapped(roleD)])
        let uncapped = attempt.with { $0.world.externalConnections[globexLink]?.roleCeiling = nil }.decision
        #expect(uncapped.admission?.roles.map(\.role) == [roleA, roleB, roleC, roleD])
    }

    @Test("a provisioned member has no direct roles, and those of domain, link and groups")
    func provisioned() {
        let attempt = Attempt(
            .landing(.organization(globex)), evidence(groups: ["eng"]),
            in: town {
                $0.organizations[globex]?.provisioning = .allAllowed
                $0.organizations[globex]?.domainRoles = [acmeDomain: [roleD]]
                $0.externalConnections[globexLink]?.provisions = true
                $0.externalConnections[globexLink]?.roles = [roleA, .administrator]
                $0.externalConnections[globexLink]?.groupRoles = ["eng": [roleC]]
                $0.externalConnections[globexLink]?.roleCeiling = [roleA, roleC, roleD]
            })
        #expect(attempt.decision.admission?.roles.map(\.role) == [roleA, roleC, roleD])
        #expect(attempt.decision.reasons.contains(.roleCapped(.administrator)))
    }

    @Test("nobody is provisioned through a link into domain roles above its ceiling, or without one into administration")
    func provisionedAboveCeiling() {
        func attempt(domainRole: RoleID, ceiling: Set<RoleID>?) -> Attempt {
            Attempt(
                .landing(.organization(globex)), evidence(),
                in: town {
                    $0.organizations[globex]?.provisioning = .allAllowed
                    $0.organizations[globex]?.domainRoles = [acmeDomain: [domainRole]]
                    $0.externalConnections[globexLink]?.provisions = true
                    $0.externalConnections[globexLink]?.roleCeiling = ceiling
                })
        }
        #expect(attempt(domainRole: roleD, ceiling: [roleA]).decision.outcome == .refuse(.rolesExceedCeiling))
        #expect(attempt(domainRole: .administrator, ceiling: nil).decision.outcome == .refuse(.rolesExceedCeiling))
        #expect(attempt(domainRole: roleD, ceiling: [roleD]).decision.admission?.roles.map(\.role) == [roleD])
        #expect(attempt(domainRole: roleD, ceiling: nil).decision.admission?.roles.map(\.role).contains(roleD) == true)
    }

    @Test("a group rule matches the group's bytes, not its look")
    func groupBytes() {
        let attempt = Self.member(of: acme) { $0.connections[okta]?.groupRoles = ["caf\u{e9}": [roleA]] }
        #expect(attempt.with { $0.evidence.groups = ["caf\u{e9}"] }.decision.admission?.roles.map(\.role) == [roleA, roleB])
        #expect(attempt.with { $0.evidence.groups = ["cafe\u{301}"] }.decision.admission?.roles.map(\.role) == [roleB])
    }

    @Test("an exchange works roles out afresh: nothing of the session's organization comes along")
    func exchanged() {
        let attempt = Attempt(
            .exchange(globex, byClick: false), evidence(groups: ["eng"]),
            in: town {
                $0.connections[okta]?.roles = [roleD]
                $0.add("alice", to: acme, roles: [.administrator])
                $0.add("alice-too", to: globex, roles: [roleA])
                $0.externalConnections[globexLink]?.groupRoles = ["eng": [roleC]]
            })
        #expect(attempt.decision.admission?.roles.map(\.role) == [roleA, roleC])
    }
}
