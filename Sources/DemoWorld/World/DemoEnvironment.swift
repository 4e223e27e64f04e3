import Crypto
import FoundationEssentials

/// What the demo's servers take from outside: the time and chance.
public struct DemoEnvironment: Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public var now: @Sendable () -> Int64
    public var randomBytes: @Sendable (Int) -> [UInt8]

    public init(now: @escaping @Sendable () -> Int64, randomBytes: @escaping @Sendable (Int) -> [UInt8]) {
        self.now = now
        self.randomBytes = randomBytes
    }

    public static let system = DemoEnvironment(
        now: { Int64(Date().timeIntervalSince1970 * 1000) },
        randomBytes: { count in SymmetricKey(size: .init(bitCount: count * 8)).withUnsafeBytes { Array($0) } })

    /// Whole seconds since 1970 (a NumericDate).
    var seconds: Int64 { now() / 1000 }

    /// 256 random bits as text.
    func token() -> String { Base64URL.encode(randomBytes(32)) }
}
