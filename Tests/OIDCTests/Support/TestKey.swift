import Crypto
import CryptoExtras
import Foundation

@testable import OIDC

/// A key of a provider, with both halves.
enum TestKey: Sendable {
    case rsa(_RSA.Signing.PrivateKey)
    case p256(P256.Signing.PrivateKey)
    case p384(P384.Signing.PrivateKey)
    case p521(P521.Signing.PrivateKey)
    case ed25519(Curve25519.Signing.PrivateKey)

    static let sharedRSA = makeRSA()
    static let otherRSA = makeRSA()
    static let sharedP256 = TestKey.p256(.init())
    static let sharedP384 = TestKey.p384(.init())
    static let sharedP521 = TestKey.p521(.init())
    static let sharedEd25519 = TestKey.ed25519(.init())

    private static func makeRSA() -> TestKey {
        guard let key = try? _RSA.Signing.PrivateKey(keySize: .bits2048) else { fatalError("no RSA key") }
        return .rsa(key)
    }

    /// A key that fits the algorithm.
    static func fitting(_ algorithm: SignatureAlgorithm) -> TestKey {
        switch algorithm {
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: sharedRSA
        case .es256: sharedP256
        case .es384: sharedP384
        case .es512: sharedP521
        case .edDSA: sharedEd25519
        }
    }

    /// The public half as a JWK.
    func jwk(keyID: String?, _ additional: [String: JSONValue] = [:]) throws -> JSONValue {
        var members: [String: JSONValue] =
            switch self {
            case .rsa(let key):
                try [
                    "kty": "RSA", "n": .string(Base64URL.encode(key.publicKey.getKeyPrimitives().modulus)),
                    "e": .string(Base64URL.encode(key.publicKey.getKeyPrimitives().publicExponent)),
                ]
            case .p256(let key): Self.curve("P-256", key.publicKey.rawRepresentation)
            case .p384(let key): Self.curve("P-384", key.publicKey.rawRepresentation)
            case .p521(let key): Self.curve("P-521", key.publicKey.rawRepresentation)
            case .ed25519(let key):
                ["kty": "OKP", "crv": "Ed25519", "x": .string(Base64URL.encode(key.publicKey.rawRepresentation))]
            }
        if let keyID { members["kid"] = .string(keyID) }
        return .object(members.merging(additional) { $1 })
    }

    private static func curve(_ name: String, _ point: Data) -> [String: JSONValue] {
        let half = point.count / 2
        return [
            "kty": "EC", "crv": .string(name), "x": .string(Base64URL.encode(point.prefix(half))),
            "y": .string(Base64URL.encode(point.suffix(half))),
        ]
    }

    func signature(_ algorithm: SignatureAlgorithm, over input: String) throws -> [UInt8] {
        let input = Data(input.utf8)
        switch (self, algorithm) {
        case (.rsa(let key), .rs256): return try bytes(key.signature(for: SHA256.hash(data: input), padding: .insecurePKCS1v1_5))
        case (.rsa(let key), .rs384): return try bytes(key.signature(for: SHA384.hash(data: input), padding: .insecurePKCS1v1_5))
        case (.rsa(let key), .rs512): return try bytes(key.signature(for: SHA512.hash(data: input), padding: .insecurePKCS1v1_5))
        case (.rsa(let key), .ps256): return try bytes(key.signature(for: SHA256.hash(data: input), padding: .PSS))
        case (.rsa(let key), .ps384): return try bytes(key.signature(for: SHA384.hash(data: input), padding: .PSS))
        case (.rsa(let key), .ps512): return try bytes(key.signature(for: SHA512.hash(data: input), padding: .PSS))
        case (.p256(let key), _): return try Array(key.signature(for: SHA256.hash(data: input)).rawRepresentation)
        case (.p384(let key), _): return try Array(key.signature(for: SHA384.hash(data: input)).rawRepresentation)
        case (.p521(let key), _): return try Array(key.signature(for: SHA512.hash(data: input)).rawRepresentation)
        case (.ed25519(let key), _): return try Array(key.signature(for: input))
        case (.rsa, _): throw SigningError.algorithmDoesNotFit
        }
    }

    private func bytes(_ signature: _RSA.Signing.RSASignature) -> [UInt8] { Array(signature.rawRepresentation) }

    enum SigningError: Error { case algorithmDoesNotFit }

    /// A signed token with this header and payload as they are.
    func token(header: String, payload: String, _ algorithm: SignatureAlgorithm) throws -> String {
        let input = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(payload.utf8))
        return input + "." + Base64URL.encode(try signature(algorithm, over: input))
    }

    /// A signed token with `alg` and, unless it is `nil`, `kid`.
    func token(
        payload: String, _ algorithm: SignatureAlgorithm, keyID: String?, header additional: [String: JSONValue] = [:]
    ) throws -> String {
        var header: [String: JSONValue] = ["alg": .string(algorithm.rawValue)]
        if let keyID { header["kid"] = .string(keyID) }
        return try token(
            header: JSONValue.object(header.merging(additional) { $1 }).text, payload: payload, algorithm)
    }
}
