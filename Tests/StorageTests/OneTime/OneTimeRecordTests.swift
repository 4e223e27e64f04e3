import Tenancy
import Testing

@testable import Storage

struct OneTimeRecordTests {
    private func record(
        _ id: String, _ purpose: OneTimeRecord.Purpose = .flow, binding: String? = nil, expires: Int64 = 60
    ) -> OneTimeRecord {
        OneTimeRecord(
            purpose: purpose, idHash: hash(id), binding: binding.map { hash($0) }, payload: Array(id.utf8),
            expiresAt: at(expires))
    }

    private func left(_ store: Store, _ ids: some Sequence<String>, _ purpose: OneTimeRecord.Purpose = .flow) async throws
        -> [String]
    {
        let ids = Array(ids)
        return try await store.read { transaction in
            try ids.filter { try transaction.peek(purpose, hash($0), at: at(0)) != nil }
        }
    }

    @Test("A record is there until it is taken, and only for its purpose", arguments: StoreFixture.allCases)
    func takenOnce(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            for stored in [record("bound", binding: "browser"), record("free")] {
                try await store.write { try $0.put(stored, perBinding: 5, perPurpose: 5) }
                #expect(try await store.read { try $0.peek(.flow, stored.idHash, at: at(1)) } == stored)
                #expect(try await store.read { try $0.peek(.handOff, stored.idHash, at: at(1)) } == nil)
                #expect(try await store.write { try $0.take(.handOff, stored.idHash, at: at(1)) } == nil)
                #expect(try await store.write { try $0.take(.flow, stored.idHash, at: at(1)) } == stored)
                #expect(try await store.write { try $0.take(.flow, stored.idHash, at: at(1)) } == nil)
                #expect(try await store.read { try $0.peek(.flow, stored.idHash, at: at(1)) } == nil)
            }
        }
    }

    @Test("An expired record is absent, though nobody cleared it away", arguments: StoreFixture.allCases)
    func expiry(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            let stored = record("id", expires: 60)
            try await store.write { try $0.put(stored, perBinding: 5, perPurpose: 5) }
            #expect(try await store.read { try $0.peek(.flow, stored.idHash, at: at(59)) } != nil)
            #expect(try await store.read { try $0.peek(.flow, stored.idHash, at: at(60)) } == nil)
            #expect(try await store.write { try $0.take(.flow, stored.idHash, at: at(60)) } == nil)
            #expect(try await store.write { try $0.take(.flow, stored.idHash, at: at(59)) } == nil)
        }
    }

    @Test("A record that fails to be taken, because the write failed, is still there", arguments: StoreFixture.allCases)
    func failedTake(_ fixture: StoreFixture) async throws {
        struct Stop: Error {}
        try await fixture.withStore { store in
            let stored = record("id")
            try await store.write { try $0.put(stored, perBinding: 5, perPurpose: 5) }
            await #expect(throws: Stop.self) {
                try await store.write { transaction in
                    _ = try transaction.take(.flow, stored.idHash, at: at(1))
                    throw Stop()
                }
            }
            #expect(try await store.write { try $0.take(.flow, stored.idHash, at: at(1)) } == stored)
        }
    }

    @Test("One browser's records evict each other, oldest first, and nobody else's", arguments: StoreFixture.allCases)
    func perBinding(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            try await store.write { transaction in
                try transaction.put(record("other", binding: "other", expires: 1), perBinding: 3, perPurpose: 100)
                try transaction.put(record("unbound", expires: 1), perBinding: 3, perPurpose: 100)
                try transaction.put(
                    record("hand-off", .handOff, binding: "browser", expires: 1), perBinding: 3, perPurpose: 100)
                for number in 0..<6 {
                    try transaction.put(
                        record("\(number)", binding: "browser", expires: 60 + Int64(number)), perBinding: 3, perPurpose: 100)
                }
            }
            #expect(try await left(store, (0..<6).map(String.init)) == ["3", "4", "5"])
            #expect(try await left(store, ["other", "unbound"]) == ["other", "unbound"])
            #expect(try await left(store, ["hand-off"], .handOff) == ["hand-off"])
        }
    }

    @Test(
        "Beyond the cap of the purpose the oldest goes, whoever's it is; other purposes stay",
        arguments: StoreFixture.allCases)
    func perPurpose(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            try await store.write { transaction in
                try transaction.put(record("hand-off", .handOff, expires: 1), perBinding: 3, perPurpose: 4)
                for number in 0..<10 {
                    try transaction.put(
                        record("\(number)", binding: "\(number)", expires: 60 + Int64(number)), perBinding: 3, perPurpose: 4)
                }
            }
            #expect(try await left(store, (0..<10).map(String.init)) == ["6", "7", "8", "9"])
            #expect(try await left(store, ["hand-off"], .handOff) == ["hand-off"])
            // A new one is never its own victim, however soon it expires.
            try await store.write { try $0.put(record("brief", expires: 2), perBinding: 3, perPurpose: 4) }
            #expect(try await left(store, ["brief", "6", "7"]) == ["brief", "7"])
        }
    }

    @Test("The count stays true through eviction, taking, expiry and failure", arguments: StoreFixture.allCases)
    func count(_ fixture: StoreFixture) async throws {
        struct Stop: Error {}
        try await fixture.withStore { store in
            var generator = SplitMix(seed: 5)
            for step in 0..<300 {
                let id = String(generator.next(upTo: 40))
                let purpose: OneTimeRecord.Purpose = generator.next(upTo: 2) == 0 ? .flow : .handOff
                let choice = generator.next(upTo: 5)
                let binding = generator.next(upTo: 3)
                let time = Int64(generator.next(upTo: 100))
                _ = try? await store.write { transaction in
                    switch choice {
                    case 0: _ = try transaction.take(purpose, hash(id), at: at(time))
                    case 1: _ = try transaction.deleteExpiredOneTimeRecords(at: at(time / 4), limit: 2)
                    case 2:
                        try transaction.put(record(id, purpose, expires: time), perBinding: 4, perPurpose: 12)
                        if step % 3 == 0 { throw Stop() }
                    default:
                        try transaction.put(
                            record(id, purpose, binding: "\(binding)", expires: time), perBinding: 4, perPurpose: 12)
                    }
                }
            }
            let counts = try await store.read { transaction in
                try transaction.sql.rows(
                    """
                    SELECT c.records, (SELECT COUNT(*) FROM one_time_records r WHERE r.purpose = c.purpose)
                    FROM one_time_counts c
                    """, []
                ).map { [try $0.integer(0), try $0.integer(1)] }
            }
            #expect(counts.count == 2)
            for count in counts {
                #expect(count[0] == count[1])
                #expect((1...12).contains(count[0]))
            }
        }
    }

    @Test("Clearing away takes what expired, in batches", arguments: StoreFixture.allCases)
    func clearing(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            try await store.write { transaction in
                for number in 0..<5 { try transaction.put(record("\(number)", expires: 10), perBinding: 9, perPurpose: 9) }
                try transaction.put(record("alive", expires: 60), perBinding: 9, perPurpose: 9)
            }
            var counts: [Int] = []
            repeat {
                counts.append(try await store.write { try $0.deleteExpiredOneTimeRecords(at: at(10), limit: 2) })
            } while counts.last != 0
            #expect(counts == [2, 2, 1, 0])
            #expect(try await left(store, ["alive"]) == ["alive"])
        }
    }

    @Test("A payload moved to another record does not open", arguments: StoreFixture.allCases)
    func moved(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            try await store.write { transaction in
                try transaction.put(record("mine"), perBinding: 9, perPurpose: 9)
                try transaction.put(record("theirs"), perBinding: 9, perPurpose: 9)
                try transaction.sql.execute(
                    """
                    UPDATE one_time_records SET payload = (SELECT payload FROM one_time_records WHERE id_hash = $2)
                    WHERE id_hash = $1
                    """, [.hash(hash("mine")), .hash(hash("theirs"))])
            }
            #expect(await storeErrorCode { try await store.read { try $0.peek(.flow, hash("mine"), at: at(0)) } } == .corrupt)
            #expect(try await store.read { try $0.peek(.flow, hash("theirs"), at: at(0)) } != nil)
        }
    }

    @Test("An assertion counts once for its connection, also after reopening", arguments: StoreFixture.allCases)
    func replay(_ fixture: StoreFixture) async throws {
        try await fixture.withDatabase { database in
            let ids = [
                (ConnectionID("a"), "bc"), (ConnectionID("ab"), "c"), (ConnectionID("a"), "BC"), (ConnectionID("a"), "b\0c"),
            ]
            for (round, expected) in [true, false].enumerated() {
                let store = try await database.open()
                for (connection, id) in ids {
                    let isNew = try await store.write { try $0.recordAssertion(connection, assertionID: id, expiresAt: at(60)) }
                    #expect(isNew == expected, "round \(round)")
                }
                try await store.close()
            }
            let store = try await database.open()
            #expect(try await store.write { try $0.deleteExpiredAssertions(at: at(59), limit: 10) } == 0)
            #expect(try await store.write { try $0.deleteExpiredAssertions(at: at(60), limit: 3) } == 3)
            #expect(try await store.write { try $0.deleteExpiredAssertions(at: at(60), limit: 3) } == 1)
            try await store.close()
        }
    }
}
