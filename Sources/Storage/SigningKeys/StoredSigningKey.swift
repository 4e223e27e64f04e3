import Tenancy

/// A key that signs assertions.
public struct StoredSigningKey: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `kid` in the JWKS.
    public var keyID: String
    /// As the signer wants it. Sealed at rest.
    public var privateKey: [UInt8]
    public var createdAt: Instant
    /// Published before, used from then on.
    public var activeFrom: Instant
    /// Published until its last assertion has expired, not used after.
    public var retiredAt: Instant?

    public init(keyID: String, privateKey: [UInt8], createdAt: Instant, activeFrom: Instant, retiredAt: Instant? = nil) {
        self.keyID = keyID
        self.privateKey = privateKey
        self.createdAt = createdAt
        self.activeFrom = activeFrom
        self.retiredAt = retiredAt
    }

    public var description: String { "[signing key \(keyID)]" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["keyID": keyID]) }
}
