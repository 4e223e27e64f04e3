import Dispatch
import GRDB

/// SQLite in WAL mode through GRDB: one writer, several readers, each on its own queue.
final class SQLiteEngine: SQLEngine {
    /// Reads that run at the same time. SQLite reads are short and in memory; more threads than
    /// this only compete for the processor.
    static let maximumReaders = 4
    /// How long a statement waits for another process's lock, in seconds.
    static let busyTimeout: Double = 5
    /// Pages that the writer keeps in memory, in KiB: the default of 2 MiB makes a large import write and read the
    /// same pages of its indexes again and again.
    static let writerCacheKiB = 32 << 10
    /// What is left of the write-ahead log after a checkpoint, in bytes: one large import must not
    /// occupy the disk for ever.
    static let maximumIdleLogBytes = 64 << 20

    let path: String
    private let pool: DatabasePool

    init(path: String) throws {
        self.path = path
        var configuration = GRDB.Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(Self.busyTimeout)
        configuration.maximumReaderCount = Self.maximumReaders
        configuration.label = "gateway.store"
        // GRDB ends the process when a transaction is left open. A rollback can fail when the disk
        // does; the next write rolls back again instead (see `SQLiteEngine.write`).
        configuration.allowsUnsafeTransactions = true
        configuration.prepareDatabase { database in
            // A database file is untrusted input too: no functions from its schema.
            try database.execute(sql: "PRAGMA trusted_schema = OFF")
            try database.execute(sql: "PRAGMA journal_size_limit = \(Self.maximumIdleLogBytes)")
        }
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            // Only now: GRDB sets NORMAL while it opens, and with NORMAL a power cut can undo a
            // committed revocation.
            try pool.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
                try database.execute(sql: "PRAGMA cache_size = -\(Self.writerCacheKiB)")
            }
        } catch {
            throw StoreError(sqlite: error, path: path)
        }
    }

    // GRDB's own async calls stop at the caller's cancellation; these do not.

    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            pool.asyncRead { [path] result in
                continuation.resume(
                    with: Result {
                        try Self.mapping(path) { try body(SQLiteConnection(database: result.get(), path: path)) }
                    })
            }
        }
    }

    @discardableResult
    func write<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T, committed: @escaping @Sendable (T) -> Void
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            pool.asyncWriteWithoutTransaction { [path] database in
                continuation.resume(
                    with: Result {
                        let value = try Self.mapping(path) { try Self.transaction(database, path: path, body) }
                        committed(value)
                        return value
                    })
            }
        }
    }

    private static func transaction<T>(
        _ database: Database, path: String, _ body: (any SQLConnection) throws -> T
    ) throws -> T {
        if database.isInsideTransaction { try database.rollback() }
        // IMMEDIATE: a transaction that first reads and then writes could otherwise fail half-way,
        // because another process wrote in between.
        try database.beginTransaction(.immediate)
        do {
            let value = try body(SQLiteConnection(database: database, path: path))
            try database.commit()
            return value
        } catch {
            try? database.rollback()
            throw error
        }
    }

    /// On the writer: its own commits do not change the number there, anybody else's do
    /// (https://www.sqlite.org/pragma.html#pragma_data_version).
    func foreignVersion() async throws -> Int64 {
        try await withCheckedThrowingContinuation { continuation in
            pool.asyncWriteWithoutTransaction { [path] database in
                continuation.resume(
                    with: Result {
                        try Self.mapping(path) {
                            let connection = SQLiteConnection(database: database, path: path)
                            guard let row = try connection.rows("PRAGMA data_version", []).first else {
                                throw StoreError(.corrupt, path: path, detail: "no data_version")
                            }
                            return try row.integer(0)
                        }
                    })
            }
        }
    }

    func close() async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            // Waits for running reads: not on a thread of the concurrency pool.
            DispatchQueue.global().async { [pool, path] in
                continuation.resume(with: Result { try Self.mapping(path) { try pool.close() } })
            }
        }
    }

    private static func mapping<T>(_ path: String, _ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw StoreError(sqlite: error, path: path)
        }
    }
}
