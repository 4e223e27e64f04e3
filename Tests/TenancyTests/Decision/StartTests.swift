import Tenancy
import Testing

@Suite("R4: where a sign-in begins")
struct StartTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let target: SignInTarget
        let world: World
        let expected: Decision.Outcome

        init(_ sentence: String, _ target: SignInTarget, _ expected: Decision.Outcome, _ change: (inout World) -> Void = { _ in }) {
            testDescription = sentence
            self.target = target
            world = town(change)
            self.expected = expected
        }
    }

    static let other = ConnectionID("other")

    static let rows: [Row] = [
        Row("a root connection", .rootConnection(okta), .begin(rootConnectionID: okta)),
        Row("an unknown connection", .rootConnection(other), .refuse(.unknownConnection)),
        Row("a disabled connection", .rootConnection(okta), .refuse(.connectionInactive)) {
            $0.connections[okta]?.status = .disabled
        },
        Row("a suspended owner's connection", .rootConnection(okta), .refuse(.ownerInactive)) {
            $0.organizations[acme]?.status = .suspended
        },
        Row("an external connection begins at its root", .externalConnection(globexLink), .begin(rootConnectionID: okta)),
        Row(
            "an unknown external connection", .externalConnection(ExternalConnectionID("x")),
            .refuse(.unknownExternalConnection)),
        Row("a link whose connection is deleted", .externalConnection(globexLink), .refuse(.connectionInactive)) {
            $0.connections[okta]?.status = .deleted
        },
        Row("a link whose connection is unknown", .externalConnection(globexLink), .refuse(.unknownConnection)) {
            $0.connections[okta] = nil
        },
        Row("a link whose owner is deleted", .externalConnection(globexLink), .refuse(.ownerInactive)) {
            $0.organizations[acme]?.status = .deleted
        },
        Row("a pending link", .externalConnection(globexLink), .refuse(.externalConnectionInactive)) {
            $0.externalConnections[globexLink]?.status = .pendingApproval
        },
        Row("a link of a suspended borrower", .externalConnection(globexLink), .refuse(.organizationInactive)) {
            $0.organizations[globex]?.status = .suspended
        },
        Row("an organization with one owned connection", .organization(acme), .begin(rootConnectionID: okta)),
        Row("an organization with one external connection", .organization(globex), .begin(rootConnectionID: okta)),
        Row("an unknown organization", .organization(OrganizationID("x")), .refuse(.unknownOrganization)),
        Row("a suspended organization", .organization(globex), .refuse(.organizationInactive)) {
            $0.organizations[globex]?.status = .suspended
        },
        Row("an organization without any", .organization(globex), .refuse(.noConnection)) {
            $0.externalConnections[globexLink] = nil
        },
        Row("an organization whose only link is severed", .organization(globex), .refuse(.noConnection)) {
            $0.externalConnections[globexLink]?.status = .severed
        },
        Row("an organization whose only connection has a suspended owner", .organization(globex), .refuse(.noConnection)) {
            $0.organizations[acme]?.status = .suspended
        },
        Row("several without a default are a choice, by name and then id, each root once", .organization(globex), choice) {
            several(&$0)
            $0.addLink("globex-twice", of: globex, to: okta)
        },
        Row("the default among several", .organization(globex), .begin(rootConnectionID: okta)) {
            several(&$0)
            $0.organizations[globex]?.defaultConnection = .external(globexLink)
        },
        Row("an owned default among several", .organization(globex), .begin(rootConnectionID: ConnectionID("z"))) {
            several(&$0)
            $0.organizations[globex]?.defaultConnection = .owned(ConnectionID("z"))
        },
        Row("a default that is not accepted any more leaves the choice", .organization(globex), choice) {
            several(&$0)
            $0.addConnection("gone", of: globex, displayName: "A")
            $0.connections[ConnectionID("gone")]?.status = .disabled
            $0.organizations[globex]?.defaultConnection = .owned(ConnectionID("gone"))
        },
        Row("a default that is somebody else's leaves the choice", .organization(globex), choice) {
            several(&$0)
            $0.organizations[globex]?.defaultConnection = .external(initechLink)
        },
        Row("a lost default leaves the only one", .organization(globex), .begin(rootConnectionID: okta)) {
            $0.organizations[globex]?.defaultConnection = .owned(other)
        },
    ]

    static let choice = Decision.Outcome.choose([
        Offer(rootConnectionID: ConnectionID("y"), displayName: "Entra", kind: .oidc),
        Offer(rootConnectionID: ConnectionID("z"), displayName: "Entra", kind: .oidc),
        Offer(rootConnectionID: okta, displayName: "Okta", kind: .oidc),
        Offer(rootConnectionID: ConnectionID("b"), displayName: "entra", kind: .oidc),
    ])

    static func several(_ world: inout World) {
        world.addConnection("z", of: globex, displayName: "Entra")
        world.addConnection("y", of: globex, displayName: "Entra")
        world.addConnection("b", of: globex, displayName: "entra")
    }

    @Test("a start names", arguments: rows)
    func start(row: Row) {
        #expect(decide(.start(row.target), in: row.world).outcome == row.expected)
    }
}
