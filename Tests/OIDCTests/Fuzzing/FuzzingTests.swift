import FuzzSupport
import Testing

@Suite struct FuzzingTests {
    @Test("parser and reference agree on every seed and on thousands of mutations", arguments: fuzzTargets.map { $0.name })
    func agrees(_ name: String) throws {
        let target = try #require(fuzzTargets.first { $0.name == name })
        let outcome = try Replay.run(target, mutations: 2_000)
        #expect(outcome.disagreements == [])
        #expect(outcome.inputs > 2_000)
    }
}
