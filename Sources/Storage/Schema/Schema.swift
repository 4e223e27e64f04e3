/// The numbered migrations, and where a database stands in them.
enum Schema {
    /// Append only: what a release has run is never edited. The number is the position, from 1.
    static let migrations: [Migration] = [.first, .subjectLinksByPerson, .sessionRoles, .linksThatProvision]

    struct Migration: Sendable {
        var statements: [String]
    }

    static func isSealed(_ connection: any SQLConnection) throws -> Bool {
        guard try connection.tables().contains("store_information") else { return false }
        let rows = try connection.rows("SELECT 1 FROM store_information WHERE name = $1", [.text(KeyCheck.name)])
        return !rows.isEmpty
    }

    /// Runs what is missing, in the caller's transaction: another process that starts at the same time
    /// waits, and finds the work done.
    static func migrate(_ connection: any SQLConnection, migrations: [Migration] = migrations) throws {
        let supported = Int64(migrations.count)
        let found = try version(connection)
        guard found <= supported else {
            throw StoreError(.schemaTooNew(found: found, supported: supported), path: connection.path)
        }
        for (index, migration) in migrations.enumerated() where Int64(index) >= found {
            for statement in migration.statements { try connection.execute(statement, []) }
            try connection.execute("INSERT INTO schema_migrations (version) VALUES ($1)", [.integer(Int64(index) + 1)])
        }
    }

    private static func version(_ connection: any SQLConnection) throws -> Int64 {
        let tables = try connection.tables()
        if tables.contains("schema_migrations") {
            let rows = try connection.rows("SELECT version FROM schema_migrations ORDER BY version DESC LIMIT 1", [])
            return try rows.first?.integer(0) ?? 0
        }
        guard tables.isEmpty else { throw StoreError(.notAGatewayDatabase, path: connection.path) }
        try connection.execute("CREATE TABLE schema_migrations (version BIGINT NOT NULL PRIMARY KEY)", [])
        return 0
    }
}
