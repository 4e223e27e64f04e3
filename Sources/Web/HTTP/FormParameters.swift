/// `application/x-www-form-urlencoded` text (WHATWG URL §5.1), in order and with duplicates: which of two
/// values counts is never left to a parser.
struct FormParameters: Sendable {
    /// Pairs that one form or query may have.
    static let maximumPairs = 64

    let pairs: [(name: String, value: String)]

    /// `nil` for a broken escape, bytes that are not UTF-8, or too many pairs.
    init?(_ text: some Collection<UInt8>) {
        var pairs: [(name: String, value: String)] = []
        for piece in text.split(separator: UInt8(ascii: "&")) {
            guard pairs.count < Self.maximumPairs else { return nil }
            let equals = piece.firstIndex(of: UInt8(ascii: "="))
            guard let name = Self.decode(piece[..<(equals ?? piece.endIndex)]),
                let value = Self.decode(equals.map { piece[piece.index(after: $0)...] } ?? piece[piece.endIndex...])
            else { return nil }
            pairs.append((name, value))
        }
        self.pairs = pairs
    }

    /// The only value of the name; `nil` for none or several.
    func single(_ name: String) -> String? {
        let values = pairs.filter { $0.name == name }
        return values.count == 1 ? values.first?.value : nil
    }

    func isDuplicated(_ name: String) -> Bool { pairs.count { $0.name == name } > 1 }

    private static func decode(_ bytes: some Collection<UInt8>) -> String? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "+"): decoded.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = iterator.next().flatMap(hexValue), let low = iterator.next().flatMap(hexValue) else { return nil }
                decoded.append(high << 4 | low)
            default: decoded.append(byte)
            }
        }
        return String(validating: decoded, as: UTF8.self)
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
