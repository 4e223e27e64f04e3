/// One value of a JSON text (RFC 8259).
///
/// Member names and strings compare by Unicode canonical equivalence, as Swift strings do. What
/// identifies somebody or something is to be compared with `haveSameBytes(_:_:)` instead.
public enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    /// Always finite.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

extension JSONValue {
    public var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    public var numberValue: Double? {
        if case .number(let value) = self { value } else { nil }
    }

    public var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    public var arrayValue: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    public var objectValue: [String: JSONValue]? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The number as an integer, if it is one that a double holds exactly: at most 2^53 - 1 in
    /// magnitude (RFC 8259 §6). Beyond it two different texts become the same double, and so two
    /// different ids the same id.
    public var exactInteger: Int64? {
        guard case .number(let value) = self, value.magnitude <= 9_007_199_254_740_991 else { return nil }
        return Int64(exactly: value)
    }

    /// A string as it is, a boolean as `true` or `false`, an exact integer in decimal. `nil` for
    /// everything else: there is no one text for it.
    public var textValue: String? {
        switch self {
        case .string(let value): value
        case .bool(let value): value ? "true" : "false"
        case .number: exactInteger.map { String($0) }
        case .null, .array, .object: nil
        }
    }

    /// The strings of an array that has nothing else in it.
    public var stringArray: [String]? {
        guard case .array(let values) = self else { return nil }
        let strings = values.compactMap(\.stringValue)
        return strings.count == values.count ? strings : nil
    }
}
