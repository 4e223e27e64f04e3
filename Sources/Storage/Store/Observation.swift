import Synchronization

/// A registered handler. It is called no more once this is cancelled or released.
public final class Observation: Sendable {
    private let remove: @Sendable () -> Void

    init(remove: @escaping @Sendable () -> Void) { self.remove = remove }

    deinit { cancel() }

    public func cancel() { remove() }
}

/// The handlers of one store for one kind of announcement.
final class Observers<Announcement: Sendable>: Sendable {
    private struct State {
        var next: UInt64 = 0
        var handlers: [UInt64: @Sendable (Announcement) -> Void] = [:]
    }

    private let state = Mutex(State())

    func observation(_ handler: @escaping @Sendable (Announcement) -> Void) -> Observation {
        let number = state.withLock { state in
            state.next += 1
            state.handlers[state.next] = handler
            return state.next
        }
        return Observation { [self] in remove(number) }
    }

    private func remove(_ number: UInt64) {
        // Released outside the lock: a handler may own things whose deinit comes back here.
        let removed = state.withLock { $0.handlers.removeValue(forKey: number) }
        _ = consume removed
    }

    func announce(_ announcement: Announcement) {
        let handlers = state.withLock { Array($0.handlers.values) }
        for handler in handlers { handler(announcement) }
    }
}

extension Observers where Announcement == Set<Change> {
    /// Beyond so many changes in one transaction, `everything` is cheaper for who listens.
    private static var maximumChangesInBatch: Int { 1000 }

    func announce(changes: Set<Change>) {
        guard !changes.isEmpty else { return }
        announce(changes.count > Self.maximumChangesInBatch || changes.contains(.everything) ? [.everything] : changes)
    }
}
