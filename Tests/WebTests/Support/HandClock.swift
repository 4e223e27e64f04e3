import Synchronization

/// Stands still until it is moved, by hand or by somebody who sleeps on it: it goes where they sleep to, and keeps that.
final class HandClock: Clock, Sendable {
    struct Instant: InstantProtocol {
        var sinceBeginning: Duration

        func advanced(by duration: Duration) -> Self { Self(sinceBeginning: sinceBeginning + duration) }
        func duration(to other: Self) -> Duration { other.sinceBeginning - sinceBeginning }
        static func < (left: Self, right: Self) -> Bool { left.sinceBeginning < right.sinceBeginning }
    }

    private struct State {
        var now = Instant(sinceBeginning: .seconds(1000))
        var alarms: [Instant] = []
    }

    private let state = Mutex(State())

    var now: Instant { state.withLock { $0.now } }
    var minimumResolution: Duration { .zero }
    /// Every moment that somebody slept until.
    var alarms: [Instant] { state.withLock { $0.alarms } }

    func advance(by duration: Duration) { state.withLock { $0.now = $0.now.advanced(by: duration) } }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        state.withLock { state in
            state.alarms.append(deadline)
            state.now = max(state.now, deadline)
        }
    }
}
