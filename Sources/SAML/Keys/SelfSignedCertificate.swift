internal import CXMLSecurity

/// A certificate as a mere container for a key. RSA signatures (PKCS #1 v1.5) and all fields are
/// deterministic, so that every replica publishes the same bytes.
enum SelfSignedCertificate {
    /// DER of an X.509 v3 certificate, serial number 1, valid from 2000 to 9999, signed with SHA-256.
    static func make(for key: OpaquePointer, commonName: String) -> [UInt8]? {
        guard let certificate = X509_new() else { return nil }
        defer { X509_free(certificate) }
        guard X509_set_version(certificate, 2) == 1,
            ASN1_INTEGER_set_int64(X509_get_serialNumber(certificate), 1) == 1,
            ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate), "20000101000000Z") == 1,
            ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate), "99991231235959Z") == 1,
            let name = X509_get_subject_name(certificate),
            X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, commonName, -1, -1, 0) == 1,
            X509_set_issuer_name(certificate, name) == 1,
            X509_set_pubkey(certificate, key) == 1,
            X509_sign(certificate, key, EVP_sha256()) > 0
        else { return nil }
        return OpenSSLBytes.der { i2d_X509(certificate, $0) }
    }
}
