import Storage
import Tenancy
import Testing

@testable import SignOn

struct AdministrationTests {
    private static let globex = Organization(
        id: OrganizationID("organization-2"), slug: "globex", name: "Globex", createdAt: Instant(seconds: 2))
    private static let owner = Administrator(.administrator(of: TestBench.acme.id))
    private static let borrower = Administrator(.administrator(of: globex.id))

    private func world() async throws -> (TestBench, Administration) {
        let bench = try await TestBench()
        try await bench.store.write { try $0.insertOrganization(Self.globex) }
        // A second later at each look, so that events have an order.
        let time = TestBench.Clock()
        let clock: @Sendable () -> Instant = {
            time.now.withLock { now in
                now = now.advanced(by: .seconds(1))
                return now
            }
        }
        return (
            bench, Administration(store: bench.store, clock: clock, randomBytes: { (0..<$0).map { _ in .random(in: 0...255) } })
        )
    }

    private func request(_ administration: Administration, by administrator: Administrator) async throws -> StoredExternalConnection {
        try await administration.request(
            ExternalConnectionRequest(
                name: "link", displayName: "Link", borrowerID: Self.globex.id, connectionID: TestBench.connection.id),
            by: administrator
        ).get()
    }

    private func lastEvent(_ bench: TestBench) async throws -> AuditEvent? {
        try await bench.store.read { try $0.auditEvents(AuditQuery(limit: 1000)).last }
    }

    @Test("A link waits for the owner, and each step is recorded with who took it")
    func consent() async throws {
        let (bench, administration) = try await world()
        let link = try await request(administration, by: Self.borrower)
        #expect(link.externalConnection.status == .pendingApproval)
        let id = link.externalConnection.id
        #expect(try await administration.act(.approve, on: id, by: Self.borrower).refusal == .tenancy(.actorNotAllowed))
        let refused = try #require(try await lastEvent(bench))
        #expect((refused.kind, refused.decision) == ("external_connection", "refused_actor_not_allowed"))
        #expect(refused.detail["actor"] == "administrator of globex")
        #expect(try await administration.act(.approve, on: id, by: Self.owner).get().externalConnection.status == .active)
        #expect(try await lastEvent(bench)?.decision == "link_becomes_active")
        #expect(try await administration.act(.sever, on: id, by: Self.borrower).get().externalConnection.status == .severed)
        #expect(try await administration.act(.enable, on: id, by: .operator).refusal == .tenancy(.linkNotPending))
        // A new one may follow.
        #expect(try await request(administration, by: .operator).externalConnection.status == .active)
    }

    @Test("Another issuer, set by the owner's administrator, waits for the borrower; set by the operator it does not")
    func issuer() async throws {
        let (bench, administration) = try await world()
        let id = try await request(administration, by: .operator).externalConnection.id
        func status() async throws -> ExternalConnection.Status? {
            try await bench.store.read { try $0.externalConnection(id)?.externalConnection.status }
        }
        _ = try await administration.setIdentityProvider(
            of: TestBench.connection.id, to: "https://second.example", by: .operator
        ).get()
        #expect(try await status() == .active)
        _ = try await administration.setIdentityProvider(
            of: TestBench.connection.id, to: "https://third.example", by: Self.owner
        ).get()
        #expect(try await status() == .pendingConfirmation)
        let stored = try await bench.store.read { try $0.connection(TestBench.connection.id) }
        #expect(stored?.settings.statedIssuer == "https://third.example")
        #expect(
            try await administration.setIdentityProvider(
                of: TestBench.connection.id, to: "https://fourth.example", by: Self.borrower
            ).refusal == .actorNotAllowed)
        #expect(try await administration.act(.confirm, on: id, by: Self.borrower).get().externalConnection.status == .active)
    }

    @Test("Revoking a session ends the sign-in that it came from, so that the next visit asks")
    func revoking() async throws {
        let (bench, administration) = try await world()
        try await bench.keys.maintain(now: bench.now)
        let token = try await bench.signIn()
        #expect(await bench.identity(token).label == "identity")
        #expect(try await administration.revokeSessions(of: TestBench.alice.id, by: Self.borrower).refusal == .actorNotAllowed)
        #expect(await bench.identity(token).label == "identity")
        #expect(try await administration.revokeSessions(of: TestBench.alice.id, by: Self.owner).get() == 1)
        #expect(await bench.identity(token).label == "absent")
    }

    @Test("A member added by an administrator counts for discovery only after their first sign-in")
    func authority() async throws {
        let (bench, administration) = try await world()
        let email = try #require(EmailAddress("zoe@acme.example"))
        let added = try await administration.addMember(to: TestBench.acme.id, email: email, by: Self.owner).get()
        #expect(added.authority == .organizationAdministrator)
        #expect(
            try await administration.addMember(to: TestBench.acme.id, email: email, by: .operator).refusal
                == .addressTaken(email, by: added.id))
        let routes = bench.signOn.settings.routes
        let now = bench.now
        let explained = try await bench.store.read {
            try Explainer($0, routes: routes, now: now).explain(ExplainedQuestion(email: email))
        }
        #expect(explained.ways.map(\.shown) == [false])
        #expect(explained.ways.first?.why.contains("after the person's first sign-in there") == true)
    }

    @Test("Every refusal is a sentence of its own")
    func sentences() throws {
        let email = try #require(EmailAddress("a@acme.example"))
        let refusals: [AdministrationRefusal] = [
            .notFound(.member, "x"), .ambiguous(.member, "x"), .tenancy(.linkNotPending), .actorNotAllowed,
            .managedByConfiguration(.member, "x"), .declaredCannotBeDeleted(.member, "x"), .leftTheFile(.member, "x"),
            .isDeleted(.member, "x"), .unchanged(.member, "x", is: "active"), .addressTaken(email, by: MemberID("m")),
            .subjectTaken(by: MemberID("m")), .notLinked, .connectionNotAccepted, .wrongProtocol(.saml), .issuerNeeded,
            .malformed("Write it otherwise."),
        ]
        #expect(Set(refusals.map(\.description)).count == refusals.count)
        #expect(Set(refusals.map(\.label)).count == refusals.count)
        #expect(refusals.allSatisfy { $0.description.hasSuffix(".") || $0 == .tenancy(.linkNotPending) })
    }
}

extension Result {
    fileprivate var refusal: Failure? {
        if case .failure(let refusal) = self { refusal } else { nil }
    }
}
