/// What requests tell about an upstream: one that can't be reached, or leaves several requests in a row
/// without an answer, is left alone for a while, and for twice as long each time it fails again.
struct PassiveHealth: Equatable {
    /// Unanswered requests in a row before an upstream is avoided.
    static let maximumUnanswered = 3
    static let firstAvoidanceMilliseconds: Int64 = 1_000
    static let longestAvoidanceMilliseconds: Int64 = 32_000

    private var unanswered = 0
    private var avoidances = 0
    private var avoidUntil: Int64 = 0

    func isAvoided(now: Int64) -> Bool { avoidUntil > now }

    /// A response came. True: it had been avoided before.
    @inline(__always)
    mutating func answered() -> Bool {
        guard unanswered > 0 || avoidances > 0 else { return false }
        let hadFailed = avoidances > 0
        self = PassiveHealth()
        return hadFailed
    }

    /// No connection could be opened. True: it is avoided from now on, and was not before.
    mutating func unreachable(now: Int64) -> Bool { avoid(now: now) }

    /// A request was taken and not answered. True as above.
    mutating func leftUnanswered(now: Int64) -> Bool {
        unanswered += 1
        return unanswered >= Self.maximumUnanswered && avoid(now: now)
    }

    private mutating func avoid(now: Int64) -> Bool {
        // Requests that fail together are one failure.
        guard !isAvoided(now: now) else { return false }
        let isFirst = avoidances == 0
        let doubled = Self.firstAvoidanceMilliseconds << Int64(min(avoidances, 10))
        avoidances += 1
        avoidUntil = now + min(doubled, Self.longestAvoidanceMilliseconds)
        return isFirst
    }
}
