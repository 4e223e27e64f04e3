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
