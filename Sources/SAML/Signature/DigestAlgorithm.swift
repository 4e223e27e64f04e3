internal import CXMLSecurity

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
