import Tenancy
import Testing

@testable import Storage

struct WorldTests {
    @Test("A decision over the slice is the decision over everything", arguments: StoreFixture.allCases)
    func equivalence(_ fixture: StoreFixture) async throws {
        var outcomes: Set<String> = []
        for seed in 1...60 as ClosedRange<UInt64> {
            var tenancy = RandomTenancy(seed: seed)
            try await fixture.withStore { store in
                try await tenancy.write(to: store)
                let questions = (0..<80).map { _ in tenancy.question() }
                let slices = try await store.read { transaction in try questions.map { try transaction.world(for: $0) } }
                for (question, slice) in zip(questions, slices) {
                    let whole = decide(question, in: tenancy.world)
                    #expect(decide(question, in: slice) == whole, "seed \(seed): \(question)")
                    outcomes.insert(Self.label(whole))
                }
            }
        }
        // The control: the tenancies are rich enough to come to every kind of decision.
        let wanted: Set<String> = [
            "offer", "no offer", "begin", "choose", "known", "linking", "provisioning", "reach", "no reach", "refuse", "linkBecomes",
            "linksBecome",
        ]
        #expect(outcomes.isSuperset(of: wanted), "missing: \(wanted.subtracting(outcomes))")
    }

    @Test("An admission among those who might admit is the admission among everybody", arguments: StoreFixture.allCases)
    func admissions(_ fixture: StoreFixture) async throws {
        var outcomes: [String: Int] = [:]
        for seed in 1...60 as ClosedRange<UInt64> {
            var tenancy = RandomTenancy(seed: seed)
            try await fixture.withStore { store in
                try await tenancy.write(to: store)
                for _ in 0..<200 {
                    let question = tenancy.question()
                    guard case .landing(.rootConnection(let id), let evidence, _) = question else { continue }
                    let slice = try await store.read { try $0.worldOfAdmissions(at: id, evidence) }
                    let (near, whole) = (decide(question, in: slice), decide(question, in: tenancy.world))
                    let labels = (Self.label(near), Self.label(whole))
                    #expect((labels.0 == "refuse") == (labels.1 == "refuse"), "seed \(seed): \(question)")
                    if labels.0 != "refuse" { #expect(near.outcome == whole.outcome, "seed \(seed): \(question)") }
                    outcomes[labels.0, default: 0] += 1
                }
            }
        }
        // The control: every kind comes about.
        for kind in ["refuse", "known", "linking", "provisioning"] { #expect(outcomes[kind, default: 0] > 5, "\(outcomes)") }
    }

    @Test("Borrowers who don't know the person and make no members are not read", arguments: StoreFixture.allCases)
    func borrowers(_ fixture: StoreFixture) async throws {
        let evidence = try evidence("okta", subject: "00u1", email: "alice@acme.example")
        let session = Session(
            memberID: MemberID("mem-acme-alice"), organizationID: OrganizationID("org-acme"), evidence: evidence, expiresAt: at(9))
        let domain = try domain("acme.example")
        try await fixture.withStore { store in
            try await store.write { transaction in
                try writeSample(transaction)
                for number in 0..<300 {
                    var borrower = organization("borrower-\(number)")
                    // One makes members by its link's switch, one by its own list.
                    if number == 1 { borrower.provisioning = .allAllowed }
                    if number == 2 { borrower.provisioning = .restricted(to: [.external(ExternalConnectionID("ext-link-2"))]) }
                    try transaction.insertOrganization(borrower)
                    var link = link("link-\(number)", from: "borrower-\(number)", to: "okta")
                    link.externalConnection.provisions = number == 1
                    link.externalConnection.emailDomains = [domain]
                    try transaction.insertExternalConnection(link)
                }
            }
            func joinable(_ count: Int) async throws {
                let stranger = try address("nobody@acme.example")
                let (near, reached, shown, explained) = try await store.read { transaction in
                    (
                        try transaction.worldOfAdmissions(at: ConnectionID("con-okta"), evidence),
                        try transaction.world(for: .reach(session)), try transaction.world(for: .discovery(stranger)),
                        try transaction.worldExplainingDiscovery(of: stranger)
                    )
                }
                for world in [near, reached] {
                    #expect(world.organizations.count == 2 + count && world.externalConnections.count == 1 + count)
                }
                #expect(shown.externalConnections.count == count && explained.externalConnections.count == 301)
                guard case .reach(let places) = decide(.reach(session), in: reached).outcome else {
                    Issue.record("no reach")
                    return
                }
                #expect(places.filter { $0.way == .join }.count == count)
            }
            try await joinable(2)
            // What a link might do follows the borrower's list, and the link's own switch.
            try await store.write { transaction in
                var borrower = organization("borrower-3")
                borrower.provisioning = .restricted(to: [.external(ExternalConnectionID("ext-link-3"))])
                _ = try transaction.updateOrganization(borrower, customClaims: [:])
                _ = try transaction.updateOrganization(organization("borrower-2"), customClaims: [:])
                borrower = organization("borrower-4")
                borrower.provisioning = .allAllowed
                _ = try transaction.updateOrganization(borrower, customClaims: [:])
                var link = link("link-4", from: "borrower-4", to: "okta")
                link.externalConnection.provisions = true
                link.externalConnection.emailDomains = [domain]
                _ = try transaction.updateExternalConnection(link)
            }
            try await joinable(3)
        }
    }

    private static func label(_ decision: Decision) -> String {
        switch decision.outcome {
        case .offer(let offers): offers.isEmpty ? "no offer" : "offer"
        case .begin: "begin"
        case .choose: "choose"
        case .admit(let admission):
            switch admission.membership {
            case .known: "known"
            case .linking: "linking"
            case .provisioning: "provisioning"
            }
        case .reach(let reached): reached.isEmpty ? "no reach" : "reach"
        case .refuse: "refuse"
        case .linkBecomes: "linkBecomes"
        case .linksBecome: "linksBecome"
        }
    }

    @Test("What is stored comes back in the slice as it was written", arguments: StoreFixture.allCases)
    func fidelity(_ fixture: StoreFixture) async throws {
        let tenancy = RandomTenancy(seed: 3)
        try await fixture.withStore { store in
            try await tenancy.write(to: store)
            let questions = tenancy.world.connections.keys.map { id in
                Question.landing(
                    .rootConnection(id),
                    Evidence(connectionID: id, issuer: "", subject: "", email: nil, authenticatedAt: at(0)), .anywhere)
            }
            for slice in try await store.read({ transaction in try questions.map { try transaction.world(for: $0) } }) {
                #expect(!slice.organizations.isEmpty)
                for (id, value) in slice.organizations { #expect(value == tenancy.world.organizations[id]) }
                for (id, value) in slice.connections { #expect(value == tenancy.world.connections[id]) }
                for (id, value) in slice.externalConnections { #expect(value == tenancy.world.externalConnections[id]) }
            }
        }
    }

    private func questions() throws -> [Question] {
        let evidence = try evidence("okta", subject: "00u1", email: "alice@acme.example")
        let session = Session(
            memberID: MemberID("mem-acme-alice"), organizationID: OrganizationID("org-acme"), evidence: evidence,
            expiresAt: at(9))
        let borrowed = link("borrowed", from: "globex", to: "okta").externalConnection
        return [
            .discovery(try address("alice@acme.example")), .start(.rootConnection(ConnectionID("con-okta"))),
            .start(.externalConnection(borrowed.id)), .start(.organization(OrganizationID("org-globex"))),
            .landing(.rootConnection(ConnectionID("con-okta")), evidence, .anywhere),
            .landing(.externalConnection(borrowed.id), evidence, .anywhere),
            .landing(.organization(OrganizationID("org-globex")), evidence, .anywhere),
            .exchange(session, into: OrganizationID("org-globex"), byClick: true), .reach(session), .continuation(session),
            .consent(.sever, borrowed, by: .project), .identityProviderChange(ConnectionID("con-okta"), by: .project),
        ]
    }

    /// Two organizations that share a connection, and members in both.
    private func writeSample(_ transaction: WriteTransaction) throws {
        var acme = organization("acme")
        acme.allowedDomains = [.init(domain: try domain("acme.example"), authority: .project)]
        try transaction.insertOrganization(acme)
        try transaction.insertOrganization(organization("globex"))
        var okta = connection("okta", of: "acme")
        okta.connection.emailDomains = [try domain("acme.example")]
        try transaction.insertConnection(okta)
        var borrowed = link("borrowed", from: "globex", to: "okta")
        borrowed.externalConnection.emailDomains = [try domain("acme.example")]
        try transaction.insertExternalConnection(borrowed)
        for slug in ["acme", "globex"] {
            let alice = try member("alice", of: slug, email: "alice@acme.example")
            try transaction.insertMember(alice)
            try transaction.linkSubject(
                SubjectLink(
                    memberID: alice.id, organizationID: alice.organizationID, connectionID: okta.connection.id,
                    issuer: "https://okta.example", subject: "00u1"))
        }
    }

    @Test("No question, session, record or revocation reads a whole table")
    func plans() async throws {
        let questions = try questions()
        let scans = try await StoreFixture.sqlite.withStore { store in
            try await store.write { [sealer = store.sealer] transaction in
                try writeSample(transaction)
                let recorder = PlanRecorder(transaction.sql)
                let recorded = WriteTransaction(recorder, sealer: sealer)
                for question in questions {
                    let world = try recorded.world(for: question)
                    #expect(!world.organizations.isEmpty)
                }
                try exercise(recorded)
                #expect(recorder.statements.count > 50)
                return try recorder.scans()
            }
        }
        #expect(scans == [])
    }

    /// Everything that happens while people sign in, use and end sessions.
    private func exercise(_ transaction: WriteTransaction) throws {
        let stored = try session("token", signIn: "sign-in")
        try transaction.insertSession(stored)
        try transaction.insertSignInRecord(
            SignInRecord(
                hash: hash("sign-in"), evidence: stored.session.evidence, memberID: stored.session.memberID,
                organizationID: stored.session.organizationID, createdAt: at(0), lastSeenAt: at(0), expiresAt: at(9)))
        _ = try transaction.session(stored.tokenHash, at: at(1))
        _ = try transaction.session(id: stored.id, at: at(1))
        _ = try transaction.sessions(of: stored.session.evidence.person, at: at(1))
        _ = try transaction.sessions(of: stored.session.memberID, at: at(1))
        _ = try transaction.sessions(ofSignIn: hash("sign-in"), at: at(1))
        _ = try transaction.signInRecord(hash("sign-in"), at: at(1))
        _ = try transaction.signInRecords(of: stored.session.evidence.person, at: at(1))
        try transaction.moveSessions(ofSignIn: hash("sign-in"), to: hash("other"))
        try transaction.setPlace(ofSignIn: hash("sign-in"), member: MemberID("m"), organization: OrganizationID("o"))
        try transaction.deleteSessions(of: stored.session.evidence.person, exceptOfSignIn: hash("other"))
        try transaction.touch([stored.tokenHash: at(2)])
        try transaction.touchSignInRecords([hash("sign-in"): at(2)])
        _ = try transaction.deleteExpiredSessions(at: at(5), idle: .seconds(60), limit: 10)
        try transaction.deleteSessions(ofSignIn: hash("sign-in"))
        try transaction.deleteSessions(of: stored.session.evidence.person)
        try transaction.deleteSession(stored.tokenHash)
        try transaction.deleteSignInRecord(hash("sign-in"))
        for number in 0..<3 {
            try transaction.put(
                OneTimeRecord(purpose: .flow, idHash: hash("\(number)"), binding: hash("b"), payload: [], expiresAt: at(9)),
                perBinding: 2, perPurpose: 1)
        }
        _ = try transaction.peek(.flow, hash("2"), at: at(1))
        _ = try transaction.take(.flow, hash("2"), at: at(1))
        _ = try transaction.deleteExpiredOneTimeRecords(at: at(10), limit: 10)
        _ = try transaction.recordAssertion(ConnectionID("c"), assertionID: "a", expiresAt: at(9))
        _ = try transaction.deleteExpiredAssertions(at: at(10), limit: 10)
        let alice = MemberID("mem-acme-alice")
        try transaction.setEmail(alice, address("alice2@acme.example"))
        try transaction.markSignedIn(alice)
        try transaction.setMemberStatus(alice, .suspended)
        try transaction.setOrganizationStatus(OrganizationID("org-acme"), .suspended)
        try transaction.setConnectionStatus(ConnectionID("con-okta"), .disabled)
        try transaction.setExternalConnectionStatus(ExternalConnectionID("ext-borrowed"), .severed)
        try transaction.unlink(alice, through: ConnectionID("con-okta"))
        _ = try transaction.connection(ConnectionID("con-okta"))
        _ = try transaction.connections(of: OrganizationID("org-acme"))
        _ = try transaction.organization(slug: "acme")
        _ = try transaction.members(of: OrganizationID("org-acme"), limit: 10)
        _ = try transaction.auditEvents(AuditQuery(organizationID: OrganizationID("org-acme"), since: at(0), limit: 10))
        _ = try transaction.auditEvents(AuditQuery(memberID: alice, since: at(0), limit: 10))
        _ = try transaction.auditEvents(AuditQuery(since: at(0), limit: 10))
        _ = try transaction.deleteAuditEvents(before: at(0), limit: 10)
    }

    @Test("The plan recorder does see a scan")
    func planControl() async throws {
        let scans = try await StoreFixture.sqlite.withStore { store in
            try await store.read { transaction in
                let recorder = PlanRecorder(transaction.sql)
                _ = try recorder.rows("SELECT 1 FROM members WHERE name = $1", [.text("x")])
                _ = try recorder.rows("SELECT 1 FROM members WHERE id = $1", [.text("x")])
                return try recorder.scans()
            }
        }
        #expect(scans.count == 1)
    }

    @Test("The slice stays small among many members and organizations", arguments: StoreFixture.allCases)
    func small(_ fixture: StoreFixture) async throws {
        let questions = try questions()
        try await fixture.withStore { store in
            try await store.write { transaction in
                try writeSample(transaction)
                for number in 0..<2000 { try transaction.insertMember(member("m\(number)", of: "acme")) }
                for number in 0..<500 {
                    let slug = "other-\(number)"
                    try transaction.insertOrganization(organization(slug))
                    try transaction.insertConnection(connection(slug, of: slug))
                    // The same person is everywhere, and nowhere else does it matter.
                    try transaction.insertMember(member("alice", of: slug, email: "alice@other.example"))
                }
            }
            for question in questions {
                let world = try await store.read { try $0.world(for: question) }
                #expect((1...2).contains(world.organizations.count), "\(question)")
                #expect(
                    world.members.count <= 2 && world.connections.count <= 1 && world.subjectLinks.count <= 2, "\(question)")
            }
        }
    }
}
