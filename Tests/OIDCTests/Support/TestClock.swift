import Synchronization

/// A clock that stands still until it is moved. Milliseconds since 1970.
final class TestClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_800_000_000_000)

    var now: Int64 { milliseconds.withLock { $0 } }
    var seconds: Double { Double(now) / 1000 }

    func advance(seconds: Int64) {
        milliseconds.withLock { $0 += seconds * 1000 }
    }
}
