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
