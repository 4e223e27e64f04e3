/// A token whose signature is right. What its payload claims, and for whom it is meant, is for the
/// caller to check.
struct VerifiedJWS: Sendable {
    let payload: [UInt8]
    let algorithm: SignatureAlgorithm
    /// `typ` of the header.
    let type: String?

    /// For `UnverifiedJWS.verified(by:algorithms:)` alone, which has checked the signature.
    init(verified token: UnverifiedJWS, algorithm: SignatureAlgorithm) {
        payload = token.payload
        self.algorithm = algorithm
        type = token.type
    }
}
