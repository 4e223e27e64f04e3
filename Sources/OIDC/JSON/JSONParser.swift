/// A recursive-descent reader of RFC 8259 over bytes. Its recursion is bounded by
/// `Bounds.maximumJSONDepth`, and it reads every byte through `peek`, which can't run off the end.
struct JSONParser {
    private let bytes: [UInt8]
    private var position = 0
    private var valueCount = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func parseText() throws(JSONRefusal) -> JSONValue {
        skipWhiteSpace()
        let value = try parseValue(depth: 0)
        skipWhiteSpace()
        guard peek() == nil else { throw .malformed }
        return value
    }

    private mutating func parseValue(depth: Int) throws(JSONRefusal) -> JSONValue {
        valueCount += 1
        guard valueCount <= Bounds.maximumJSONValues else { throw .tooManyValues }
        guard let byte = peek() else { throw .malformed }
        switch byte {
        case UInt8(ascii: "{"): return .object(try parseObject(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try parseArray(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try parseNumber())
        case UInt8(ascii: "t"): return try parseLiteral("true", .bool(true))
        case UInt8(ascii: "f"): return try parseLiteral("false", .bool(false))
        case UInt8(ascii: "n"): return try parseLiteral("null", .null)
        default: throw .malformed
        }
    }

    private mutating func parseObject(depth: Int) throws(JSONRefusal) -> [String: JSONValue] {
        guard depth <= Bounds.maximumJSONDepth else { throw .tooDeep }
        position += 1
        var members: [String: JSONValue] = [:]
        skipWhiteSpace()
        if take("}") { return members }
        while true {
            skipWhiteSpace()
            guard peek() == UInt8(ascii: "\"") else { throw .malformed }
            let name = try parseString()
            skipWhiteSpace()
            guard take(":") else { throw .malformed }
            skipWhiteSpace()
            let value = try parseValue(depth: depth)
            // RFC 8259 §4 leaves the meaning of repeated names open. What one reader checks,
            // another would not use.
            guard members.updateValue(value, forKey: name) == nil else { throw .duplicateName }
            skipWhiteSpace()
            if take("}") { return members }
            guard take(",") else { throw .malformed }
        }
    }

    private mutating func parseArray(depth: Int) throws(JSONRefusal) -> [JSONValue] {
        guard depth <= Bounds.maximumJSONDepth else { throw .tooDeep }
        position += 1
        var elements: [JSONValue] = []
        skipWhiteSpace()
        if take("]") { return elements }
        while true {
            skipWhiteSpace()
            elements.append(try parseValue(depth: depth))
            skipWhiteSpace()
            if take("]") { return elements }
            guard take(",") else { throw .malformed }
        }
    }

    private mutating func parseLiteral(_ text: StaticString, _ value: JSONValue) throws(JSONRefusal) -> JSONValue {
        let matches = text.withUTF8Buffer { bytes[position...].starts(with: $0) }
        guard matches else { throw .malformed }
        position += text.utf8CodeUnitCount
        return value
    }
}

// MARK: - Numbers

extension JSONParser {
    private mutating func parseNumber() throws(JSONRefusal) -> Double {
        let start = position
        _ = take("-")
        // No leading zeros: `0` stands alone before a fraction.
        if !take("0") {
            guard skipDigits() > 0 else { throw .malformed }
        }
        if take(".") {
            guard skipDigits() > 0 else { throw .malformed }
        }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            guard skipDigits() > 0 else { throw .malformed }
        }
        guard position - start <= Bounds.maximumJSONNumberBytes else { throw .numberOutOfRange }
        // `Double` gives infinity for what is too large, which would pass as "expires never".
        guard let number = Double(String(decoding: bytes[start..<position], as: UTF8.self)), number.isFinite
        else { throw .numberOutOfRange }
        return number
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position - start
    }
}

// MARK: - Strings

extension JSONParser {
    private mutating func parseString() throws(JSONRefusal) -> String {
        position += 1
        var content: [UInt8] = []
        while let byte = peek() {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                // Refuses overlong forms and surrogates encoded as UTF-8, instead of repairing them.
                guard let string = String(validating: content, as: UTF8.self) else { throw .malformed }
                return string
            case UInt8(ascii: "\\"):
                content.append(contentsOf: Character(try parseEscape()).utf8)
            case 0..<0x20:
                throw .malformed
            default:
                content.append(byte)
            }
        }
        throw .malformed
    }

    private mutating func parseEscape() throws(JSONRefusal) -> Unicode.Scalar {
        guard let byte = peek() else { throw .malformed }
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try parseUnicodeEscape()
        default: throw .malformed
        }
    }

    private mutating func parseUnicodeEscape() throws(JSONRefusal) -> Unicode.Scalar {
        let first = try parseHexadecimal4()
        if let scalar = Unicode.Scalar(first) { return scalar }
        // A surrogate: only a high one followed by an escaped low one is a character.
        guard (0xD800...0xDBFF).contains(first), take("\\"), take("u") else { throw .malformed }
        let second = try parseHexadecimal4()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw .malformed }
        return scalar
    }

    private mutating func parseHexadecimal4() throws(JSONRefusal) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw .malformed }
            position += 1
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}

// MARK: - Bytes

extension JSONParser {
    private func peek() -> UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipWhiteSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }
}
