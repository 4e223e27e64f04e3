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
