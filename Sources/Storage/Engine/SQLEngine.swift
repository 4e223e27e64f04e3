/// A database that understands the SQL of this target.
protocol SQLEngine: Sendable {
    /// For messages.
    var path: String { get }

    /// Runs `body` in a read transaction, on a thread of the engine.
    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> T) async throws -> T

    /// Runs `body` in a write transaction that excludes other writers from its beginning, commits
    /// durably, and calls `committed` before the next write begins. Cancellation has no effect.
    @discardableResult
    func write<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T, committed: @escaping @Sendable (T) -> Void
    ) async throws -> T

    /// A number that changes when another process, or another store in this one, has committed.
    func foreignVersion() async throws -> Int64

    func close() async throws
}

/// One transaction of an engine.
protocol SQLConnection {
    /// For messages.
    var path: String { get }

    /// Every row that the statement returns, also of `INSERT`, `UPDATE` and `DELETE … RETURNING`.
    func rows(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow]

    /// Runs a statement that returns no rows. The result is how many rows it changed.
    @discardableResult
    func execute(_ sql: String, _ values: [SQLValue]) throws -> Int

    /// The names of all tables.
    func tables() throws -> Set<String>
}
