/// Makes new inputs of seeds; the same ones in every run with the same seed number.
public struct Mutator {
    private let seeds: [[UInt8]]
    private var state: UInt64

    public init(seeds: [[UInt8]], seedNumber: UInt64) {
        self.seeds = seeds
        state = seedNumber
    }

    public mutating func next() -> [UInt8] {
        guard var input = pick(seeds) else { return [] }
        for _ in 0...below(4) { mutate(&input) }
        return input
    }

    private mutating func mutate(_ input: inout [UInt8]) {
        let index = below(input.count + 1)
        switch below(6) {
        case 0: input.insert(randomByte(), at: index)
        case 1: if index < input.count { input[index] = randomByte() }
        case 2: if index < input.count { input[index] ^= 1 << UInt8(below(8)) }
        case 3:
            let end = min(input.count, index + 1 + below(8))
            input.removeSubrange(index..<end)
        case 4:
            // A piece of the same input once more, somewhere else.
            let start = below(input.count + 1)
            let end = min(input.count, start + 1 + below(24))
            input.insert(contentsOf: Array(input[start..<end]), at: index)
        default:
            // The rest is another seed's.
            guard let other = pick(seeds) else { return }
            input.replaceSubrange(index..., with: other.suffix(below(other.count + 1)))
        }
    }

    /// Bytes that grammars treat apart come more often.
    private mutating func randomByte() -> UInt8 {
        let special = Array("\0\t\n\r \"%&+,-./0:;<=>@[\\]_{}~\u{7F}".utf8)
        if below(2) == 0, let byte = pick(special) { return byte }
        return UInt8(truncatingIfNeeded: next64())
    }

    private mutating func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[below(elements.count)]
    }

    private mutating func below(_ bound: Int) -> Int {
        bound <= 0 ? 0 : Int(next64() % UInt64(bound))
    }

    /// SplitMix64.
    private mutating func next64() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
