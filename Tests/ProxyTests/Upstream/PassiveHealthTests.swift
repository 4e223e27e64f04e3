import Testing

@testable import Proxy

struct PassiveHealthTests {
    private func expect(_ result: Bool, _ expected: Bool, _ location: SourceLocation = #_sourceLocation) {
        #expect(result == expected, sourceLocation: location)
    }

    @Test func `an upstream that can't be reached is avoided for twice as long each time`() {
        var health = PassiveHealth()
        var now: Int64 = 0
        var expected = PassiveHealth.firstAvoidanceMilliseconds
        for attempt in 0..<12 {
            #expect(!health.isAvoided(now: now))
            expect(health.unreachable(now: now), attempt == 0)
            // Those that fail beside the first one change nothing.
            for _ in 0..<5 { expect(health.unreachable(now: now), false) }
            #expect(health.isAvoided(now: now + expected - 1))
            #expect(!health.isAvoided(now: now + expected))
            now += expected
            expected = min(expected * 2, PassiveHealth.longestAvoidanceMilliseconds)
        }
        expect(health.answered(), true)
        expect(health.answered(), false)
        expect(health.unreachable(now: now), true)
        #expect(!health.isAvoided(now: now + PassiveHealth.firstAvoidanceMilliseconds))
    }

    @Test func `it takes several unanswered requests in a row`() {
        var health = PassiveHealth()
        for _ in 0..<10 {
            for _ in 1..<PassiveHealth.maximumUnanswered { expect(health.leftUnanswered(now: 0), false) }
            expect(health.answered(), false)
        }
        for _ in 1..<PassiveHealth.maximumUnanswered { expect(health.leftUnanswered(now: 0), false) }
        #expect(!health.isAvoided(now: 0))
        expect(health.leftUnanswered(now: 0), true)
        #expect(health.isAvoided(now: 0))
        expect(health.answered(), true)
        #expect(!health.isAvoided(now: 0))
    }
}

struct HealthVerdictTests {
    @Test(
        "the verdict changes after so many results in a row",
        arguments: [
            // + works, - fails; the verdict after each.
            ("+++", "+++"), ("---", "++-"), ("--+--", "+++++"), ("---+", "++--"), ("---++", "++--+"), ("---+-++", "++----+"),
        ])
    func verdicts(_ results: String, _ expected: String) {
        var verdict = HealthVerdict(HealthCheck(path: "/", interval: .zero, timeout: .zero, healthy: 2, unhealthy: 3))
        var seen = ""
        var changes = 0
        for result in results {
            let before = verdict.isHealthy
            if verdict.note(works: result == "+") { changes += 1 }
            seen += verdict.isHealthy ? "+" : "-"
            #expect((before != verdict.isHealthy) == (changes > 0 && before != verdict.isHealthy))
        }
        #expect(seen == expected)
        #expect(changes == zip("+" + expected, expected).count { $0 != $1 })
    }
}
