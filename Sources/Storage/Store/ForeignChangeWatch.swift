import Synchronization

/// Notices what other processes write to the same database. They can't announce it here, and a
/// session that one of them ended must not live on in this one's cache.
final class ForeignChangeWatch: Sendable {
    private let engine: any SQLEngine
    private let observers: Observers<Set<Change>>
    private let last: Mutex<Int64>
    private let task = Mutex<Task<Void, Never>?>(nil)

    init(engine: any SQLEngine, observers: Observers<Set<Change>>, polling: Store.Polling) async throws {
        self.engine = engine
        self.observers = observers
        last = Mutex(try await engine.foreignVersion())
        guard case .every(let interval) = polling else { return }
        let poll = Task { [weak self] in
            while !Task.isCancelled {
                try? await Task.sleep(for: interval)
                // A failure here shows in every read as well; the next look tells what was missed.
                guard !Task.isCancelled, let self else { return }
                try? await self.check()
            }
        }
        task.withLock { $0 = poll }
    }

    deinit { stop() }

    func check() async throws {
        let version = try await engine.foreignVersion()
        let changed = last.withLock { last in
            defer { last = version }
            return last != version
        }
        if changed { observers.announce(changes: [.everything]) }
    }

    func stop() {
        let running = task.withLock { task in
            defer { task = nil }
            return task
        }
        running?.cancel()
    }
}
