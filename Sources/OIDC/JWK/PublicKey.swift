import Crypto
import CryptoExtras

/// A public key with its type. That a signature fits the key is decided here and by nothing that a
/// token says.
enum PublicKey: Sendable {
    case rsa(_RSA.Signing.PublicKey, modulusByteCount: Int)
    case p256(P256.Signing.PublicKey)
    case p384(P384.Signing.PublicKey)
    case p521(P521.Signing.PublicKey)
    case ed25519(Curve25519.Signing.PublicKey)

    func fits(_ algorithm: SignatureAlgorithm) -> Bool {
        switch (self, algorithm) {
        case (.rsa, .rs256), (.rsa, .rs384), (.rsa, .rs512), (.rsa, .ps256), (.rsa, .ps384), (.rsa, .ps512),
            (.p256, .es256), (.p384, .es384), (.p521, .es512), (.ed25519, .edDSA):
            true
        case (.rsa, _), (.p256, _), (.p384, _), (.p521, _), (.ed25519, _):
            false
        }
    }
}
