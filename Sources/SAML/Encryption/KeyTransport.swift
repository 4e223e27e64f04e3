internal import CXMLSecurity

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
