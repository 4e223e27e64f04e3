import Crypto
import CryptoExtras
import FoundationEssentials

extension PublicKey {
    /// Whether the signature is this key's over the message. `false` where the algorithm does not
    /// fit the key.
    ///
    /// Lengths are checked first and exactly. ECDSA signatures are the two integers side by side
    /// (RFC 7518 §3.4), never DER; the library refuses integers that are zero or not below the
    /// order of the group (CVE-2022-21449).
    func isValid(signature: [UInt8], for message: [UInt8], algorithm: SignatureAlgorithm) -> Bool {
        switch (self, algorithm) {
        case (.rsa(let key, let byteCount), _):
            signature.count == byteCount && Self.isValidRSA(key, signature, message, algorithm)
        case (.p256(let key), .es256):
            (try? P256.Signing.ECDSASignature(rawRepresentation: signature))
                .map { key.isValidSignature($0, for: SHA256.hash(data: message)) } ?? false
        case (.p384(let key), .es384):
            (try? P384.Signing.ECDSASignature(rawRepresentation: signature))
                .map { key.isValidSignature($0, for: SHA384.hash(data: message)) } ?? false
        case (.p521(let key), .es512):
            (try? P521.Signing.ECDSASignature(rawRepresentation: signature))
                .map { key.isValidSignature($0, for: SHA512.hash(data: message)) } ?? false
        case (.ed25519(let key), .edDSA):
            key.isValidSignature(signature, for: message)
        case (.p256, _), (.p384, _), (.p521, _), (.ed25519, _):
            false
        }
    }

    /// PSS with MGF1 over the same hash and a salt as long as the hash (RFC 7518 §3.5).
    private static func isValidRSA(
        _ key: _RSA.Signing.PublicKey, _ signature: [UInt8], _ message: [UInt8], _ algorithm: SignatureAlgorithm
    ) -> Bool {
        let signature = _RSA.Signing.RSASignature(rawRepresentation: signature)
        switch algorithm {
        case .rs256:
            return key.isValidSignature(signature, for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5)
        case .rs384:
            return key.isValidSignature(signature, for: SHA384.hash(data: message), padding: .insecurePKCS1v1_5)
        case .rs512:
            return key.isValidSignature(signature, for: SHA512.hash(data: message), padding: .insecurePKCS1v1_5)
        case .ps256: return key.isValidSignature(signature, for: SHA256.hash(data: message), padding: .PSS)
        case .ps384: return key.isValidSignature(signature, for: SHA384.hash(data: message), padding: .PSS)
        case .ps512: return key.isValidSignature(signature, for: SHA512.hash(data: message), padding: .PSS)
        case .es256, .es384, .es512, .edDSA: return false
        }
    }
}
