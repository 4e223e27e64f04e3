public import Tenancy

/// `[tls]`, or `tls` of `[admin]`: what a listener shows in TLS handshakes, as it was in the files when the
/// configuration was read.
public struct TLSSettings: Hashable, Sendable {
    /// A certificate chain and its private key, PEM; strong enough as far as `KeyStrength` looks.
    public struct Certificate: Hashable, Sendable {
        /// The server's own certificate first.
        public var chain: String
        public var privateKey: Secret
        /// Where the file names it.
        public var line: Int
    }

    /// For clients that name no host, or one that no certificate has.
    public var certificate: Certificate
    /// Chosen by the host that a client names.
    public var additional: [Certificate]
    /// PEM certificates of the authorities whose client certificates are accepted; `nil`: none is asked for.
    public var clientAuthority: String?
    /// Where the file names them.
    public var clientAuthorityLine: Int

    public var certificates: [Certificate] { [certificate] + additional }
}
