import Tenancy
import Testing

@testable import Storage

struct SigningKeyTests {
    @Test(
        "Keys come back in the order in which they become active, and each change is announced",
        arguments: StoreFixture.allCases)
    func keys(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            let seen = Announcements()
            let observation = store.observe { seen.append($0) }
            let later = StoredSigningKey(keyID: "a", privateKey: [1, 2], createdAt: at(0), activeFrom: at(20))
            var sooner = StoredSigningKey(keyID: "b", privateKey: [3], createdAt: at(1), activeFrom: at(10))
            let inserted = sooner
            try await store.write { transaction in
                try transaction.insertSigningKey(later)
                try transaction.insertSigningKey(inserted)
            }
            #expect(try await store.read { try $0.signingKeys() } == [sooner, later])
            #expect(try await store.write { try $0.retireSigningKey("b", at: at(30)) })
            sooner.retiredAt = at(30)
            #expect(try await store.read { try $0.signingKeys() } == [sooner, later])
            #expect(try await store.write { try $0.deleteSigningKey("b") })
            #expect(try await store.read { try $0.signingKeys() } == [later])
            #expect(seen.drain() == [[.assertionKeys], [.assertionKeys], [.assertionKeys]])
            #expect(try await store.write { try $0.deleteSigningKey("b") } == false)
            #expect(try await store.write { try $0.retireSigningKey("b", at: at(30)) } == false)
            #expect(seen.drain().isEmpty)
            _ = observation
        }
    }

    @Test("A key under another name does not open", arguments: StoreFixture.allCases)
    func renamed(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            try await store.write { transaction in
                try transaction.insertSigningKey(
                    StoredSigningKey(keyID: "a", privateKey: [1, 2], createdAt: at(0), activeFrom: at(20)))
                try transaction.sql.execute("UPDATE signing_keys SET id = 'b'", [])
            }
            #expect(await storeErrorCode { try await store.read { try $0.signingKeys() } } == .corrupt)
        }
    }

    @Test("A key does not show itself")
    func redacted() {
        let key = StoredSigningKey(keyID: "a", privateKey: [201, 202], createdAt: at(0), activeFrom: at(20))
        var dumped = "\(key) \(String(reflecting: key))"
        dump(key, to: &dumped)
        #expect(!dumped.contains("201"))
    }
}
