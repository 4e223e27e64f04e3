import Tenancy
import Testing

@Suite("R1 and R2 at every entry: what ends a sign-in ends it everywhere")
struct AcceptanceTests {
    /// One thing that goes wrong with a member of Globex who is recognized by subject.
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let refusal: Refusal
        let apply: @Sendable (inout Attempt) -> Void

        init(_ sentence: String, _ refusal: Refusal, _ apply: @escaping @Sendable (inout Attempt) -> Void) {
            testDescription = sentence
            self.refusal = refusal
            self.apply = apply
        }
    }

    static let entries: [Attempt.Entry] = [
        .landing(.rootConnection(okta)), .landing(.externalConnection(globexLink)), .landing(.organization(globex)),
        .exchange(globex, byClick: true), .exchange(globex, byClick: false), .continuation("alice", globex),
    ]

    static let faults: [Fault] = [
        Fault("the connection is unknown", .unknownConnection) { $0.world.connections[okta] = nil },
        Fault("the connection is disabled", .connectionInactive) { $0.world.connections[okta]?.status = .disabled },
        Fault("the connection is deleted", .connectionInactive) { $0.world.connections[okta]?.status = .deleted },
        Fault("the owner is suspended", .ownerInactive) { $0.world.organizations[acme]?.status = .suspended },
        Fault("the owner is deleted", .ownerInactive) { $0.world.organizations[acme]?.status = .deleted },
        Fault("the owner is unknown", .ownerInactive) { $0.world.organizations[acme] = nil },
        Fault("the link awaits approval", .externalConnectionInactive) { $0.setLink(.pendingApproval) },
        Fault("the link awaits confirmation", .externalConnectionInactive) { $0.setLink(.pendingConfirmation) },
        Fault("the link is disabled", .externalConnectionInactive) { $0.setLink(.disabled) },
        Fault("the link is severed", .externalConnectionInactive) { $0.setLink(.severed) },
        Fault("the organization is suspended", .organizationInactive) { $0.world.organizations[globex]?.status = .suspended },
        Fault("the organization is deleted", .organizationInactive) { $0.world.organizations[globex]?.status = .deleted },
        Fault("the organization is unknown", .unknownOrganization) { $0.world.organizations[globex] = nil },
        Fault("the member is suspended", .memberSuspended) { $0.world.members[MemberID("alice")]?.status = .suspended },
        Fault("the member is deleted", .memberDeleted) { $0.world.members[MemberID("alice")]?.status = .deleted },
        Fault("a suspended member has the asserted address", .memberSuspended) {
            $0.evidence.email = bob
            $0.world.add("bob", to: globex, email: bob, status: .suspended)
        },
        Fault("a deleted member has the asserted address", .memberDeleted) {
            $0.world.add("old-alice", to: globex, status: .deleted)
        },
        Fault("the evidence has no address", .emailMissing) { $0.evidence.email = nil },
        Fault("the address is outside the connection's list", .emailDomainNotAllowed) {
            $0.world.connections[okta]?.emailDomains = [address("a@globex.example").domain]
        },
        Fault("the address is in a subdomain of a listed domain", .emailDomainNotAllowed) {
            $0.world.connections[okta]?.emailDomains = [acmeDomain]
            $0.evidence.email = address("alice@mail.acme.example")
        },
        Fault("the connection's list is empty", .emailDomainNotAllowed) { $0.world.connections[okta]?.emailDomains = [] },
        Fault("the address is outside the link's list", .emailDomainNotAllowed) {
            $0.world.externalConnections[globexLink]?.emailDomains = [address("a@globex.example").domain]
        },
        Fault("the link's list is empty", .emailDomainNotAllowed) {
            $0.world.externalConnections[globexLink]?.emailDomains = []
        },
        Fault("a required claim is missing", .requiredClaimMissing) {
            $0.world.connections[okta]?.requiredClaims = ["hd": ["acme.example"]]
        },
        Fault("a required claim has another value", .requiredClaimMissing) {
            $0.world.connections[okta]?.requiredClaims = ["hd": ["acme.example"]]
            $0.evidence.claims["hd"] = ["ACME.example"]
        },
        Fault("one of two required claims is missing", .requiredClaimMissing) {
            $0.world.connections[okta]?.requiredClaims = ["hd": ["acme.example"], "tid": ["1"]]
            $0.evidence.claims["hd"] = ["acme.example"]
        },
        Fault("a required claim has no accepted value", .requiredClaimMissing) {
            $0.world.connections[okta]?.requiredClaims = ["hd": []]
            $0.evidence.claims["hd"] = [""]
        },
    ]

    static func attempt(_ entry: Attempt.Entry) -> Attempt {
        Attempt(
            entry,
            in: town {
                $0.add("alice", to: globex)
                $0.link("alice", in: globex)
            })
    }

    @Test("a recognized member of an organization that accepts the connection is admitted", arguments: entries)
    func control(entry: Attempt.Entry) {
        let decision = Self.attempt(entry).decision
        #expect(decision.admission?.organizationID == globex)
        #expect(decision.admission?.via == .external(globexLink))
        #expect(decision.admission?.membership == .known(MemberID("alice")))
        #expect(decision.reasons.contains(.recognizedBySubject(MemberID("alice"))))
        #expect(decision.reasons.contains(.accepted(globex, via: .external(globexLink))))
    }

    @Test("refused at every entry", arguments: entries, faults)
    func fault(entry: Attempt.Entry, fault: Fault) {
        let decision = Self.attempt(entry).with(fault.apply).decision
        switch (entry, fault.refusal) {
        case (.landing(.rootConnection), .unknownConnection), (.landing(.rootConnection), .connectionInactive),
            (.landing(.rootConnection), .ownerInactive), (.landing(.rootConnection), .emailMissing),
            (.landing(.rootConnection), .requiredClaimMissing):
            #expect(decision.refusal == fault.refusal)
        case (.landing(.rootConnection), _):
            // Acme and Initech, where she is no member, were considered too.
            #expect(decision.refusal != nil)
        default: #expect(decision.refusal == fault.refusal)
        }
        #expect(decision.reasons.last == decision.refusal.map(Reason.refused))
    }

    @Test("lists and claims that the evidence satisfies change nothing", arguments: entries)
    func satisfiedConditions(entry: Attempt.Entry) {
        let decision = Self.attempt(entry).with {
            $0.world.connections[okta]?.emailDomains = [acmeDomain]
            $0.world.connections[okta]?.requiredClaims = ["hd": ["other.example", "acme.example"], "tid": ["1"]]
            $0.world.externalConnections[globexLink]?.emailDomains = [acmeDomain]
            $0.evidence.claims = ["hd": ["acme.example"], "tid": ["2", "1"]]
        }.decision
        #expect(decision.admission?.membership == .known(MemberID("alice")))
    }

    @Test("sharing is not transitive: who accepts a borrower's connection does not accept what the borrower accepts")
    func notTransitive() {
        let world = town {
            $0.addConnection("globex-own", of: globex)
            $0.addLink("hooli-via-globex", of: hooli, to: ConnectionID("globex-own"))
            $0.add("alice", to: hooli)
            $0.link("alice", in: hooli)
        }
        #expect(Attempt(.landing(.organization(hooli)), in: world).decision.refusal == .connectionNotAccepted)
        #expect(Attempt(.exchange(hooli, byClick: true), in: world).decision.refusal == .connectionNotAccepted)
        #expect(Attempt(.continuation("alice", hooli), in: world).decision.refusal == .connectionNotAccepted)
        let linked = town {
            $0.addLink("hooli-via-acme", of: hooli, to: okta)
            $0.add("alice", to: hooli)
            $0.link("alice", in: hooli)
        }
        #expect(Attempt(.exchange(hooli, byClick: true), in: linked).decision.admission?.organizationID == hooli)
    }

    @Test("of two links of one borrower to one connection the smaller id counts, and an inactive one not at all")
    func duplicateLinks() {
        var attempt = Self.attempt(.exchange(globex, byClick: true))
        attempt.world.addLink("a-second-link", of: globex, to: okta)
        #expect(attempt.decision.admission?.via == .external(ExternalConnectionID("a-second-link")))
        attempt.world.externalConnections[ExternalConnectionID("a-second-link")]?.status = .severed
        #expect(attempt.decision.admission?.via == .external(globexLink))
    }

    @Test("a link to the borrower's own connection is none")
    func linkToOwnConnection() {
        let world = town {
            $0.addLink("acme-via-acme", of: acme, to: okta)
            $0.add("alice", to: acme)
        }
        let link = ExternalConnectionID("acme-via-acme")
        #expect(decide(.start(.externalConnection(link)), in: world).refusal == .linkToOwnConnection)
        #expect(Attempt(.landing(.externalConnection(link)), in: world).decision.refusal == .linkToOwnConnection)
        #expect(Attempt(.landing(.rootConnection(okta)), in: world).decision.admission?.via == oktaOwned)
        let stranger = Attempt(.landing(.rootConnection(okta)), evidence(email: bob), in: world).decision
        #expect(stranger.reasons.filter { $0 == .passedOver(acme, .notAMember) }.count == 1)
        #expect(!stranger.reasons.contains(.passedOver(acme, .linkToOwnConnection)))
    }

    @Test("an owner that is asked for and suspended is named as the organization")
    func suspendedOwner() {
        let attempt = Attempt(
            .continuation("alice", acme),
            in: town {
                $0.add("alice", to: acme)
                $0.link("alice", in: acme)
            })
        #expect(attempt.decision.admission != nil)
        let suspended = attempt.with { $0.world.organizations[acme]?.status = .suspended }
        #expect(suspended.decision.refusal == .organizationInactive)
    }

    @Test("evidence counts only for the connection that it comes from")
    func evidenceMismatch() {
        var attempt = Self.attempt(.landing(.externalConnection(globexLink)))
        attempt.world.addConnection("other", of: acme)
        attempt.evidence.connectionID = ConnectionID("other")
        #expect(attempt.decision.refusal == .evidenceMismatch)
        attempt.entry = .landing(.rootConnection(okta))
        #expect(attempt.decision.refusal == .evidenceMismatch)
        attempt.entry = .landing(.organization(globex))
        #expect(attempt.decision.refusal == .connectionNotAccepted)
    }
}

extension Attempt {
    fileprivate mutating func setLink(_ status: ExternalConnection.Status) {
        world.externalConnections[globexLink]?.status = status
    }
}
