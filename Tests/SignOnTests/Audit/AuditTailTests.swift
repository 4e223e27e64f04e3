import Storage
import Tenancy
import Testing

@testable import SignOn

struct AuditTailTests {
    private func event(_ id: String, at seconds: Int64, member: String? = nil, email: String? = nil) -> AuditEvent {
        AuditEvent(
            id: id, at: Instant(seconds: seconds), kind: "sign_in", requestID: "", memberID: member.map { MemberID($0) },
            decision: "admitted", detail: email.map { ["email": $0] } ?? [:])
    }

    private func read(_ tail: inout AuditTail, _ store: Store) async throws -> [String] {
        var ids: [String] = []
        while true {
            let before = tail
            let page = try await store.read { transaction -> (AuditTail, [String])? in
                var tail = before
                guard let events = try tail.next(in: transaction) else { return nil }
                return (tail, events.map(\.id))
            }
            guard let page else { break }
            tail = page.0
            ids += page.1
        }
        tail.rewind()
        return ids
    }

    @Test("Each event comes once, also one that is committed late with an earlier time")
    func once() async throws {
        let bench = try await TestBench()
        var tail = AuditTail(AuditFilter(), since: Instant(seconds: 0))
        #expect(try await read(&tail, bench.store) == [])
        try await bench.store.write { transaction in
            for number in 0..<1200 { try transaction.append(event("e\(number)", at: 1000 + Int64(number / 100))) }
        }
        #expect(try await read(&tail, bench.store).count == 1200)
        #expect(try await read(&tail, bench.store) == [])
        try await bench.store.write { transaction in
            try transaction.append(event("late", at: 1005))
            try transaction.append(event("next", at: 1020))
        }
        #expect(try await read(&tail, bench.store) == ["late", "next"])
        #expect(try await read(&tail, bench.store) == [])
    }

    @Test("An address shows the events of its members, and those of nobody yet")
    func address() async throws {
        let bench = try await TestBench()
        try await bench.store.write { transaction in
            try transaction.append(event("hers", at: 1, member: "member-1"))
            try transaction.append(event("refused", at: 2, email: "alice@acme.example"))
            try transaction.append(event("another's", at: 3, member: "member-2", email: "bob@acme.example"))
        }
        var tail = AuditTail(
            AuditFilter(members: [MemberID("member-1")], email: EmailAddress("alice@acme.example")), since: Instant(seconds: 0))
        #expect(try await read(&tail, bench.store) == ["hers", "refused"])
        tail = AuditTail(AuditFilter(members: []), since: Instant(seconds: 0))
        #expect(try await read(&tail, bench.store) == [])
    }
}
