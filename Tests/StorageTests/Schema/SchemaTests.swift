import Testing

@testable import Storage

struct SchemaTests {
    @Test("A later migration runs once, and only what is missing", arguments: StoreFixture.allCases)
    func later(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            let extended = Schema.migrations + [Schema.Migration(statements: ["CREATE TABLE added (id BIGINT NOT NULL)"])]
            for _ in 0..<2 { try await store.write { try Schema.migrate($0.sql, migrations: extended) } }
            #expect(try await store.read { try $0.sql.tables() }.contains("added"))
            let versions = try await store.read { transaction in
                try transaction.sql.rows("SELECT version FROM schema_migrations ORDER BY version", []).map { try $0.integer(0) }
            }
            #expect(versions == Array(1...Int64(extended.count)))
        }
    }

    @Test("Which links might make a member is filled in as writing keeps it", arguments: StoreFixture.allCases)
    func linksThatProvision(_ fixture: StoreFixture) async throws {
        var kinds: Set<[Int64]> = []
        for seed in 1...5 as ClosedRange<UInt64> {
            let tenancy = RandomTenancy(seed: seed)
            try await fixture.withStore { store in
                try await tenancy.write(to: store)
                let kept = try await store.write { transaction in
                    func flags() throws -> [[Int64]] {
                        try [
                            "SELECT may_provision FROM external_connections ORDER BY id",
                            "SELECT decides FROM mail_domains ORDER BY holder, holder_id, domain",
                        ].map { try transaction.sql.rows($0, []).map { try $0.integer(0) } }
                    }
                    let kept = try flags()
                    try transaction.sql.execute("UPDATE external_connections SET may_provision = 1", [])
                    try transaction.sql.execute("UPDATE mail_domains SET decides = 1", [])
                    for statement in Schema.Migration.linksThatProvision.statements where statement.hasPrefix("UPDATE") {
                        try transaction.sql.execute(statement, [])
                    }
                    #expect(try flags() == kept)
                    return kept
                }
                kinds.formUnion(kept.map { Set($0).sorted() })
            }
        }
        // The control: both values come about.
        #expect(kinds.contains([0, 1]))
    }

    @Test("A migration that fails leaves the schema as it was", arguments: StoreFixture.allCases)
    func failing(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            let broken =
                Schema.migrations
                + [Schema.Migration(statements: ["CREATE TABLE added (id BIGINT NOT NULL)", "CREATE TABLE added (id BIGINT)"])]
            _ = await storeErrorCode { try await store.write { try Schema.migrate($0.sql, migrations: broken) } }
            #expect(try await !store.read { try $0.sql.tables() }.contains("added"))
            try await store.write { try Schema.migrate($0.sql) }
        }
    }
}
