/// One public key of a provider that may verify signatures.
struct JSONWebKey: Sendable {
    let keyID: String?
    /// The one algorithm that the provider allows for this key (RFC 7517 §4.4), if it says so.
    let algorithm: SignatureAlgorithm?
    let publicKey: PublicKey

    /// Whether a token with this algorithm can be this key's. A key for RS256 is none for PS256,
    /// and ES256 is P-256 alone: RFC 7518 §3.4 binds each ECDSA algorithm to its curve.
    func fits(_ algorithm: SignatureAlgorithm) -> Bool {
        (self.algorithm == nil || self.algorithm == algorithm) && publicKey.fits(algorithm)
    }
}
