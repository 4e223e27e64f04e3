import Tenancy
import Testing

private let editor = RoleID("editor")
private let viewer = RoleID("viewer")

@Suite("R2: who it is")
struct RecognitionTests {
    /// Alice is a member of Globex, not linked yet; Globex borrows the connection.
    private static func borrowed(_ change: (inout World) -> Void = { _ in }) -> Attempt {
        Attempt(
            .landing(.organization(globex)),
            in: town {
                $0.add("alice", to: globex)
                change(&$0)
            })
    }

    /// Alice is a member of Acme, not linked yet; Acme owns the connection.
    private static func owned(_ change: (inout World) -> Void = { _ in }) -> Attempt {
        Attempt(
            .landing(.organization(acme)),
            in: town {
                $0.add("alice", to: acme)
                $0.addConnection("acme-other", of: acme)
                change(&$0)
            })
    }

    static let linkingClauses: [Clause] = [
        Clause("by e-mail only where the organization accepts the connection", borrowed(), .connectionNotAccepted) {
            $0.world.externalConnections[globexLink] = nil
        },
        Clause(
            "by e-mail only within the connection's list", borrowed { $0.connections[okta]?.emailDomains = [acmeDomain] },
            .emailDomainNotAllowed
        ) { $0.world.connections[okta]?.emailDomains = [] },
        Clause(
            "by e-mail only within the link's list",
            borrowed { $0.externalConnections[globexLink]?.emailDomains = [acmeDomain] },
            .emailDomainNotAllowed
        ) { $0.world.externalConnections[globexLink]?.emailDomains = [] },
        Clause("by e-mail only if the address is not unverified", borrowed(), .emailNotVerified) {
            $0.evidence.emailVerification = .unverified
        },
        Clause("by e-mail at the owner too only if the address is not unverified", owned(), .emailNotVerified) {
            $0.evidence.emailVerification = .unverified
        },
        Clause("a new subject with the address of a linked member is refused", owned(), .subjectChanged) {
            $0.world.link("alice", in: acme, subject: "s-former")
        },
        Clause("the same subject of another issuer is a new subject", owned(), .subjectChanged) {
            $0.world.link("alice", in: acme, issuer: "https://former.example")
        },
        Clause(
            "a subject that differs only in Unicode normalization is a new subject",
            owned {
                $0.link("alice", in: acme, subject: "ren\u{e9}")
            }.with { $0.evidence.subject = "ren\u{e9}" }, .subjectChanged
        ) { $0.evidence.subject = "rene\u{301}" },
        Clause("subject_changed comes before linked_elsewhere", owned(), .subjectChanged) {
            $0.world.link("alice", in: acme, subject: "s-former")
            $0.world.link("alice", in: acme, through: ConnectionID("elsewhere"))
        },
        Clause(
            "a second link only if the organization owns both connections",
            owned { $0.link("alice", in: acme, through: ConnectionID("acme-other")) }, .linkedElsewhere
        ) {
            $0.world.connections[ConnectionID("acme-other")]?.organizationID = hooli
        },
        Clause(
            "a second link not if the other connection is unknown",
            owned { $0.link("alice", in: acme, through: ConnectionID("acme-other")) }, .linkedElsewhere
        ) {
            $0.world.connections[ConnectionID("acme-other")] = nil
        },
        Clause(
            "no second link through an external connection beside an owned one",
            borrowed { $0.addConnection("globex-own", of: globex) }, .linkedElsewhere
        ) {
            $0.world.link("alice", in: globex, through: ConnectionID("globex-own"))
        },
        Clause(
            "a suspended member who has the address is refused, provisioning included",
            borrowed { $0.organizations[globex]?.provisioning = .allAllowed }, .memberSuspended
        ) {
            $0.world.externalConnections[globexLink]?.provisions = true
            $0.world.members[MemberID("alice")]?.status = .suspended
        },
        Clause(
            "a deleted member who has the address is refused, provisioning included",
            borrowed { $0.organizations[globex]?.provisioning = .allAllowed }, .memberDeleted
        ) {
            $0.world.externalConnections[globexLink]?.provisions = true
            $0.world.members[MemberID("alice")]?.status = .deleted
        },
    ]

