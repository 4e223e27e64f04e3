/// The short run of a target that the unit tests do.
public enum Replay {
    public struct Outcome {
        /// Inputs with what is wrong about them; at most a few.
        public var disagreements: [String] = []
        public var inputs = 0
    }

    /// Every seed of `target`, then `mutations` mutated ones.
    public static func run<Target: FuzzTarget>(_ type: Target.Type, mutations: Int) throws -> Outcome {
        let seeds = try Seeds.load(Target.name)
        var target = Target()
        var outcome = Outcome()
        var mutator = Mutator(seeds: seeds, seedNumber: 0x5EED)
        for index in 0..<seeds.count + mutations where outcome.disagreements.count < 5 {
            let input = index < seeds.count ? seeds[index] : mutator.next()
            outcome.inputs += 1
            if let wrong = target.disagreement(input) {
                outcome.disagreements.append("\(wrong): \(Seeds.escape(input))")
            }
        }
        return outcome
    }
}
