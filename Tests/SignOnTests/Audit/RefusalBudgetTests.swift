import Tenancy
import Testing

@testable import SignOn

struct RefusalBudgetTests {
    @Test("One address is recorded up to its share of a minute, and the next event says how many were not")
    func oneAddress() {
        let budget = RefusalBudget()
        let now = Instant(seconds: 1_800_000_000)
        let recorded = (0..<100).compactMap { _ in budget.admit(from: "192.0.2.1", now: now) }
        #expect(recorded == Array(repeating: 0, count: RefusalBudget.perMinutePerAddress))
        #expect(budget.admit(from: "192.0.2.1", now: now.advanced(by: .seconds(60))) == 100 - RefusalBudget.perMinutePerAddress)
        #expect(budget.admit(from: "192.0.2.1", now: now.advanced(by: .seconds(60))) == 0)
    }

    @Test("Many addresses together are recorded up to the bound of all")
    func manyAddresses() {
        let budget = RefusalBudget()
        let now = Instant(seconds: 1_800_000_000)
        let recorded = (0..<10_000).compactMap { budget.admit(from: "address-\($0)", now: now) }
        #expect(recorded.count == RefusalBudget.perMinute)
    }
}
