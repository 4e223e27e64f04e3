/// The gateway as one connection's service provider.
public struct ServiceProvider: Sendable {
    public let entityID: String
    /// The HTTP-POST endpoint of this connection: a response counts only here.
    public let assertionConsumerURL: String
    /// With it encrypted assertions are accepted, and its public part is in the metadata.
    public let decryptionKey: DecryptionKey?

    public init(entityID: String, assertionConsumerURL: String, decryptionKey: DecryptionKey? = nil) {
        self.entityID = entityID
        self.assertionConsumerURL = assertionConsumerURL
        self.decryptionKey = decryptionKey
    }
}
