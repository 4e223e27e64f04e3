internal import CXMLSecurity

/// The RSA key that IdPs encrypt assertions to, and the certificate that carries it in the metadata.
public struct DecryptionKey: Sendable, CustomStringConvertible {
    let handle: KeyHandle
    /// DER.
    public let certificate: [UInt8]

    /// PEM with an unencrypted RSA private key of at least 2048 bits, and maybe its certificate.
    /// Without one a certificate is made, always the same for the same key: IdPs want the key in a
    /// certificate, and none of its other fields mean anything (see `VerificationKey`).
    public init(pem: [UInt8]) throws(SAMLRefusal) {
        defer { ERR_clear_error() }
        guard let pointer = OpenSSLBytes.read(pem, { PEM_read_bio_PrivateKey($0, nil, $1, nil) }) else { throw .decryptionKeyMalformed }
        let handle = KeyHandle(owning: pointer)
        guard cxs_isRSA(pointer) == 1,
            (VerificationKey.minimumRSABits...VerificationKey.maximumRSABits).contains(Int(EVP_PKEY_get_bits(pointer)))
        else { throw .keyNotAllowed }
        if let given = OpenSSLBytes.read(pem, { PEM_read_bio_X509($0, nil, $1, nil) }) {
            defer { X509_free(given) }
            guard let published = X509_get0_pubkey(given), EVP_PKEY_eq(published, pointer) == 1,
                let der = OpenSSLBytes.der({ i2d_X509(given, $0) })
            else { throw .decryptionKeyMalformed }
            certificate = der
        } else {
            guard let der = SelfSignedCertificate.make(for: pointer, commonName: "SAML assertion encryption") else {
                throw .decryptionKeyMalformed
            }
            certificate = der
        }
        self.handle = handle
    }

    public var description: String { "DecryptionKey" }
}