    static let ceilingClauses: [Clause] = [
        Clause(
            "a link without a ceiling links an editor, never an administrator",
            borrowed { $0.members[MemberID("alice")]?.roles = [editor] }, .rolesExceedCeiling
        ) {
            $0.world.members[MemberID("alice")]?.roles = [.administrator]
        },
        Clause(
            "administrator by domain counts", borrowed { $0.organizations[globex]?.domainRoles = [acmeDomain: [editor]] },
            .rolesExceedCeiling
        ) { $0.world.organizations[globex]?.domainRoles = [acmeDomain: [.administrator]] },
        Clause(
            "administrator by the link counts", borrowed { $0.externalConnections[globexLink]?.roles = [editor] },
            .rolesExceedCeiling
        ) { $0.world.externalConnections[globexLink]?.roles = [.administrator] },
        Clause(
            "administrator by a group counts",
            borrowed { $0.externalConnections[globexLink]?.groupRoles = ["ops": [.administrator]] }, .rolesExceedCeiling
        ) {
            $0.evidence.groups = ["ops"]
        },
        Clause(
            "a role above the ceiling",
            borrowed {
                $0.members[MemberID("alice")]?.roles = [editor]
                $0.externalConnections[globexLink]?.roleCeiling = [editor, viewer]
            }, .rolesExceedCeiling
        ) { $0.world.externalConnections[globexLink]?.roleCeiling = [viewer] },
        Clause(
            "a domain role above the ceiling",
            borrowed {
                $0.organizations[globex]?.domainRoles = [acmeDomain: [editor]]
                $0.externalConnections[globexLink]?.roleCeiling = [editor]
            }, .rolesExceedCeiling
        ) { $0.world.externalConnections[globexLink]?.roleCeiling = [] },
        Clause(
            "roles through the link are capped and never exceed it; direct ones are not",
            borrowed {
                $0.externalConnections[globexLink]?.roles = [.administrator]
                $0.externalConnections[globexLink]?.roleCeiling = []
            }, .rolesExceedCeiling
        ) { $0.world.members[MemberID("alice")]?.roles = [.administrator] },
        Clause(
            "a ceiling that names the administrator is one",
            borrowed {
                $0.members[MemberID("alice")]?.roles = [.administrator]
                $0.externalConnections[globexLink]?.roleCeiling = [.administrator]
            }, .rolesExceedCeiling
        ) { $0.world.externalConnections[globexLink]?.roleCeiling = nil },
    ]

    @Test("an existing member is linked by e-mail", arguments: linkingClauses + ceilingClauses)
    func linking(clause: Clause) {
        #expect(clause.control.decision.admission != nil)
        #expect(clause.broken.decision.refusal == clause.refusal)
    }

    @Test("an unstated verification links, as SAML and many OIDC providers leave it")
    func verificationNotStated() {
        let attempt = Self.borrowed().with { $0.evidence.emailVerification = .notStated }
        #expect(attempt.decision.admission?.membership == .linking(MemberID("alice")))
        #expect(attempt.decision.reasons.contains(.linkedByEmail(MemberID("alice"))))
    }

    @Test("at the owner an administrator is linked by e-mail: there is no ceiling")
    func administratorAtOwner() {
        let attempt = Self.owned { $0.members[MemberID("alice")]?.roles = [.administrator] }
        #expect(attempt.decision.admission?.membership == .linking(MemberID("alice")))
    }

    @Test("recognized by subject: neither verification nor ceiling matter while the address is unchanged")
    func recognizedBySubject() {
        let attempt = Self.borrowed {
            $0.members[MemberID("alice")]?.roles = [.administrator]
            $0.externalConnections[globexLink]?.roleCeiling = []
            $0.link("alice", in: globex)
        }.with { $0.evidence.emailVerification = .unverified }
        #expect(attempt.decision.admission?.membership == .known(MemberID("alice")))
        #expect(attempt.decision.admission?.adoptsEmail == nil)
    }

    @Test("a member record of one organization is no evidence in another")
    func otherOrganizationsMember() {
        let attempt = Self.borrowed {
            $0.members[MemberID("alice")]?.organizationID = initech
            $0.link("alice", in: initech)
        }
        #expect(attempt.decision.refusal == .notAMember)
        #expect(attempt.with { $0.entry = .exchange(initech, byClick: false) }.decision.admission != nil)
    }

    @Test("a subject link that says another organization than its member recognizes nobody")
    func crossedLink() {
        let attempt = Self.borrowed {
            $0.members[MemberID("alice")]?.email = bob
            $0.link("alice", in: initech)
        }
        #expect(attempt.decision.refusal == .notAMember)
        #expect(attempt.with { $0.entry = .landing(.organization(initech)) }.decision.refusal == .notAMember)
    }

