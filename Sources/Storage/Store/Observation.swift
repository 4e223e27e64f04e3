import Synchronization

/// A registered handler. It is called no more once this is cancelled or released.
public final class Observation: Sendable {
    private let observers: Observers
    private let number: UInt64

    init(observers: Observers, number: UInt64) {
        self.observers = observers
        self.number = number
    }

    deinit { cancel() }

    public func cancel() { observers.remove(number) }
}

/// The handlers of one store.
final class Observers: Sendable {
    /// Beyond so many changes in one transaction, `everything` is cheaper for who listens.
    static let maximumChangesInBatch = 1000

    private struct State {
        var next: UInt64 = 0
        var handlers: [UInt64: @Sendable (Set<Change>) -> Void] = [:]
    }

    private let state = Mutex(State())

    func add(_ handler: @escaping @Sendable (Set<Change>) -> Void) -> UInt64 {
        state.withLock { state in
            state.next += 1
            state.handlers[state.next] = handler
            return state.next
        }
    }

    func remove(_ number: UInt64) {
        // Released outside the lock: a handler may own things whose deinit comes back here.
        let removed = state.withLock { $0.handlers.removeValue(forKey: number) }
        _ = consume removed
    }

    func announce(_ changes: Set<Change>) {
        guard !changes.isEmpty else { return }
        let handlers = state.withLock { Array($0.handlers.values) }
        let batch = changes.count > Self.maximumChangesInBatch || changes.contains(.everything) ? [.everything] : changes
        for handler in handlers { handler(batch) }
    }
}
