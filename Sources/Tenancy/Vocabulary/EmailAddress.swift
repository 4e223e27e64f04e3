/// A whole mail domain in its IDNA form (A-labels, RFC 5890 §2.3.2.1): lower-case LDH labels.
///
/// Unicode domains are not converted here: a list entry and an asserted address must be the same
/// bytes, and a mapping table is one more thing that two parties can disagree on.
public struct EmailDomain: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    public let rawValue: String

    /// `nil` unless `text` is 1 to 253 bytes of at least two LDH labels of 1 to 63 bytes each.
    /// ASCII upper case is lowered; nothing else is changed.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard (1...253).contains(bytes.count) else { return nil }
        let labels = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.count >= 2 else { return nil }
        for label in labels {
            guard (1...63).contains(label.count), label.first != UInt8(ascii: "-"), label.last != UInt8(ascii: "-"),
                label.allSatisfy({ $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") })
            else { return nil }
        }
        rawValue = String(decoding: bytes.map(\.asciiLowercased), as: UTF8.self)
    }

    public var description: String { rawValue }

    public static func < (left: Self, right: Self) -> Bool {
        left.rawValue.utf8.lexicographicallyPrecedes(right.rawValue.utf8)
    }

    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = EmailDomain(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not a mail domain"))
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

/// An address in the one form that the gateway compares: `local@domain`, ASCII lower case.
public struct EmailAddress: Hashable, Sendable, Codable, CustomStringConvertible {
    public let rawValue: String
    public let domain: EmailDomain

    /// `nil` unless `text` is one dot-atom (RFC 5322 §3.2.3) of at most 64 bytes, one `@` and a
    /// domain. Quoted local parts, comments, spaces, control characters and anything outside ASCII
    /// are refused: `attacker@evil.example@acme.example` and look-alike letters must not pass.
    public init?(_ text: some StringProtocol) {
        let parts = Array(text.utf8).split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, let local = parts.first, let host = parts.last, (1...64).contains(local.count),
            let domain = EmailDomain(String(decoding: host, as: UTF8.self)),
            local.first != UInt8(ascii: "."), local.last != UInt8(ascii: "."),
            local.allSatisfy({ $0.isDotAtomByte })
        else { return nil }
        var previous: UInt8 = 0
        for byte in local {
            if byte == UInt8(ascii: "."), previous == UInt8(ascii: ".") { return nil }
            previous = byte
        }
        rawValue = String(decoding: local.map(\.asciiLowercased), as: UTF8.self) + "@" + domain.rawValue
        self.domain = domain
    }

    public var description: String { rawValue }

    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = EmailAddress(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not a mail address"))
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

extension UInt8 {
    var isASCIILetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    var asciiLowercased: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }

    /// RFC 5322 `atext` and the dot.
    fileprivate var isDotAtomByte: Bool {
        if isASCIILetterOrDigit { return true }
        switch self {
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"),
            UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"),
            UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"), UInt8(ascii: "~"), UInt8(ascii: "."):
            return true
        default: return false
        }
    }
}
