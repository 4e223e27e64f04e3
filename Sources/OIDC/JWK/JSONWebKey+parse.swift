import Crypto
import CryptoExtras
import FoundationEssentials

extension JSONWebKey {
    /// RFC 7518 §6.2.2 and §6.3.2, RFC 8037 §2: what only the owner of the key may have.
    private static let privateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth"]

    /// Reads one element of `keys`. `x5c`, `x5t` and `x5u` are not looked at: the key is trusted
    /// because the provider publishes it over TLS at its own address.
    static func parse(_ value: JSONValue) -> Result<JSONWebKey, JSONWebKeyRefusal> {
        guard let members = value.objectValue, let type = members["kty"]?.stringValue else { return .failure(.malformed) }
        let keyID = members["kid"]?.stringValue
        guard (keyID == nil) == (members["kid"] == nil), (keyID?.utf8.count ?? 0) <= Bounds.maximumKeyIDBytes else {
            return .failure(.malformed)
        }
        return checkPurpose(members).flatMap {
            parseAlgorithm(members)
        }.flatMap { algorithm in
            parsePublicKey(type: type, members).flatMap { publicKey in
                guard !privateMembers.contains(where: { members[$0] != nil }) else { return .failure(.privateKey) }
                let key = JSONWebKey(keyID: keyID, algorithm: algorithm, publicKey: publicKey)
                if let algorithm, !key.fits(algorithm) { return .failure(.contradiction) }
                return .success(key)
            }
        }
    }

    /// RFC 7517 §4.2 and §4.3.
    private static func checkPurpose(_ members: [String: JSONValue]) -> Result<Void, JSONWebKeyRefusal> {
        if let use = members["use"] {
            guard let use = use.stringValue else { return .failure(.malformed) }
            guard use == "sig" else { return .failure(.notForSignatures) }
        }
        if let operations = members["key_ops"] {
            guard let operations = operations.stringArray, Set(operations).count == operations.count else {
                return .failure(.malformed)
            }
            guard operations.contains("verify") else { return .failure(.notForSignatures) }
        }
        return .success(())
    }

    private static func parseAlgorithm(
        _ members: [String: JSONValue]
    ) -> Result<SignatureAlgorithm?, JSONWebKeyRefusal> {
        guard let value = members["alg"] else { return .success(nil) }
        guard let name = value.stringValue else { return .failure(.malformed) }
        guard let algorithm = SignatureAlgorithm(rawValue: name) else { return .failure(.unsupportedAlgorithm) }
        return .success(algorithm)
    }

    private static func parsePublicKey(
        type: String, _ members: [String: JSONValue]
    ) -> Result<PublicKey, JSONWebKeyRefusal> {
        switch type {
        case "RSA": parseRSA(members)
        case "EC": parseEllipticCurve(members)
        case "OKP": parseOctetKeyPair(members)
        default: .failure(.unsupportedType)
        }
    }

    /// RFC 7518 §6.3.1.
    private static func parseRSA(_ members: [String: JSONValue]) -> Result<PublicKey, JSONWebKeyRefusal> {
        guard let modulus = bytes(members["n"]), let exponent = bytes(members["e"]),
            // "Base64urlUInt": without leading zero octets (§2).
            let leadingByte = modulus.first, leadingByte != 0, exponent.first != 0
        else { return .failure(.malformed) }
        guard exponent.count <= 8, modulus.count <= Bounds.rsaModulusBits.upperBound / 8,
            Bounds.rsaModulusBits.contains(modulus.count * 8 - leadingByte.leadingZeroBitCount),
            Bounds.rsaExponent.contains(exponent.reduce(0) { $0 << 8 | UInt64($1) })
        else { return .failure(.unacceptableSize) }
        guard !hasROCAFingerprint(modulus: modulus) else { return .failure(.weakModulus) }
        guard let key = try? _RSA.Signing.PublicKey(n: modulus, e: exponent) else { return .failure(.invalidKey) }
        return .success(.rsa(key, modulusByteCount: modulus.count))
    }

    /// RFC 7518 §6.2.1. "The length of this octet string MUST be the full size of a coordinate."
    /// The initializers check that the point is on the curve.
    private static func parseEllipticCurve(_ members: [String: JSONValue]) -> Result<PublicKey, JSONWebKeyRefusal> {
        guard let curve = members["crv"]?.stringValue, let x = bytes(members["x"]), let y = bytes(members["y"]) else {
            return .failure(.malformed)
        }
        let coordinateByteCount: Int
        switch curve {
        case "P-256": coordinateByteCount = 32
        case "P-384": coordinateByteCount = 48
        case "P-521": coordinateByteCount = 66
        default: return .failure(.unsupportedType)
        }
        guard x.count == coordinateByteCount, y.count == coordinateByteCount else { return .failure(.invalidKey) }
        let key: PublicKey? =
            switch curve {
            case "P-256": (try? P256.Signing.PublicKey(rawRepresentation: x + y)).map { .p256($0) }
            case "P-384": (try? P384.Signing.PublicKey(rawRepresentation: x + y)).map { .p384($0) }
            default: (try? P521.Signing.PublicKey(rawRepresentation: x + y)).map { .p521($0) }
            }
        return key.map { .success($0) } ?? .failure(.invalidKey)
    }

    /// RFC 8037 §2.
    private static func parseOctetKeyPair(_ members: [String: JSONValue]) -> Result<PublicKey, JSONWebKeyRefusal> {
        guard let curve = members["crv"]?.stringValue, let x = bytes(members["x"]) else { return .failure(.malformed) }
        guard curve == "Ed25519" else { return .failure(.unsupportedType) }
        guard x.count == 32, let key = try? Curve25519.Signing.PublicKey(rawRepresentation: x) else {
            return .failure(.invalidKey)
        }
        return .success(.ed25519(key))
    }

    private static func bytes(_ value: JSONValue?) -> [UInt8]? {
        value?.stringValue.flatMap { Base64URL.decode($0.utf8) }
    }
}
