internal import CXMLSecurity

/// The signature algorithms of the profile, by URI (RFC 9231). No SHA-1, no HMAC, no DSA. RSA-PSS is
/// not among them because libxmlsec1 1.2 does not have it.
enum SignatureAlgorithm: String, CaseIterable {
    case rsaSHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
    case rsaSHA384 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384"
    case rsaSHA512 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"
    case ecdsaSHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
    case ecdsaSHA384 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"
    case ecdsaSHA512 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"

    var keyKind: VerificationKey.Kind {
        switch self {
        case .rsaSHA256, .rsaSHA384, .rsaSHA512: .rsa
        case .ecdsaSHA256, .ecdsaSHA384, .ecdsaSHA512: .ellipticCurve
        }
    }

    var transform: xmlSecTransformId? {
        switch self {
        case .rsaSHA256: cxs_rsaSHA256()
        case .rsaSHA384: cxs_rsaSHA384()
        case .rsaSHA512: cxs_rsaSHA512()
        case .ecdsaSHA256: cxs_ecdsaSHA256()
        case .ecdsaSHA384: cxs_ecdsaSHA384()
        case .ecdsaSHA512: cxs_ecdsaSHA512()
        }
    }
}

/// The digests of a reference (xmlenc §5.7, RFC 9231 §2.1).
enum DigestAlgorithm: String, CaseIterable {
    case sha256 = "http://www.w3.org/2001/04/xmlenc#sha256"
    case sha384 = "http://www.w3.org/2001/04/xmldsig-more#sha384"
    case sha512 = "http://www.w3.org/2001/04/xmlenc#sha512"

    var transform: xmlSecTransformId? {
        switch self {
        case .sha256: cxs_sha256()
        case .sha384: cxs_sha384()
        case .sha512: cxs_sha512()
        }
    }

    func digest(_ bytes: some Collection<UInt8>) -> [UInt8] {
        switch self {
        case .sha256: OpenSSLBytes.digest(bytes, EVP_sha256())
        case .sha384: OpenSSLBytes.digest(bytes, EVP_sha384())
        case .sha512: OpenSSLBytes.digest(bytes, EVP_sha512())
        }
    }

    /// Whether its base64 is longer than the 64 characters at which signers break lines.
    var isWrapped: Bool { self != .sha256 }
}
