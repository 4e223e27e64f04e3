/// Walks DER (X.690), just far enough to find a public key. Definite lengths in their shortest form
/// alone, one-byte tags alone; every read is checked against what is left.
struct DERReader {
    /// The largest element that is read, in bytes. Real certificates have some 2 KiB.
    static let maximumElementBytes = 64 * 1024

    enum Tag {
        static let integer: UInt8 = 0x02
        static let bitString: UInt8 = 0x03
        static let octetString: UInt8 = 0x04
        static let objectIdentifier: UInt8 = 0x06
        static let sequence: UInt8 = 0x30
        /// `[0] EXPLICIT`
        static let contextZero: UInt8 = 0xA0
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: some Collection<UInt8>) { rest = Array(bytes)[...] }

    var isAtEnd: Bool { rest.isEmpty }
    var nextTag: UInt8? { rest.first }

    /// The content of the next element, whatever it is.
    mutating func next() -> (tag: UInt8, content: ArraySlice<UInt8>)? {
        guard let tag = rest.popFirst(), tag & 0x1F != 0x1F, let first = rest.popFirst() else { return nil }
        var length = Int(first)
        if first >= 0x80 {
            let count = Int(first & 0x7F)
            guard (1...3).contains(count), rest.count >= count else { return nil }
            length = rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(count)
            // X.690 §10.1: the fewest octets that can hold it.
            guard length >= 0x80, length >= 1 << (8 * (count - 1)) else { return nil }
        }
        guard length <= Self.maximumElementBytes, rest.count >= length else { return nil }
        defer { rest = rest.dropFirst(length) }
        return (tag, rest.prefix(length))
    }

    /// The content of the next element if it has this tag.
    mutating func next(_ tag: UInt8) -> ArraySlice<UInt8>? {
        guard nextTag == tag else { return nil }
        return next()?.content
    }

    /// The elements inside the next SEQUENCE.
    mutating func nextSequence() -> DERReader? { next(Tag.sequence).map { DERReader($0) } }
}
