import Tenancy

/// What the gateway remembers, behind one engine.
///
/// Reads and writes run on the engine's own threads, never on the caller's: it is safe to wait for
/// them on an event loop's task. A write that has begun is finished whatever becomes of the task
/// that asked for it, so that a client that hangs up can't undo a revocation.
public final class Store: Sendable {
    /// Where the data is.
    public enum Location: Sendable, Equatable {
        /// The path of the database file. Made with mode 0600 if it is not there; so is its key file.
        case sqlite(path: String)
    }

    /// How changes of other processes are noticed.
    public enum Polling: Sendable, Equatable {
        case every(Duration)
        /// Only when `checkForForeignChanges()` is called.
        case manual
    }

    /// R8 gives a revocation one second to reach every process; this leaves most of it to them.
    public static let pollInterval: Duration = .milliseconds(250)

    let engine: any SQLEngine
    let sealer: Sealer
    let observers: Observers<Set<Change>>
    let auditObservers = Observers<[AuditEvent]>()
    let watch: ForeignChangeWatch

    init(engine: any SQLEngine, sealer: Sealer, polling: Polling) async throws {
        self.engine = engine
        self.sealer = sealer
        observers = Observers<Set<Change>>()
        watch = try await ForeignChangeWatch(engine: engine, observers: observers, polling: polling)
    }

    deinit { watch.stop() }

    /// The path of the database, for messages.
    public var path: String { engine.path }

    /// Runs `body` on one consistent view. What it throws comes out as it is; failures of the engine
    /// come out as `StoreError`.
    public func read<T: Sendable>(_ body: @escaping @Sendable (ReadTransaction) throws -> T) async throws -> T {
        try await engine.read { [sealer] connection in
            try body(ReadTransaction(connection, sealer: sealer))
        }
    }

    /// Runs `body` alone, and commits durably; when it throws, nothing has happened. Observers have
    /// been told of the changes when this returns.
    @discardableResult
    public func write<T: Sendable>(_ body: @escaping @Sendable (WriteTransaction) throws -> T) async throws -> T {
        let (observers, auditObservers) = (observers, auditObservers)
        let committed = try await engine.write { [sealer] connection in
            let transaction = WriteTransaction(connection, sealer: sealer)
            let value = try body(transaction)
            return Committed(value: value, changes: transaction.changes, events: transaction.events)
        } committed: {
            observers.announce(changes: $0.changes)
            if !$0.events.isEmpty { auditObservers.announce($0.events) }
        }
        return committed.value
    }

    /// A read with three answers.
    public func lookUp<T: Sendable>(_ body: @escaping @Sendable (ReadTransaction) throws -> T?) async -> Lookup<T> {
        do {
            guard let value = try await read(body) else { return .absent }
            return .found(value)
        } catch let error as StoreError {
            return .unknown(error)
        } catch {
            return .unknown(StoreError(.other(0), path: path, detail: "\(type(of: error))"))
        }
    }

    /// Calls `handler` after every commit that changed something, in the order of the commits, before
    /// the write returns. It runs on the engine's thread and must not wait.
    public func observe(_ handler: @escaping @Sendable (Set<Change>) -> Void) -> Observation {
        observers.observation(handler)
    }

    /// Calls `handler` with the audit events of every commit of this process, under the conditions of `observe`. One
    /// event, one call: what the log says is in the store, and the other way round.
    public func observeAuditEvents(_ handler: @escaping @Sendable ([AuditEvent]) -> Void) -> Observation {
        auditObservers.observation(handler)
    }

    /// Announces `.everything` if another process has written since the last look.
    public func checkForForeignChanges() async throws { try await watch.check() }

    /// Waits for what runs, and closes the files. Afterwards every call fails with `.closed`.
    public func close() async throws {
        watch.stop()
        try await engine.close()
    }
}

private struct Committed<Value: Sendable>: Sendable {
    var value: Value
    var changes: Set<Change>
    var events: [AuditEvent]
}
