/// Raw DEFLATE decompression (RFC 1951), as the HTTP-Redirect binding uses it (SAML Bindings §3.4.4.1).
///
/// The output is bounded while it grows: a few hundred bytes can ask for gigabytes.
enum Inflate {
    enum Refusal: Error, Equatable {
        /// The input ends within a block.
        case truncated
        /// More output than allowed.
        case tooLarge
        /// A block type, code or length that RFC 1951 has no meaning for.
        case malformed
        /// Bytes after the last block.
        case trailingBytes
    }

    static func inflate(_ bytes: [UInt8], maximumBytes: Int) -> Result<[UInt8], Refusal> {
        var inflater = Inflater(bytes: bytes, maximumBytes: maximumBytes)
        do {
            return .success(try inflater.run())
        } catch {
            return .failure(error)
        }
    }
}

private struct Inflater {
    let bytes: [UInt8]
    let maximumBytes: Int
    /// Bits consumed.
    var position = 0
    var output: [UInt8] = []

    init(bytes: [UInt8], maximumBytes: Int) {
        self.bytes = bytes
        self.maximumBytes = maximumBytes
    }

    mutating func run() throws(Inflate.Refusal) -> [UInt8] {
        var isLast = false
        while !isLast {
            isLast = try readBits(1) == 1
            switch try readBits(2) {
            case 0: try copyStored()
            case 1: try expand(literals: .fixedLiterals, distances: .fixedDistances)
            case 2:
                let (literals, distances) = try readCodes()
                try expand(literals: literals, distances: distances)
            default: throw .malformed
            }
        }
        guard (position + 7) / 8 == bytes.count else { throw .trailingBytes }
        return output
    }

    /// Least significant bit first (§3.1.1).
    mutating func readBits(_ count: Int) throws(Inflate.Refusal) -> Int {
        guard position + count <= bytes.count * 8 else { throw .truncated }
        var value = 0
        for bit in 0..<count {
            value |= (Int(bytes[position >> 3]) >> (position & 7) & 1) << bit
            position += 1
        }
        return value
    }

    mutating func append(_ byte: UInt8) throws(Inflate.Refusal) {
        guard output.count < maximumBytes else { throw .tooLarge }
        output.append(byte)
    }

    /// §3.2.4.
    mutating func copyStored() throws(Inflate.Refusal) {
        position = (position + 7) / 8 * 8
        let length = try readBits(16)
        guard try readBits(16) == ~length & 0xFFFF else { throw .malformed }
        for _ in 0..<length { try append(UInt8(truncatingIfNeeded: try readBits(8))) }
    }

    mutating func readSymbol(_ code: HuffmanCode) throws(Inflate.Refusal) -> Int {
        var value = 0
        var first = 0
        var index = 0
        for length in 1...HuffmanCode.maximumLength {
            value |= try readBits(1)
            let count = code.counts[length]
            if value - first < count { return code.symbols[index + value - first] }
            index += count
            first = (first + count) << 1
            value <<= 1
        }
        throw .malformed
    }

    /// §3.2.3, §3.2.5.
    mutating func expand(literals: HuffmanCode, distances: HuffmanCode) throws(Inflate.Refusal) {
        while true {
            let symbol = try readSymbol(literals)
            if symbol < 256 {
                try append(UInt8(truncatingIfNeeded: symbol))
                continue
            }
            if symbol == 256 { return }
            guard symbol - 257 < Self.lengthBases.count else { throw .malformed }
            let length = Self.lengthBases[symbol - 257] + (try readBits(Self.lengthExtraBits[symbol - 257]))
            let distanceSymbol = try readSymbol(distances)
            guard distanceSymbol < Self.distanceBases.count else { throw .malformed }
            let distance = Self.distanceBases[distanceSymbol] + (try readBits(Self.distanceExtraBits[distanceSymbol]))
            guard distance <= output.count else { throw .malformed }
            for _ in 0..<length { try append(output[output.count - distance]) }
        }
    }

    /// The codes of a block with dynamic ones (§3.2.7).
    mutating func readCodes() throws(Inflate.Refusal) -> (literals: HuffmanCode, distances: HuffmanCode) {
        let literalCount = try readBits(5) + 257
        let distanceCount = try readBits(5) + 1
        let lengthCount = try readBits(4) + 4
        guard literalCount <= 286, distanceCount <= 30 else { throw .malformed }
        var codeLengths = [Int](repeating: 0, count: Self.codeLengthOrder.count)
        for index in 0..<lengthCount { codeLengths[Self.codeLengthOrder[index]] = try readBits(3) }
        guard let lengthCode = HuffmanCode(lengths: codeLengths) else { throw .malformed }

        var lengths: [Int] = []
        while lengths.count < literalCount + distanceCount {
            let symbol = try readSymbol(lengthCode)
            let repeated: (length: Int, count: Int)
            switch symbol {
            case 0...15: repeated = (symbol, 1)
            case 16:
                guard let last = lengths.last else { throw .malformed }
                repeated = (last, try readBits(2) + 3)
            case 17: repeated = (0, try readBits(3) + 3)
            default: repeated = (0, try readBits(7) + 11)
            }
            lengths += repeatElement(repeated.length, count: repeated.count)
        }
        // A block without an end-of-block code could never end.
        guard lengths.count == literalCount + distanceCount, lengths[256] != 0,
            let literals = HuffmanCode(lengths: Array(lengths.prefix(literalCount))),
            let distances = HuffmanCode(lengths: Array(lengths.dropFirst(literalCount)))
        else { throw .malformed }
        return (literals, distances)
    }

    static let codeLengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    static let lengthBases = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
    ]
    static let lengthExtraBits = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]
    static let distanceBases = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
        8193, 12289, 16385, 24577,
    ]
    static let distanceExtraBits = [
        0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
    ]
}

/// A canonical Huffman code (§3.2.2): how many codes there are of each length, and the symbols in the order of their codes.
private struct HuffmanCode {
    static let maximumLength = 15

    let counts: [Int]
    let symbols: [Int]

    /// `nil`: more codes than there is room for. Too few are fine until one that isn't there is read.
    init?(lengths: [Int]) {
        var counts = [Int](repeating: 0, count: Self.maximumLength + 1)
        for length in lengths where length > 0 { counts[length] += 1 }
        var room = 1
        for length in 1...Self.maximumLength {
            room = room << 1 - counts[length]
            if room < 0 { return nil }
        }
        self.counts = counts
        symbols = lengths.indices.filter { lengths[$0] > 0 }.sorted { (lengths[$0], $0) < (lengths[$1], $1) }
    }

    private init(validLengths lengths: [Int]) {
        counts = (0...Self.maximumLength).map { length in length == 0 ? 0 : lengths.count { $0 == length } }
        symbols = lengths.indices.sorted { (lengths[$0], $0) < (lengths[$1], $1) }
    }

    /// §3.2.6.
    static let fixedLiterals = HuffmanCode(
        validLengths: (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 })
    static let fixedDistances = HuffmanCode(validLengths: [Int](repeating: 5, count: 30))
}
