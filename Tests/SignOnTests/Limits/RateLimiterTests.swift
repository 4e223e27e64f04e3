import Tenancy
import Testing

@testable import SignOn

struct RateLimiterTests {
    @Test("A bucket empties, refills evenly, and is nobody else's")
    func bucket() {
        let limiter = RateLimiter()
        let start = Instant(seconds: 1000)
        for _ in 0..<60 { #expect(limiter.admits("a", perMinute: 60, now: start)) }
        #expect(!limiter.admits("a", perMinute: 60, now: start))
        #expect(limiter.admits("b", perMinute: 60, now: start))
        #expect(limiter.admits("a", perMinute: 60, now: start.advanced(by: .seconds(1))))
        #expect(!limiter.admits("a", perMinute: 60, now: start.advanced(by: .seconds(1))))
    }

    @Test("A clock that jumps back gives nothing away and traps nowhere")
    func clockJump() {
        let limiter = RateLimiter()
        #expect(limiter.admits("a", perMinute: 1, now: Instant(milliseconds: .max)))
        #expect(!limiter.admits("a", perMinute: 1, now: Instant(milliseconds: .min)))
    }

    @Test("A flood of keys takes bounded memory and does not push out the ones being limited")
    func flood() {
        let limiter = RateLimiter()
        let now = Instant(seconds: 1)
        for number in 0..<RateLimiter.maximumKeys { _ = limiter.admits("key \(number)", perMinute: 1, now: now) }
        #expect(!limiter.admits("one more", perMinute: 1, now: now))
        #expect(!limiter.admits("key 0", perMinute: 1, now: now))
        #expect(limiter.admits("one more", perMinute: 1, now: now.advanced(by: .seconds(61))))
    }
}
