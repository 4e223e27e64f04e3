import Synchronization
import Tenancy

/// How many refusals of people whom nobody knows yet become audit events. Anybody can bring one about by opening
/// an address, so they are bounded for each client address and for all of them together; what goes beyond is
/// counted, and the next event says how many there were.
final class RefusalBudget: Sendable {
    /// A person who tries again and again for a minute is seen in full.
    static let perMinutePerAddress = 20
    /// About 170 MB a day in the store under a flood that does not end: half a KiB each.
    static let perMinute = 240

    private let addresses = RateLimiter()
    private let all = RateLimiter()
    private let dropped = Mutex(0)

    /// Whether one more is recorded; if so, how many before it were not. `nil`: it is not.
    func admit(from address: String, now: Instant) -> Int? {
        guard addresses.admits(address, perMinute: Self.perMinutePerAddress, now: now),
            all.admits("", perMinute: Self.perMinute, now: now)
        else {
            dropped.withLock { $0 += 1 }
            return nil
        }
        return dropped.withLock { count in
            defer { count = 0 }
            return count
        }
    }
}
