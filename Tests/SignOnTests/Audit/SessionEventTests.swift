import Storage
import Tenancy
import Testing

@testable import SignOn

/// What look-ups of sessions leave in the audit trail.
struct SessionEventTests {
    private func events(_ bench: TestBench) async throws -> [AuditEvent] {
        await bench.signOn.settle()
        return try await bench.store.read { try $0.auditEvents(AuditQuery(limit: 100)) }
    }

    @Test("A session that a rule ends is recorded once, with the rule, whoever asks how often")
    func ended() async throws {
        let bench = try await TestBench()
        try await bench.keys.maintain(now: bench.now)
        let token = try await bench.signIn()
        #expect(await bench.identity(token).label == "identity")
        try await bench.store.write { _ = try $0.setConnectionStatus(TestBench.connection.id, .disabled) }
        for _ in 0..<5 { #expect(await bench.identity(token).label == "absent") }
        let ended = try await events(bench)
        #expect(ended.map(\.kind) == ["session_end"])
        #expect(ended.first?.decision == "refused_connection_inactive")
        #expect(ended.first?.memberID == TestBench.alice.id)
        // What ended stays ended, whatever comes back.
        try await bench.store.write { _ = try $0.setConnectionStatus(TestBench.connection.id, .active) }
        #expect(await bench.identity(token).label == "absent")
    }

    @Test("A session that was idle too long says so")
    func idle() async throws {
        let bench = try await TestBench(idleTimeout: .seconds(600))
        try await bench.keys.maintain(now: bench.now)
        let token = try await bench.signIn()
        bench.advance(by: .seconds(601))
        #expect(await bench.identity(token).label == "absent")
        #expect(try await events(bench).map(\.decision) == ["ended_idle"])
    }

    @Test("Roles that change between two refreshes are recorded, once a change, with what was gained and lost")
    func roles() async throws {
        let bench = try await TestBench()
        try await bench.keys.maintain(now: bench.now)
        let token = try await bench.signIn()
        #expect(await bench.identity(token).label == "identity")
        // The first look has nothing to compare with.
        #expect(try await events(bench).isEmpty)
        try await bench.store.write { _ = try $0.setRoles(TestBench.alice.id, [RoleID("viewer")]) }
        for _ in 0..<3 {
            #expect(await bench.identity(token).label == "identity")
            await bench.signOn.settle()
        }
        #expect(try await events(bench).map(\.reasons) == [["gained viewer", "lost editor"]])
    }

    @Test("The request whose look-up finds a change is the event's; a response under way has none", arguments: ["request-7", ""])
    func requestID(id: String) async throws {
        let bench = try await TestBench()
        try await bench.keys.maintain(now: bench.now)
        let token = try await bench.signIn()
        #expect(await bench.identity(token).label == "identity")
        await bench.signOn.settle()
        try await bench.store.write { _ = try $0.setRoles(TestBench.alice.id, [RoleID("viewer")]) }
        #expect(await bench.identity(token, requestID: id).label == "identity")
        await bench.signOn.settle()
        try await bench.store.write { _ = try $0.setMemberStatus(TestBench.alice.id, .suspended) }
        #expect(await bench.identity(token, requestID: id).label == "absent")
        let events = try await events(bench)
        #expect(Set(events.map(\.kind)) == ["roles_changed", "session_end"])
        #expect(events.allSatisfy { $0.requestID == id })
    }

    @Test(
        "A refusal that passes thousands over fills no page of the trail, and says how many it leaves out",
        arguments: [(1, nil), (99, nil), (100, "1"), (5000, "4901")] as [(Int, String?)])
    func manyReasons(passedOver: Int, leftOut: String?) async throws {
        let bench = try await TestBench()
        let reasons = (0..<passedOver).map { Reason.passedOver(OrganizationID("o-\($0)"), .notAMember) } + [.refused(.notAMember)]
        let event = AuditEvent.signIn(
            id: "event-1", at: bench.now, decision: Decision(.refuse(.notAMember), reasons: reasons), evidence: bench.evidence(),
            context: RequestContext(requestID: "1", clientAddress: "192.0.2.1"))
        #expect(event.detail["reasons_left_out"] == leftOut)
        #expect(event.reasons.count == min(passedOver + 1, 100))
        #expect(event.reasons.first == "passed_over o-0 not_a_member" && event.reasons.last == "refused not_a_member")
    }

    @Test("What is committed is announced once to whoever watches the trail, and what is rolled back is not")
    func announced() async throws {
        struct Refused: Error {}
        let bench = try await TestBench()
        let (stream, continuation) = AsyncStream.makeStream(of: [AuditEvent].self)
        let observation = bench.store.observeAuditEvents { continuation.yield($0) }
        defer { observation.cancel() }
        let event = AuditEvent(id: "event-1", at: bench.now, kind: "sign_in", requestID: "r", decision: "admitted")
        try? await bench.store.write { transaction in
            try transaction.append(event)
            throw Refused()
        }
        try await bench.store.write { try $0.append(event) }
        continuation.finish()
        var announced: [[AuditEvent]] = []
        for await events in stream { announced.append(events) }
        #expect(announced == [[event]])
    }

    @Test("Events go when their time is over, and not before")
    func retention() async throws {
        let bench = try await TestBench()
        let event = AuditEvent(id: "event-1", at: bench.now, kind: "sign_in", requestID: "", decision: "admitted")
        try await bench.store.write { try $0.append(event) }
        bench.advance(by: .seconds(90 * 86_400))
        await bench.signOn.removeExpired()
        #expect(try await events(bench).count == 1)
        bench.advance(by: .milliseconds(1))
        await bench.signOn.removeExpired()
        #expect(try await events(bench).isEmpty)
    }
}
