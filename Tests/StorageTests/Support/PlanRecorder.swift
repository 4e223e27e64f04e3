@testable import Storage

/// Notes every statement on its way to the engine, and asks SQLite how it would run it.
final class PlanRecorder: SQLConnection {
    private let base: any SQLConnection
    private(set) var statements: [String: [SQLValue]] = [:]

    init(_ base: any SQLConnection) { self.base = base }

    var path: String { base.path }

    func rows(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow] {
        statements[sql] = values
        return try base.rows(sql, values)
    }

    func execute(_ sql: String, _ values: [SQLValue]) throws -> Int {
        statements[sql] = values
        return try base.execute(sql, values)
    }

    func tables() throws -> Set<String> { try base.tables() }

    /// Statements that read a whole table or index, with SQLite's own words for it
    /// (https://www.sqlite.org/eqp.html).
    func scans() throws -> [String] {
        try statements.flatMap { sql, values in
            try base.rows("EXPLAIN QUERY PLAN " + sql, values).map { try $0.text(3) }
                .filter { $0.hasPrefix("SCAN") }.map { "\($0): \(sql)" }
        }
    }
}
