/// A bearer secret of 256 random bits, written as 43 characters of base64url without padding
/// (RFC 4648 §5). Only its hash is stored.
public struct SecretToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// In bytes.
    public static let length = 32
    /// In characters.
    public static let textLength = 43

    private let bytes: [UInt8]

    /// 32 bytes from `generator`, which must be fit for secrets.
    public init(using generator: inout some RandomNumberGenerator) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.length)
        for _ in 0..<Self.length / 8 {
            withUnsafeBytes(of: generator.next() as UInt64) { bytes.append(contentsOf: $0) }
        }
        self.bytes = bytes
    }

    /// From the system's generator.
    public static func random() -> SecretToken {
        var generator = SystemRandomNumberGenerator()
        return SecretToken(using: &generator)
    }

    /// `nil` unless `text` is the one encoding of 32 bytes: no padding, no other alphabet, and no set
    /// bits after the last byte, so that a token has no second spelling.
    public init?(_ text: some StringProtocol) {
        var iterator = text.utf8.makeIterator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.length)
        var buffer: UInt32 = 0
        var bits = 0
        for _ in 0..<Self.textLength {
            guard let character = iterator.next(), let value = Self.value(of: character) else { return nil }
            buffer = (buffer << 6 | UInt32(value)) & 0xFFFF
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
            }
        }
        guard iterator.next() == nil, buffer & ((1 << UInt32(bits)) - 1) == 0, bytes.count == Self.length else { return nil }
        self.bytes = bytes
    }

    /// The token itself, for the one peer that it is meant for.
    public var revealed: String {
        var text = ""
        text.reserveCapacity(Self.textLength)
        var buffer: UInt32 = 0
        var bits = 0
        for byte in bytes {
            buffer = (buffer << 8 | UInt32(byte)) & 0xFFFF
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.unicodeScalars.append(Self.character(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)) & 0x3F))
            }
        }
        if bits > 0 {
            text.unicodeScalars.append(Self.character(UInt8(truncatingIfNeeded: buffer << UInt32(6 - bits)) & 0x3F))
        }
        return text
    }

    public var hash: TokenHash { TokenHash(hashing: bytes) }

    public var description: String { "[token]" }
    public var debugDescription: String { "[token]" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }

    private static func character(_ value: UInt8) -> Unicode.Scalar {
        switch value {
        case 0..<26: Unicode.Scalar(UInt8(ascii: "A") + value)
        case 26..<52: Unicode.Scalar(UInt8(ascii: "a") + value - 26)
        case 52..<62: Unicode.Scalar(UInt8(ascii: "0") + value - 52)
        case 62: "-"
        default: "_"
        }
    }
}
