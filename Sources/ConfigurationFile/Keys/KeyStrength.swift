/// What kind of key a certificate or a private key file holds, as far as the rules on configured keys
/// need it. Nothing here verifies a signature.
enum KeyStrength: Equatable {
    /// Bits of the modulus.
    case rsa(bits: Int)
    case ellipticCurve
    case ed25519

    /// NIST SP 800-131A: RSA below 2048 bits is disallowed. A larger bound than the upper one only costs
    /// time at every signature check.
    static let rsaBits = 2048...16384

    enum Refusal: Error, Equatable {
        case notDER
        case unknownAlgorithm
        case unknownCurve
        case badExponent
    }

    /// RFC 5280 §4.1 `Certificate`; the key's `SubjectPublicKeyInfo`.
    static func ofCertificate(_ der: [UInt8]) -> Result<KeyStrength, Refusal> {
        var outer = DERReader(der)
        guard var certificate = outer.nextSequence(), outer.isAtEnd, var body = certificate.nextSequence() else {
            return .failure(.notDER)
        }
        if body.nextTag == DERReader.Tag.contextZero { _ = body.next() }
        guard body.next(DERReader.Tag.integer) != nil,
            // signature, issuer, validity, subject
            body.next(DERReader.Tag.sequence) != nil, body.next(DERReader.Tag.sequence) != nil,
            body.next(DERReader.Tag.sequence) != nil, body.next(DERReader.Tag.sequence) != nil,
            let keyInfo = body.nextSequence(),
            // signatureAlgorithm and signature of the certificate itself
            certificate.next(DERReader.Tag.sequence) != nil, certificate.next(DERReader.Tag.bitString) != nil,
            certificate.isAtEnd
        else { return .failure(.notDER) }
        return ofPublicKey(keyInfo)
    }

    /// RFC 5280 §4.1.2.7 `SubjectPublicKeyInfo`, its content.
    private static func ofPublicKey(_ reader: DERReader) -> Result<KeyStrength, Refusal> {
        var reader = reader
        guard let algorithm = reader.nextSequence(), let key = reader.next(DERReader.Tag.bitString), key.first == 0 else {
            return .failure(.notDER)
        }
        return kind(algorithm).flatMap { kind in
            guard kind == .rsa(bits: 0) else { return .success(kind) }
            var outer = DERReader(key.dropFirst())
            guard let numbers = outer.nextSequence() else { return .failure(.notDER) }
            return rsa(numbers)
        }
    }

    /// PKCS #8 (`PRIVATE KEY`, RFC 5958 §2), PKCS #1 (`RSA PRIVATE KEY`, RFC 8017 §A.1.2) or SEC 1
    /// (`EC PRIVATE KEY`, RFC 5915 §3).
    static func ofPrivateKey(_ block: PEMBlock) -> Result<KeyStrength, Refusal> {
        var outer = DERReader(block.der)
        guard var key = outer.nextSequence(), outer.isAtEnd, key.next(DERReader.Tag.integer) != nil else {
            return .failure(.notDER)
        }
        switch block.label {
        case "RSA PRIVATE KEY": return rsa(key)
        case "EC PRIVATE KEY": return .success(.ellipticCurve)
        case "PRIVATE KEY":
            guard let algorithm = key.nextSequence(), let inner = key.next(DERReader.Tag.octetString) else {
                return .failure(.notDER)
            }
            return kind(algorithm).flatMap { kind in
                guard kind == .rsa(bits: 0) else { return .success(kind) }
                var nested = DERReader(inner)
                guard var numbers = nested.nextSequence(), numbers.next(DERReader.Tag.integer) != nil else {
                    return .failure(.notDER)
                }
                return rsa(numbers)
            }
        default: return .failure(.unknownAlgorithm)
        }
    }

    /// RFC 8017 §A.1.1: modulus and exponent, next in `reader`.
    private static func rsa(_ reader: DERReader) -> Result<KeyStrength, Refusal> {
        var reader = reader
        guard let modulus = reader.next(DERReader.Tag.integer), let exponent = reader.next(DERReader.Tag.integer),
            let first = modulus.first, first < 0x80
        else { return .failure(.notDER) }
        let significant = modulus.drop { $0 == 0 }
        guard let top = significant.first, let last = exponent.last else { return .failure(.notDER) }
        // With 1 every message is its own signature; an even one has no inverse.
        guard last & 1 == 1, exponent.drop(while: { $0 == 0 }).elementsEqual([1]) == false else { return .failure(.badExponent) }
        return .success(.rsa(bits: significant.count * 8 - top.leadingZeroBitCount))
    }

    /// `.rsa(bits: 0)` where the numbers are still to be read.
    private static func kind(_ reader: DERReader) -> Result<KeyStrength, Refusal> {
        var reader = reader
        guard let algorithm = reader.next(DERReader.Tag.objectIdentifier) else { return .failure(.notDER) }
        switch Array(algorithm) {
        case ObjectIdentifier.rsaEncryption, ObjectIdentifier.rsaPSS: return .success(.rsa(bits: 0))
        case ObjectIdentifier.ed25519: return .success(.ed25519)
        case ObjectIdentifier.ecPublicKey:
            guard let curve = reader.next(DERReader.Tag.objectIdentifier) else { return .failure(.unknownCurve) }
            return ObjectIdentifier.curves.contains(Array(curve)) ? .success(.ellipticCurve) : .failure(.unknownCurve)
        default: return .failure(.unknownAlgorithm)
        }
    }

    private enum ObjectIdentifier {
        /// 1.2.840.113549.1.1.1 and .10 (RFC 8017 §A)
        static let rsaEncryption: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]
        static let rsaPSS: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A]
        /// 1.2.840.10045.2.1 (RFC 5480 §2.1.1)
        static let ecPublicKey: [UInt8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]
        /// 1.3.101.112 (RFC 8410 §3)
        static let ed25519: [UInt8] = [0x2B, 0x65, 0x70]
        /// P-256, P-384, P-521 (RFC 5480 §2.1.1.1)
        static let curves: [[UInt8]] = [
            [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07], [0x2B, 0x81, 0x04, 0x00, 0x22], [0x2B, 0x81, 0x04, 0x00, 0x23],
        ]
    }
}
