import Storage
import Tenancy
import Testing

struct AuditTests {
    private func event(_ id: String, _ seconds: Int64, organization: String? = nil, member: String? = nil) -> AuditEvent {
        AuditEvent(
            id: id, at: at(seconds), kind: "sign_in", requestID: "request-\(id)",
            organizationID: organization.map { OrganizationID($0) }, memberID: member.map { MemberID($0) },
            connectionID: ConnectionID("con-okta"), decision: "refuse", reasons: ["not_a_member", "nowhere_to_land"],
            detail: ["subject": "quote \" and \u{2028}"])
    }

    @Test("Events come back by organization, member and time, in pages", arguments: StoreFixture.allCases)
    func queries(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            let events = [
                event("e1", 1, organization: "a", member: "x"), event("e2", 2, organization: "a", member: "y"),
                event("e3", 2, organization: "b"), event("e4", 2, organization: "a"), event("e5", 3),
            ]
            try await store.write { transaction in for event in events.reversed() { try transaction.append(event) } }
            func ids(_ query: AuditQuery) async throws -> [String] {
                try await store.read { try $0.auditEvents(query).map(\.id) }
            }
            #expect(try await store.read { try $0.auditEvents(AuditQuery(limit: 10)) } == events)
            #expect(try await ids(AuditQuery(organizationID: OrganizationID("a"), limit: 10)) == ["e1", "e2", "e4"])
            #expect(try await ids(AuditQuery(memberID: MemberID("y"), limit: 10)) == ["e2"])
            #expect(
                try await ids(AuditQuery(organizationID: OrganizationID("a"), memberID: MemberID("x"), limit: 10)) == ["e1"])
            #expect(try await ids(AuditQuery(organizationID: OrganizationID("b"), memberID: MemberID("x"), limit: 10)) == [])
            #expect(try await ids(AuditQuery(since: at(2), limit: 10)) == ["e2", "e3", "e4", "e5"])
            #expect(try await ids(AuditQuery(since: at(2), after: "e3", limit: 10)) == ["e4", "e5"])
            #expect(try await ids(AuditQuery(limit: 2)) == ["e1", "e2"])
            #expect(try await ids(AuditQuery(limit: -1)) == [])
            #expect(try await store.write { try $0.deleteAuditEvents(before: at(2), limit: 10) } == 1)
            #expect(try await ids(AuditQuery(limit: 10)) == ["e2", "e3", "e4", "e5"])
        }
    }
}
