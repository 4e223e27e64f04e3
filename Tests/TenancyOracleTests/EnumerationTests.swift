import Tenancy
import Testing

@Suite("Every small world")
struct EnumerationTests {
    @Test("decide says what the rules say, and keeps their promises", arguments: Family.allCases)
    func decideAgreesWithTheRules(family: Family) {
        var examination = Examination(of: { decide($0, in: $1) })
        var worlds = 0
        do throws(Disagreement) {
            try family.forEach { (blueprint, scope) throws(Disagreement) in
                worlds += 1
                try examination.examine(blueprint, scope, family.evidences)
            }
        } catch {
            Issue.record(error)
        }
        print("\(family.rawValue): \(worlds) worlds, \(examination.questions) questions, \(examination.admissions) admissions")
        #expect(examination.questions > 0)
    }

    @Test("there are at least 100,000 of them")
    func thereAreManyWorlds() {
        var worlds: Set<Blueprint> = []
        for family in Family.allCases {
            family.forEach { (blueprint, _) in worlds.insert(blueprint.canonical) }
        }
        print("\(worlds.count) distinct worlds")
        #expect(worlds.count >= 100_000)
    }
}
