import Crypto
import CryptoExtras
import FoundationEssentials

/// How an identity provider changes its key.
public enum KeyRotation: Sendable, CaseIterable {
    /// The new key signs; the old one is still published.
    case soft
    /// The old key is no longer published, as after its theft.
    case hard
}

/// A private key of the OpenID provider.
struct SigningKey: Sendable {
    enum Algorithm: String, Sendable { case rs256 = "RS256", es256 = "ES256" }

    private enum Material: Sendable {
        case rsa(_RSA.Signing.PrivateKey)
        case p256(P256.Signing.PrivateKey)
    }

    let id: String
    let algorithm: Algorithm
    private let material: Material

    init(id: String, algorithm: Algorithm) throws {
        self.id = id
        self.algorithm = algorithm
        switch algorithm {
        case .rs256: material = .rsa(try _RSA.Signing.PrivateKey(keySize: .bits2048))
        case .es256: material = .p256(P256.Signing.PrivateKey())
        }
    }

    /// A JWS signature (RFC 7518 §3.3, §3.4).
    func signature(over bytes: [UInt8]) throws -> [UInt8] {
        let digest = SHA256.hash(data: bytes)
        return switch material {
        case .rsa(let key): Array(try key.signature(for: digest, padding: .insecurePKCS1v1_5).rawRepresentation)
        case .p256(let key): Array(try key.signature(for: digest).rawRepresentation)
        }
    }

    /// The public key as a JWK (RFC 7517).
    func publicJWK() throws -> JSONValue {
        var members: [String: JSONValue] = ["kid": .string(id), "use": "sig", "alg": .string(algorithm.rawValue)]
        switch material {
        case .rsa(let key):
            let numbers = try key.publicKey.getKeyPrimitives()
            members["kty"] = "RSA"
            members["n"] = .string(Base64URL.encode(numbers.modulus))
            members["e"] = .string(Base64URL.encode(numbers.publicExponent))
        case .p256(let key):
            let point = key.publicKey.rawRepresentation
            members["kty"] = "EC"
            members["crv"] = "P-256"
            members["x"] = .string(Base64URL.encode(point.prefix(32)))
            members["y"] = .string(Base64URL.encode(point.suffix(32)))
        }
        return .object(members)
    }
}
