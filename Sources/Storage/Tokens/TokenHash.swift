import Crypto

/// SHA-256 of a token: what the store keeps instead of it. Comparing and looking up need no constant
/// time, since nobody can choose a token by its hash.
public struct TokenHash: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// In bytes.
    public static let length = 32

    // Four words instead of an array: no allocation for a key of the session cache.
    private let first: UInt64
    private let second: UInt64
    private let third: UInt64
    private let fourth: UInt64

    /// `nil` unless there are exactly 32 bytes.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.length else { return nil }
        var iterator = bytes.makeIterator()
        func word() -> UInt64 {
            var word: UInt64 = 0
            for _ in 0..<8 { word = word << 8 | UInt64(iterator.next() ?? 0) }
            return word
        }
        first = word()
        second = word()
        third = word()
        fourth = word()
    }

    /// The hash of any bytes.
    public init(hashing bytes: some Sequence<UInt8>) {
        let digest = SHA256.hash(data: Array(bytes))
        self = digest.withUnsafeBytes { TokenHash(exactly: $0) }
    }

    private init(exactly bytes: UnsafeRawBufferPointer) {
        func word(_ index: Int) -> UInt64 {
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
        }
        first = word(0)
        second = word(1)
        third = word(2)
        fourth = word(3)
    }

    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.length)
        for word in [first, second, third, fourth] {
            for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift))) }
        }
        return bytes
    }

    public var description: String { "[token hash]" }
    public var debugDescription: String { "[token hash]" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
