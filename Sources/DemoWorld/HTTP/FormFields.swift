/// The names and values of a query or a form, decoded, in order
/// (`application/x-www-form-urlencoded`, URL Standard §5.1).
public struct FormFields: Sendable, Equatable {
    public struct Pair: Sendable, Equatable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public var pairs: [Pair]

    /// More pairs than any message here has. It bounds the quadratic search for repeated names.
    public static let maximumPairs = 100

    public init(_ pairs: [Pair] = []) { self.pairs = pairs }

    /// `nil`: a broken escape, bytes that are not UTF-8, or more than ``maximumPairs``.
    public init?(_ text: String) {
        pairs = []
        for part in text.utf8.split(separator: UInt8(ascii: "&")) {
            let sides = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard pairs.count < Self.maximumPairs, let name = Self.decode(sides[0]) else { return nil }
            guard sides.count == 2 else {
                pairs.append(Pair(name, ""))
                continue
            }
            guard let value = Self.decode(sides[1]) else { return nil }
            pairs.append(Pair(name, value))
        }
    }

    /// The first value of that name.
    public subscript(name: String) -> String? { pairs.first { $0.name == name }?.value }

    /// Whether a name is there twice. OAuth refuses that (RFC 6749 §3.1: "MUST NOT be included more than once").
    public var repeatsAName: Bool { Set(pairs.map(\.name)).count != pairs.count }

    /// As text, escaped.
    public var encoded: String {
        pairs.map { Self.encode($0.name) + "=" + Self.encode($0.value) }.joined(separator: "&")
    }

    private static func decode(_ bytes: Substring.UTF8View.SubSequence) -> String? {
        var decoded: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"):
                decoded.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst()?.hexDigit, let low = rest.popFirst()?.hexDigit else { return nil }
                decoded.append(high << 4 | low)
            default:
                decoded.append(byte)
            }
        }
        return String(validating: decoded, as: UTF8.self)
    }

    /// Escapes everything but the unreserved characters of RFC 3986 §2.3.
    public static func encode(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }
}

extension UInt8 {
    /// The value of an ASCII hexadecimal digit.
    var hexDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
