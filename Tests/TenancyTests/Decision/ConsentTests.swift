import Tenancy
import Testing

@Suite("R10: consent")
struct ConsentTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let act: ConsentAct
        let status: ExternalConnection.Status
        let actor: Actor
        let expected: Decision.Outcome
        var testDescription: String { "\(act) a link that is \(status), by \(actor)" }
    }

    static let borrower = Actor.administrator(of: globex)
    static let owner = Actor.administrator(of: acme)
    static let stranger = Actor.administrator(of: hooli)

    /// Every act from every state by everybody.
    static let rows: [Row] = [ConsentAct.approve, .confirm, .sever, .disable, .enable].flatMap { act in
        ExternalConnection.Status.allCases.flatMap { status in
            [Actor.configuration, .project, borrower, owner, stranger].map { actor in
                Row(act: act, status: status, actor: actor, expected: expected(act, status, actor))
            }
        }
    }

    private static func expected(
        _ act: ConsentAct, _ status: ExternalConnection.Status, _ actor: Actor
    ) -> Decision.Outcome {
        let mayAct =
            switch act {
            case .create: false
            case .approve: actor != borrower && actor != stranger
            case .confirm, .disable, .enable: actor != owner && actor != stranger
            case .sever: actor != stranger
            }
        guard mayAct else { return .refuse(.actorNotAllowed) }
        switch (act, status) {
        case (.approve, .pendingApproval), (.confirm, .pendingConfirmation): return .linkBecomes(.active)
        case (.enable, .disabled): return .linkBecomes(.active)
        case (.disable, .active): return .linkBecomes(.disabled)
        case (.sever, .severed): return .refuse(.linkNotPending)
        case (.sever, _): return .linkBecomes(.severed)
        default: return .refuse(.linkNotPending)
        }
    }

    @Test("an act on a link", arguments: rows)
    func act(row: Row) throws {
        let world = town { $0.externalConnections[globexLink]?.status = row.status }
        let link = try #require(world.externalConnections[globexLink])
        #expect(decide(.consent(row.act, link, by: row.actor), in: world).outcome == row.expected)
    }

    @Test("the stored link counts, not the caller's copy")
    func storedLink() throws {
        let world = town()
        var link = try #require(world.externalConnections[globexLink])
        link.status = .pendingApproval
        #expect(decide(.consent(.approve, link, by: Self.owner), in: world).refusal == .linkNotPending)
        link.borrowerID = hooli
        #expect(decide(.consent(.sever, link, by: Self.stranger), in: world).refusal == .actorNotAllowed)
        link.id = ExternalConnectionID("x")
        #expect(decide(.consent(.sever, link, by: .project), in: world).refusal == .unknownExternalConnection)
    }

    @Test("a borrower can leave a link whose connection is gone")
    func orphan() throws {
        let world = town { $0.connections[okta] = nil }
        let link = try #require(world.externalConnections[globexLink])
        #expect(decide(.consent(.sever, link, by: Self.borrower), in: world).outcome == .linkBecomes(.severed))
        #expect(decide(.consent(.sever, link, by: Self.owner), in: world).refusal == .actorNotAllowed)
    }

    struct Making: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let actor: Actor
        let world: World
        let connectionID: ConnectionID
        let expected: Decision.Outcome

        init(
            _ sentence: String, by actor: Actor, to connectionID: ConnectionID = okta, _ expected: Decision.Outcome,
            _ change: (inout World) -> Void = { _ in }
        ) {
            testDescription = sentence
            self.actor = actor
            self.connectionID = connectionID
            self.expected = expected
            world = town {
                $0.addConnection("hooli-oidc", of: hooli)
                change(&$0)
            }
        }
    }

    static let hooliAdministrator = Actor.administrator(of: hooli)

    static let makings: [Making] = [
        Making("the file", by: .configuration, .linkBecomes(.active)),
        Making("the project secret", by: .project, .linkBecomes(.active)),
        Making("the borrower's administrator", by: hooliAdministrator, .linkBecomes(.pendingApproval)),
        Making("the owner's administrator", by: owner, .refuse(.actorNotAllowed)),
        Making("anybody else's administrator", by: borrower, .refuse(.actorNotAllowed)),
        Making(
            "to the borrower's own connection", by: hooliAdministrator, to: ConnectionID("hooli-oidc"),
            .refuse(.linkToOwnConnection)),
        Making(
            "to the borrower's own connection, by the file", by: .configuration, to: ConnectionID("hooli-oidc"),
            .refuse(.linkToOwnConnection)),
        Making("to an unknown connection", by: .project, to: ConnectionID("x"), .refuse(.unknownConnection)),
        Making("a second one", by: hooliAdministrator, .refuse(.duplicateLink)) {
            $0.addLink("first", of: hooli, to: okta)
            $0.externalConnections[ExternalConnectionID("first")]?.status = .pendingApproval
        },
        Making("a second one, by the project secret", by: .project, .refuse(.duplicateLink)) {
            $0.addLink("first", of: hooli, to: okta)
            $0.externalConnections[ExternalConnectionID("first")]?.status = .disabled
        },
        Making("a second one after the first was severed", by: hooliAdministrator, .linkBecomes(.pendingApproval)) {
            $0.addLink("first", of: hooli, to: okta)
            $0.externalConnections[ExternalConnectionID("first")]?.status = .severed
        },
        Making("to a disabled connection", by: hooliAdministrator, .refuse(.connectionInactive)) {
            $0.connections[okta]?.status = .disabled
        },
        Making("to a suspended owner's connection", by: hooliAdministrator, .refuse(.ownerInactive)) {
            $0.organizations[acme]?.status = .suspended
        },
        Making("by a suspended borrower", by: hooliAdministrator, .refuse(.organizationInactive)) {
            $0.organizations[hooli]?.status = .suspended
        },
        Making("declared to a connection that is disabled at run time", by: .configuration, .linkBecomes(.active)) {
            $0.connections[okta]?.status = .disabled
        },
    ]

    @Test("making a link", arguments: makings)
    func making(row: Making) {
        let link = ExternalConnection(
            id: ExternalConnectionID("new"), displayName: "", borrowerID: hooli, connectionID: row.connectionID)
        #expect(decide(.consent(.create, link, by: row.actor), in: row.world).outcome == row.expected)
    }

    @Test("a changed IdP leaves links alone if the file or the project secret changed it")
    func changeByProject() {
        for actor in [Actor.configuration, .project] {
            #expect(decide(.identityProviderChange(okta, by: actor), in: town()).outcome == .linksBecome([:]))
        }
    }

    @Test("changed by the owner's administrator, every active link waits for its borrower")
    func changeByOwner() {
        let world = town {
            $0.addConnection("hooli-oidc", of: hooli)
            $0.addLink("other-root", of: globex, to: ConnectionID("hooli-oidc"))
            $0.addLink("severed", of: hooli, to: okta)
            $0.externalConnections[ExternalConnectionID("severed")]?.status = .severed
            $0.addLink("asked-for", of: umbrella, to: okta)
            $0.externalConnections[ExternalConnectionID("asked-for")]?.status = .pendingApproval
        }
        #expect(
            decide(.identityProviderChange(okta, by: Self.owner), in: world).outcome
                == .linksBecome([
                    globexLink: .pendingConfirmation, initechLink: .pendingConfirmation,
                    ExternalConnectionID("asked-for"): .severed,
                ]))
        for actor in [Self.borrower, Self.stranger] {
            #expect(decide(.identityProviderChange(okta, by: actor), in: world).refusal == .actorNotAllowed)
        }
        #expect(decide(.identityProviderChange(ConnectionID("x"), by: .project), in: world).refusal == .unknownConnection)
    }
}
