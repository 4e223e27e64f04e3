internal import CXMLSecurity

/// A public key that an IdP signs with: RSA of at least 2048 bits, or EC on P-256, P-384 or P-521.
///
/// Only the key of a certificate counts (saml-metadata §2.4.1.1 gives certificates no other meaning):
/// its names, its validity and the algorithm of its own signature are ignored, and so a certificate
/// with the same names and another key is another key (E19).
public struct VerificationKey: Equatable, Sendable {
    public enum Kind: Sendable { case rsa, ellipticCurve }

    static let minimumRSABits = 2048
    /// A larger modulus makes each check costly.
    static let maximumRSABits = 8192

    public let kind: Kind
    /// SubjectPublicKeyInfo, DER: what keys are compared by.
    public let subjectPublicKeyInfo: [UInt8]
    let handle: KeyHandle

    public static func == (left: Self, right: Self) -> Bool { left.subjectPublicKeyInfo == right.subjectPublicKeyInfo }

    /// The key of one DER certificate, with nothing behind it.
    init(certificate der: [UInt8]) throws(SAMLRefusal) {
        guard der.count <= OpenSSLBytes.maximumBytes else { throw .certificateMalformed }
        var consumed = 0
        let certificate = der.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            let parsed = d2i_X509(nil, &cursor, buffer.count)
            if let start = buffer.baseAddress, let cursor { consumed = cursor - start }
            return parsed
        }
        guard let certificate else { throw .certificateMalformed }
        defer { X509_free(certificate) }
        guard consumed == der.count else { throw .certificateMalformed }
        try self.init(certificate: certificate)
    }

    private init(certificate: OpaquePointer) throws(SAMLRefusal) {
        guard let pointer = X509_get_pubkey(certificate) else { throw .keyNotAllowed }
        let handle = KeyHandle(owning: pointer)
        if cxs_isRSA(pointer) == 1 {
            guard (Self.minimumRSABits...Self.maximumRSABits).contains(Int(EVP_PKEY_get_bits(pointer))) else { throw .keyNotAllowed }
            kind = .rsa
        } else if cxs_isEC(pointer) == 1 {
            guard Self.isKnownCurve(pointer) else { throw .keyNotAllowed }
            kind = .ellipticCurve
        } else {
            throw .keyNotAllowed
        }
        guard let encoded = OpenSSLBytes.der({ i2d_PUBKEY(pointer, $0) }) else { throw .keyNotAllowed }
        subjectPublicKeyInfo = encoded
        self.handle = handle
    }

    /// The keys of all certificates of a PEM text. At least one, and none that can't be read is passed
    /// over.
    static func keys(pem: String) throws(SAMLRefusal) -> [VerificationKey] {
        let certificates = OpenSSLBytes.read(Array(pem.utf8)) { bio, password in
            var found: [OpaquePointer] = []
            while found.count <= IdentityProvider.maximumCertificates, let next = PEM_read_bio_X509(bio, nil, password, nil) {
                found.append(next)
            }
            return found
        }
        // The end of the text is an error to PEM_read_bio_X509; it must not be found later.
        ERR_clear_error()
        guard let certificates, !certificates.isEmpty else { throw .certificateMalformed }
        defer { for certificate in certificates { X509_free(certificate) } }
        guard certificates.count <= IdentityProvider.maximumCertificates else { throw .tooManyCertificates }
        guard certificates.count == pem.ranges(of: "-----BEGIN CERTIFICATE-----").count else { throw .certificateMalformed }
        var keys: [VerificationKey] = []
        for certificate in certificates { keys.append(try VerificationKey(certificate: certificate)) }
        return keys
    }

    private static func isKnownCurve(_ key: OpaquePointer) -> Bool {
        var name = [CChar](repeating: 0, count: 64)
        var length = 0
        guard EVP_PKEY_get_group_name(key, &name, name.count, &length) == 1, length < name.count else { return false }
        let curve = String(decoding: name.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return ["prime256v1", "secp384r1", "secp521r1"].contains(curve)
    }
}
