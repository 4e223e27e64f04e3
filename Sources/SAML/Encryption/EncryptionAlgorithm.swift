internal import CXMLSecurity

/// Content encryption of the profile: authenticated only, since CBC is a decryption oracle (E26).
enum ContentCipher: String, CaseIterable {
    case aes128GCM = "http://www.w3.org/2009/xmlenc11#aes128-gcm"
    case aes256GCM = "http://www.w3.org/2009/xmlenc11#aes256-gcm"

    var keyBytes: Int {
        switch self {
        case .aes128GCM: 16
        case .aes256GCM: 32
        }
    }

    var cipher: OpaquePointer? {
        switch self {
        case .aes128GCM: EVP_aes_128_gcm()
        case .aes256GCM: EVP_aes_256_gcm()
        }
    }
}

/// Key transport of the profile: RSA-OAEP, never PKCS #1 v1.5 (Bleichenbacher).
enum KeyTransport: String, CaseIterable {
    /// xmlenc §5.4.2: the mask generation is MGF1 with SHA-1.
    case rsaOAEPMGF1P = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"
    /// xmlenc11 §5.5.2: the mask generation is stated, or MGF1 with SHA-1.
    case rsaOAEP = "http://www.w3.org/2009/xmlenc11#rsa-oaep"

    /// The hash of OAEP's label. SHA-1 is safe here: neither this nor MGF1 needs collision resistance.
    static func digest(_ uri: String?) -> OpaquePointer? {
        switch uri {
        case nil, "http://www.w3.org/2000/09/xmldsig#sha1": EVP_sha1()
        case "http://www.w3.org/2001/04/xmlenc#sha256": EVP_sha256()
        case "http://www.w3.org/2001/04/xmldsig-more#sha384": EVP_sha384()
        case "http://www.w3.org/2001/04/xmlenc#sha512": EVP_sha512()
        default: nil
        }
    }

    static func maskGeneration(_ uri: String?) -> OpaquePointer? {
        switch uri {
        case nil, "http://www.w3.org/2009/xmlenc11#mgf1sha1": EVP_sha1()
        case "http://www.w3.org/2009/xmlenc11#mgf1sha256": EVP_sha256()
        default: nil
        }
    }
}
