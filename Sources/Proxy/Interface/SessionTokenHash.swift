import Crypto

/// SHA-256 of the 32 random bytes in a session cookie. The token itself is kept nowhere.
public struct SessionTokenHash: Hashable, Sendable {
    /// Bytes of a hash, and of the token that it is made from.
    public static let byteCount = 32

    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// `nil` unless `bytes` are exactly 32.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var loaded: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &loaded) { $0.copyBytes(from: bytes) }
        words = loaded
    }

    /// Hashes a decoded token.
    init(token: UnsafeRawBufferPointer) {
        var hasher = SHA256()
        hasher.update(bufferPointer: token)
        var loaded: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        hasher.finalize().withUnsafeBytes { digest in
            withUnsafeMutableBytes(of: &loaded) { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: digest.prefix(32))) }
        }
        words = loaded
    }

    /// The 32 bytes, as stored.
    public var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

    public static func == (left: Self, right: Self) -> Bool {
        left.words.0 == right.words.0 && left.words.1 == right.words.1
            && left.words.2 == right.words.2 && left.words.3 == right.words.3
    }

    /// A quarter of a SHA-256 is as spread as a hash can be.
    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}
