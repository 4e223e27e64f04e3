import Glibc

extension Store {
    /// Opens the store, makes it if there is none, and brings its schema up to date.
    ///
    /// - Parameters:
    ///   - location: where the data is.
    ///   - keyFile: the key that sealed values are under; `nil` is the database's path and `.key`.
    ///   - polling: how changes of other processes are noticed.
    /// - Throws: `StoreError`, which says what to do.
    public static func open(
        _ location: Location, keyFile: String? = nil, polling: Polling = .every(pollInterval)
    ) async throws -> Store {
        switch location {
        case .sqlite(let path):
            try createPrivateFile(path)
            let engine = try SQLiteEngine(path: path)
            return try await open(engine, keyFile: KeyFile(path: keyFile ?? path + ".key"), polling: polling)
        }
    }

    static func open(_ engine: some SQLEngine, keyFile: KeyFile, polling: Polling) async throws -> Store {
        do {
            // Before a key is made: a database that lost its key must not get a new one.
            let isSealed = try await engine.read { try Schema.isSealed($0) }
            let key: [UInt8]
            if let present = try keyFile.read() {
                key = present
            } else if isSealed {
                throw StoreError(.keyFileMissing, path: keyFile.path)
            } else {
                key = try keyFile.create()
            }
            let sealer = Sealer(key: key)
            try await engine.write { connection in
                try Schema.migrate(connection)
                try KeyCheck.verify(connection, sealer: sealer, keyFile: keyFile)
            } committed: { _ in
            }
            return try await Store(engine: engine, sealer: sealer, polling: polling)
        } catch {
            try? await engine.close()
            throw error
        }
    }

    /// SQLite gives its log files the mode of the database. An existing file is not touched: closing
    /// any descriptor of it would drop the locks that SQLite holds on it in this process
    /// (https://www.sqlite.org/howtocorrupt.html §2.2).
    private static func createPrivateFile(_ path: String) throws {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            Glibc.close(descriptor)
        } else if errno != EEXIST {
            throw StoreError(.unavailable, path: path, detail: String(cString: strerror(errno)))
        }
    }
}
