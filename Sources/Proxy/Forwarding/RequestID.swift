/// The id under which a request is logged: 128 random bits. Not a secret.
struct RequestID: Equatable {
    let high: UInt64
    let low: UInt64

    /// No head has begun.
    var isNone: Bool { high == 0 && low == 0 }

    @inline(__always)
    func write(to writer: inout ByteWriter) {
        writer.write(hex: high)
        writer.write(hex: low)
    }

    var text: String {
        let text = withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { memory in
            var writer = ByteWriter(memory)
            write(to: &writer)
            return String(decoding: memory.prefix(writer.count), as: UTF8.self)
        }
        return text
    }
}

/// Makes request ids for one loop: SplitMix64 from two random seeds.
struct RequestIDGenerator {
    private var first: UInt64
    private var second: UInt64

    init(seed: (UInt64, UInt64)) { (first, second) = seed }

    mutating func next() -> RequestID {
        first &+= 0x9E37_79B9_7F4A_7C15
        second &+= 0xD1B5_4A32_D192_ED03
        return RequestID(high: Self.mix(first), low: Self.mix(second))
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