    @Test("another organization's IdP that asserts a stranger's address reaches nobody")
    func foreignAssertion() {
        // Hooli's own IdP says that its user is alice@acme.example.
        var foreign = evidence()
        foreign.connectionID = ConnectionID("hooli-adfs")
        let world = town {
            $0.add("alice", to: acme)
            $0.add("alice-too", to: globex)
            $0.organizations[hooli]?.provisioning = .allAllowed
        }
        let decision = decide(.landing(.rootConnection(ConnectionID("hooli-adfs")), foreign, .anywhere), in: world)
        #expect(decision.admission?.organizationID == hooli)
        #expect(decision.admission?.membership == .provisioning(alice))
        #expect(Attempt(.landing(.organization(acme)), foreign, in: world).decision.refusal == .connectionNotAccepted)
    }

    // MARK: A changed address

    /// Alice is linked, and her IdP now says another address.
    private static func changed(_ change: (inout World) -> Void = { _ in }) -> Attempt {
        Attempt(
            .landing(.organization(globex)), evidence(email: bob),
            in: town {
                $0.add("alice", to: globex)
                $0.link("alice", in: globex)
                change(&$0)
            })
    }

    @Test("a changed address is adopted where it would link")
    func adopted() {
        let decision = Self.changed().decision
        #expect(decision.admission?.membership == .known(MemberID("alice")))
        #expect(decision.admission?.adoptsEmail == bob)
        #expect(decision.reasons.contains(.emailAdopted))
    }

    struct Keeping: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let attempt: Attempt
    }

    static let keepings: [Keeping] = [
        Keeping(testDescription: "it is unverified", attempt: changed().with { $0.evidence.emailVerification = .unverified }),
        Keeping(testDescription: "another member has it", attempt: changed { $0.add("bob", to: globex, email: bob) }),
        Keeping(
            testDescription: "the member's roles exceed the ceiling",
            attempt: changed {
                $0.members[MemberID("alice")]?.roles = [editor]
                $0.externalConnections[globexLink]?.roleCeiling = [viewer]
            }),
        Keeping(
            testDescription: "the member is an administrator, and there is no ceiling",
            attempt: changed {
                $0.members[MemberID("alice")]?.roles = [.administrator]
            }),
        Keeping(
            testDescription: "the new domain would bring a role above the ceiling",
            attempt: changed {
                $0.organizations[globex]?.domainRoles = [address("a@high.example").domain: [.administrator]]
            }.with { $0.evidence.email = address("alice@high.example") }),
        Keeping(
            testDescription: "the old domain brings a role above the ceiling",
            attempt: changed {
                $0.organizations[globex]?.domainRoles = [acmeDomain: [.administrator]]
            }.with { $0.evidence.email = address("alice@low.example") }),
        Keeping(
            testDescription: "the member has a second subject through the connection",
            attempt: changed {
                $0.link("alice", in: globex, subject: "s-second")
            }),
        Keeping(
            testDescription: "the member is linked through a connection of another organization",
            attempt: changed {
                $0.addConnection("globex-own", of: globex)
                $0.link("alice", in: globex, through: ConnectionID("globex-own"))
            }),
        Keeping(
            testDescription: "the session is only continued",
            attempt: changed().with {
                $0.entry = .continuation("alice", globex)
            }),
    ]

    @Test("a changed address is not adopted, and the old one stays", arguments: keepings)
    func kept(keeping: Keeping) {
        let decision = keeping.attempt.decision
        #expect(decision.admission?.membership == .known(MemberID("alice")))
        #expect(decision.admission?.adoptsEmail == nil)
        #expect(decision.reasons.contains(.emailKept))
        #expect(!decision.reasons.contains(.emailAdopted))
    }

    @Test("a changed address outside the lists is refused")
    func changedOutside() {
        let attempt = Self.changed { $0.externalConnections[globexLink]?.emailDomains = [acmeDomain] }
        #expect(attempt.decision.admission?.adoptsEmail == bob)
        let outside = attempt.with { $0.evidence.email = address("alice@elsewhere.example") }
        #expect(outside.decision.refusal == .emailDomainNotAllowed)
    }

    @Test("an adopted address brings the roles of its domain, a kept one those of the old")
    func rolesOfAddress() {
        let attempt = Self.changed {
            $0.organizations[globex]?.domainRoles = [
                acmeDomain: [editor], address("a@new.example").domain: [viewer],
            ]
        }.with { $0.evidence.email = address("alice@new.example") }
        #expect(attempt.decision.admission?.roles.map(\.role) == [viewer])
        let kept = attempt.with { $0.evidence.emailVerification = .unverified }
        #expect(kept.decision.admission?.roles.map(\.role) == [editor])
    }
}
