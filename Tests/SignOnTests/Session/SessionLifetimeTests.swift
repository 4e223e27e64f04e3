import Storage
import Tenancy
import Testing

@testable import SignOn

struct SessionLifetimeTests {
    @Test("A session ends when it was not used for the idle time, and use keeps it alive")
    func idle() async throws {
        let bench = try await TestBench(idleTimeout: .seconds(600), lifetime: .seconds(7200))
        try await bench.keys.maintain(now: bench.now)
        let token = try await bench.signIn()
        for _ in 0..<3 {
            bench.advance(by: .seconds(500))
            #expect(await bench.identity(token).label == "identity")
            await bench.signOn.writeLastSeen()
        }
        bench.advance(by: .seconds(600))
        #expect(await bench.identity(token).label == "absent")
        await bench.signOn.settle()
        let now = bench.now
        #expect(try await bench.store.read { try $0.session(token.hash, at: now) } == nil, "an ended session stays in the store")
    }

    @Test("Use does not carry a session past its absolute limit")
    func absolute() async throws {
        let bench = try await TestBench(idleTimeout: .seconds(600), lifetime: .seconds(1000))
        try await bench.keys.maintain(now: bench.now)
        let token = try await bench.signIn(expiresAfter: .seconds(1000))
        bench.advance(by: .seconds(599))
        guard case .identity(let answer) = await bench.identity(token) else {
            Issue.record("the session should stand")
            return
        }
        #expect(answer.expiresAt == bench.now.advanced(by: .seconds(401)))
        #expect(answer.refreshAt <= answer.expiresAt)
        #expect(answer.graceUntil <= answer.expiresAt)
        await bench.signOn.writeLastSeen()
        bench.advance(by: .seconds(401))
        #expect(await bench.identity(token).label == "absent")
    }

    @Test("A store that can't be asked is unknown, not absent")
    func unknown() async throws {
        let bench = try await TestBench()
        try await bench.keys.maintain(now: bench.now)
        let token = try await bench.signIn()
        #expect(await bench.identity(token).label == "identity")
        #expect(await bench.identity(.random()).label == "absent")
        try await bench.store.close()
        #expect(await bench.identity(token).label == "unknown")
        #expect(await bench.identity(.random()).label == "unknown")
    }

    @Test(
        "What ends a membership or a connection ends the session",
        arguments: ["member suspended", "member deleted", "organization suspended", "connection disabled", "unlinked", "nothing"])
    func ending(cause: String) async throws {
        let bench = try await TestBench()
        try await bench.keys.maintain(now: bench.now)
        let token = try await bench.signIn()
        try await bench.store.write { transaction in
            switch cause {
            case "member suspended": _ = try transaction.setMemberStatus(TestBench.alice.id, .suspended)
            case "member deleted": _ = try transaction.setMemberStatus(TestBench.alice.id, .deleted)
            case "organization suspended": _ = try transaction.setOrganizationStatus(TestBench.acme.id, .suspended)
            case "connection disabled": _ = try transaction.setConnectionStatus(TestBench.connection.id, .disabled)
            case "unlinked": _ = try transaction.unlink(TestBench.alice.id, through: TestBench.connection.id)
            default: break
            }
        }
        #expect(await bench.identity(token).label == (cause == "nothing" ? "identity" : "absent"))
    }

    @Test("A session counts for its own host and organization only")
    func binding() async throws {
        let bench = try await TestBench()
        try await bench.keys.maintain(now: bench.now)
        let token = try await bench.signIn()
        #expect(await bench.identity(token).label == "identity")
        #expect(await bench.identity(token, host: "tickets.acme.example").label == "absent")
        #expect(await bench.identity(token, slug: "globex").label == "absent")
    }

    @Test(
        "A route's roles are any of them",
        arguments: [(["editor"], "identity"), (["viewer", "editor"], "identity"), (["viewer"], "forbidden")])
    func roles(required: [String], outcome: String) async throws {
        let bench = try await TestBench()
        try await bench.keys.maintain(now: bench.now)
        let token = try await bench.signIn()
        #expect(await bench.identity(token, roles: required.map { RoleID($0) }).label == outcome)
    }
}
