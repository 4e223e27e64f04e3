/// Where a listener's certificate chain and private key are. Absolute paths; both were readable, and
/// valid as far as `KeyStrength` looks, when the configuration was read.
public struct TLSFiles: Hashable, Sendable {
    public var certificatePath: String
    public var privateKeyPath: String

    public init(certificatePath: String, privateKeyPath: String) {
        self.certificatePath = certificatePath
        self.privateKeyPath = privateKeyPath
    }
}
