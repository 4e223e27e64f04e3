import Synchronization

/// Things that happen, in order, and those who wait for one.
final class EventLog<Event: Sendable>: Sendable {
    private struct Waiter: Sendable {
        let matches: @Sendable (Event) -> Bool
        let continuation: CheckedContinuation<Event, Never>
    }
    private struct State {
        var events: [Event] = []
        var waiters: [Waiter] = []
    }
    private let state = Mutex(State())

    var all: [Event] { state.withLock { $0.events } }

    func add(_ event: Event) {
        let ready = state.withLock { state in
            state.events.append(event)
            let ready = state.waiters.filter { $0.matches(event) }
            state.waiters.removeAll { $0.matches(event) }
            return ready
        }
        for waiter in ready { waiter.continuation.resume(returning: event) }
    }

    /// The first event that matches, perhaps one that has happened already.
    @discardableResult
    func first(where matches: @escaping @Sendable (Event) -> Bool) async -> Event {
        await withCheckedContinuation { continuation in
            let found = state.withLock { state in
                let found = state.events.first(where: matches)
                if found == nil { state.waiters.append(Waiter(matches: matches, continuation: continuation)) }
                return found
            }
            if let found { continuation.resume(returning: found) }
        }
    }
}
