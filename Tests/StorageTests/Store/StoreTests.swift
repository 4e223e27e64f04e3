import Dispatch
import Foundation
import Synchronization
import Tenancy
import Testing

@testable import Storage

@Suite("Store", .serialized)
struct StoreTests {
    @Test("A write that throws changes and announces nothing", arguments: StoreFixture.allCases)
    func rollback(_ fixture: StoreFixture) async throws {
        struct Stop: Error {}
        try await fixture.withStore { store in
            let seen = Announcements()
            let observation = store.observe { seen.append($0) }
            await #expect(throws: Stop.self) {
                try await store.write { transaction in
                    try transaction.insertOrganization(organization("acme"))
                    throw Stop()
                }
            }
            #expect(try await store.read { try $0.organization(slug: "acme") } == nil)
            #expect(seen.drain().isEmpty)
            try await store.write { try $0.insertOrganization(organization("acme")) }
            #expect(try await store.read { try $0.organization(slug: "acme") } == organization("acme"))
            #expect(seen.drain() == [[.organization(OrganizationID("org-acme"))]])
            _ = observation
        }
    }

    @Test("An observation that is cancelled or released hears no more", arguments: StoreFixture.allCases)
    func observations(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            let cancelled = Announcements()
            let released = Announcements()
            let kept = Announcements()
            let first = store.observe { cancelled.append($0) }
            var second: Observation? = store.observe { released.append($0) }
            let third = store.observe { kept.append($0) }
            _ = second
            first.cancel()
            second = nil
            try await store.write { try $0.insertOrganization(organization("acme")) }
            #expect(cancelled.drain().isEmpty)
            #expect(released.drain().isEmpty)
            #expect(kept.drain().count == 1)
            _ = third
        }
    }

    @Test("A write goes on when its task is cancelled", arguments: StoreFixture.allCases)
    func cancellation(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            let mayGoOn = DispatchSemaphore(value: 0)
            let (begun, begin) = AsyncStream.makeStream(of: Void.self)
            let task = Task {
                try await store.write { transaction in
                    begin.yield()
                    mayGoOn.wait()
                    try transaction.insertOrganization(organization("acme"))
                }
            }
            for await _ in begun { break }
            task.cancel()
            mayGoOn.signal()
            try await task.value
            #expect(try await store.read { try $0.organization(slug: "acme") } != nil)
        }
    }

    @Test("A look-up has three answers", arguments: StoreFixture.allCases)
    func lookUp(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            let stored = try session("token")
            try await store.write { try $0.insertSession(stored) }
            #expect(await store.session(hash("token"), at: at(1)) == .found(stored))
            #expect(await store.session(hash("other"), at: at(1)) == .absent)
            try await store.close()
            #expect(await store.session(hash("token"), at: at(1)) == .unknown(StoreError(.closed, path: store.path)))
            #expect(await storeErrorCode { try await store.write { try $0.insertSession(stored) } } == .closed)
        }
    }

    @Test("What another store writes is noticed as everything, once", arguments: StoreFixture.allCases)
    func foreignChanges(_ fixture: StoreFixture) async throws {
        try await fixture.withDatabase { database in
            let ours = try await database.open()
            let theirs = try await database.open()
            let seen = Announcements()
            let observation = ours.observe { seen.append($0) }
            try await ours.checkForForeignChanges()
            #expect(seen.drain().isEmpty)
            try await ours.write { try $0.insertOrganization(organization("ours")) }
            try await ours.checkForForeignChanges()
            #expect(seen.drain() == [[.organization(OrganizationID("org-ours"))]])
            try await theirs.write { try $0.insertOrganization(organization("theirs")) }
            try await ours.checkForForeignChanges()
            try await ours.checkForForeignChanges()
            #expect(seen.drain() == [[.everything]])
            // Also where a write of our own came after theirs.
            try await theirs.write { try $0.insertOrganization(organization("theirs-2")) }
            try await ours.write { try $0.insertOrganization(organization("ours-2")) }
            try await ours.checkForForeignChanges()
            #expect(seen.drain().last == [.everything])
            #expect(
                try await ours.read { try $0.organizations(limit: 10).map(\.slug) } == ["ours", "ours-2", "theirs", "theirs-2"])
            _ = observation
            try await ours.close()
            try await theirs.close()
        }
    }

    @Test("The background poll announces by itself", arguments: StoreFixture.allCases)
    func polling(_ fixture: StoreFixture) async throws {
        try await fixture.withDatabase { database in
            let ours = try await Store.open(.sqlite(path: database.path), polling: .every(.milliseconds(1)))
            let theirs = try await database.open()
            let (heard, hear) = AsyncStream.makeStream(of: Set<Change>.self)
            let observation = ours.observe { hear.yield($0) }
            try await theirs.write { try $0.insertOrganization(organization("theirs")) }
            for await changes in heard {
                #expect(changes == [.everything])
                break
            }
            _ = observation
            try await ours.close()
            try await theirs.close()
        }
    }

    @Test("Two stores on one file write without losing anything", arguments: StoreFixture.allCases)
    func twoWriters(_ fixture: StoreFixture) async throws {
        try await fixture.withDatabase { database in
            let stores = [try await database.open(), try await database.open()]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, store) in stores.enumerated() {
                    group.addTask {
                        for number in 0..<25 {
                            let stored = try session("\(index)-\(number)")
                            try await store.write { try $0.insertSession(stored) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            for store in stores {
                #expect(try await store.read { try $0.sessionCount() } == 50)
                try await store.close()
            }
        }
    }

    @Test("A one-time record taken by two stores at once is taken once", arguments: StoreFixture.allCases)
    func takenOnce(_ fixture: StoreFixture) async throws {
        try await fixture.withDatabase { database in
            let stores = [try await database.open(), try await database.open()]
            for number in 0..<10 {
                let record = OneTimeRecord(
                    purpose: .handOff, idHash: hash("\(number)"), binding: nil, payload: [1], expiresAt: at(60))
                try await stores[0].write { try $0.put(record, perBinding: 10, perPurpose: 10) }
                let taken = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for store in stores {
                        group.addTask { try await store.write { try $0.take(.handOff, record.idHash, at: at(1)) != nil } }
                    }
                    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(taken == 1)
            }
            for store in stores { try await store.close() }
        }
    }

    @Test("What was committed is there after reopening", arguments: StoreFixture.allCases)
    func reopening(_ fixture: StoreFixture) async throws {
        try await fixture.withDatabase { database in
            let stored = connection("okta", of: "acme")
            let first = try await database.open()
            try await first.write { transaction in
                try transaction.insertOrganization(organization("acme"))
                try transaction.insertConnection(stored)
            }
            try await first.close()
            let second = try await database.open()
            #expect(try await second.read { try $0.connection(stored.connection.id) } == stored)
            try await second.close()
        }
    }

    @Test("Secrets are nowhere in the files in clear", arguments: StoreFixture.allCases)
    func sealedAtRest(_ fixture: StoreFixture) async throws {
        try await fixture.withDatabase { database in
            let store = try await database.open()
            let payload = Array("canary-payload".utf8)
            try await store.write { transaction in
                try transaction.insertOrganization(organization("acme"))
                try transaction.insertConnection(connection("okta", of: "acme"))
                try transaction.put(
                    OneTimeRecord(purpose: .flow, idHash: hash("id"), binding: nil, payload: payload, expiresAt: at(60)),
                    perBinding: 10, perPurpose: 10)
                try transaction.insertSigningKey(
                    StoredSigningKey(keyID: "k", privateKey: Array("canary-key".utf8), createdAt: at(0), activeFrom: at(0)))
            }
            let files = try [database.path, database.path + "-wal"].map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
            for canary in ["canary-secret-of-okta", "canary-payload", "canary-key"] {
                #expect(files.allSatisfy { $0.range(of: Data(canary.utf8)) == nil }, "\(canary)")
            }
            // The control: what is not sealed is found.
            #expect(files.contains { $0.range(of: Data("https://okta.example".utf8)) != nil })
            try await store.close()
        }
    }

    @Test("Text with a NUL is refused instead of cut short", arguments: StoreFixture.allCases)
    func nul(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            let cut = Person(connectionID: ConnectionID("con-okta"), issuer: "https://okta.example", subject: "subject\0x")
            try await store.write { try $0.insertSession(session("token")) }
            #expect(await storeErrorCode { try await store.read { try $0.sessions(of: cut, at: at(0)) } } == .unstorableText)
            #expect(await storeErrorCode { try await store.write { try $0.deleteSessions(of: cut) } } == .unstorableText)
            #expect(try await store.read { try $0.sessionCount() } == 1)
        }
    }

    @Test("Placeholders bind by their number, not by where they stand", arguments: StoreFixture.allCases)
    func placeholders(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            let row = try await store.read { try $0.row("SELECT $2, $1, $3, $1", [.text("a"), .integer(2), .blob([3])]) }
            #expect(row?.values == [.integer(2), .text("a"), .blob([3]), .text("a")])
            let empty = try await store.read { try $0.row("SELECT $1, $2", [.blob([]), .null]) }
            #expect(empty?.values == [.blob([]), .null])
        }
    }

    @Test("A failed commit leaves the store usable", arguments: StoreFixture.allCases)
    func afterFailure(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            try await store.write { try $0.insertSession(session("token")) }
            let code = await storeErrorCode { try await store.write { try $0.insertSession(session("token")) } }
            guard case .constraint(let name) = code else {
                Issue.record("\(String(describing: code))")
                return
            }
            #expect(name == "sessions.token_hash" || name == "sessions.id")
            try await store.write { try $0.insertSession(session("other")) }
            #expect(try await store.read { try $0.sessionCount() } == 2)
        }
    }
}
