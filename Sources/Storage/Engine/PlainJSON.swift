/// Reads the two shapes that nearly every structured column has, as `StoredJSON` writes them: without spaces and without
/// escapes. Anything else is `nil`, which is not an answer: the general decoder has to look at it.
struct PlainJSON {
    private let bytes: [UInt8]
    private var position = 0

    private init(_ text: String) { bytes = Array(text.utf8) }

    static func strings(_ text: String) -> [String]? {
        var reader = PlainJSON(text)
        guard let strings = reader.strings(), reader.isAtEnd else { return nil }
        return strings
    }

    static func lists(_ text: String) -> [String: [String]]? {
        var reader = PlainJSON(text)
        guard reader.take("{") else { return nil }
        var lists: [String: [String]] = [:]
        while !reader.take("}") {
            guard lists.isEmpty || reader.take(","), let key = reader.string(), reader.take(":"), let strings = reader.strings(),
                lists.updateValue(strings, forKey: key) == nil
            else { return nil }
        }
        return reader.isAtEnd ? lists : nil
    }

    private var isAtEnd: Bool { position == bytes.count }

    private mutating func take(_ wanted: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: wanted) else { return false }
        position += 1
        return true
    }

    private mutating func strings() -> [String]? {
        guard take("[") else { return nil }
        var strings: [String] = []
        while !take("]") {
            guard strings.isEmpty || take(","), let string = string() else { return nil }
            strings.append(string)
        }
        return strings
    }

    private mutating func string() -> String? {
        guard take("\"") else { return nil }
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            // RFC 8259 §7: control characters are always escaped.
            guard bytes[position] != UInt8(ascii: "\\"), bytes[position] >= 0x20 else { return nil }
            position += 1
        }
        let text = bytes[start..<position]
        return take("\"") ? String(decoding: text, as: UTF8.self) : nil
    }
}
