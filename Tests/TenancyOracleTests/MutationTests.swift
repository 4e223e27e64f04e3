import Tenancy
import Testing

@Suite("Wrong decisions")
struct MutationTests {
    @Test("the comparison finds each of them", arguments: Mutation.all)
    func isFound(mutation: Mutation) {
        var examination = Examination(of: mutation.decide, checksPromises: false)
        do throws(Disagreement) {
            try mutation.family.forEach { (blueprint, scope) throws(Disagreement) in
                try examination.examine(blueprint, scope, mutation.family.evidences)
            }
            Issue.record("not found in \(examination.questions) questions")
        } catch {
            // What was found is the mutation, not a fault of `decide` itself.
            #expect(decide(error.question, in: error.blueprint.world()) != error.decision, "\(error)")
        }
    }
}
