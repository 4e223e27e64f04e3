internal import CXMLSecurity

/// The bytes of the assertion inside an `EncryptedAssertion` (saml-core §2.3.4, xmlenc11).
///
/// What the document states openly (its form, its algorithms) has its own refusals; everything that
/// depends on the private key is one, `decryptionFailed`, so that no answer tells more than that.
enum AssertionDecryption {
    /// AES-GCM as xmlenc11 §5.2.4 lays it out, in bytes: initial vector, ciphertext, tag.
    private static let initialVectorBytes = 12
    private static let tagBytes = 16

    static func decrypt(_ encrypted: XMLElement, key: DecryptionKey) throws(SAMLRefusal) -> [UInt8] {
        let data = try encrypted.onlyChild(.encryptionName("EncryptedData"), else: .assertionMalformed)
        let type = data.attribute("Type")
        guard type == nil || type == "http://www.w3.org/2001/04/xmlenc#Element" else { throw .assertionMalformed }
        let method = try data.onlyChild(.encryptionName("EncryptionMethod"), else: .assertionMalformed)
        guard let cipher = method.attribute("Algorithm").flatMap(ContentCipher.init), method.children.isEmpty
        else { throw .encryptionAlgorithm }
        let transport = try TransportParameters(try encryptedKey(of: encrypted, data: data))
        let ciphertext = try cipherValue(of: data)

        let contentKey = try unwrap(transport, with: key)
        guard contentKey.count == cipher.keyBytes, let plaintext = open(ciphertext, cipher: cipher, key: contentKey)
        else { throw .decryptionFailed }
        return plaintext
    }

    /// The only EncryptedKey: in the data's KeyInfo, or beside the data (saml-core errata E43).
    private static func encryptedKey(of encrypted: XMLElement, data: XMLElement) throws(SAMLRefusal) -> XMLElement {
        let information = try data.optionalChild(.signatureName("KeyInfo"), else: .assertionMalformed)
        let inside = information?.children(.encryptionName("EncryptedKey")) ?? []
        let all = inside + encrypted.children(.encryptionName("EncryptedKey"))
        guard all.count == 1, let only = all.first else { throw .assertionMalformed }
        return only
    }

    /// CipherValue only: a CipherReference would be fetched.
    fileprivate static func cipherValue(of element: XMLElement) throws(SAMLRefusal) -> [UInt8] {
        let data = try element.onlyChild(.encryptionName("CipherData"), else: .assertionMalformed)
        guard data.children.count == 1,
            let text = try data.onlyChild(.encryptionName("CipherValue"), else: .assertionMalformed).text,
            let bytes = Base64.decode(text.utf8.filter { !$0.isXMLSpace })
        else { throw .assertionMalformed }
        return bytes
    }

    private struct TransportParameters {
        let digest: OpaquePointer
        let maskGeneration: OpaquePointer
        let wrappedKey: [UInt8]

        init(_ encryptedKey: XMLElement) throws(SAMLRefusal) {
            let method = try encryptedKey.onlyChild(.encryptionName("EncryptionMethod"), else: .assertionMalformed)
            guard let transport = method.attribute("Algorithm").flatMap(KeyTransport.init) else { throw .encryptionAlgorithm }
            let digestMethod = try method.optionalChild(.signatureName("DigestMethod"), else: .assertionMalformed)
            let maskMethod = try method.optionalChild(.encryption11Name("MGF"), else: .assertionMalformed)
            // Nothing else: OAEPparams would be a label, which nobody uses.
            guard method.children.count == (digestMethod == nil ? 0 : 1) + (maskMethod == nil ? 0 : 1),
                transport == .rsaOAEP || maskMethod == nil
            else { throw .encryptionAlgorithm }
            guard let digest = KeyTransport.digest(digestMethod.map { $0.attribute("Algorithm") ?? "" }),
                let mask = KeyTransport.maskGeneration(maskMethod.map { $0.attribute("Algorithm") ?? "" })
            else { throw .encryptionAlgorithm }
            self.digest = digest
            maskGeneration = mask
            wrappedKey = try cipherValue(of: encryptedKey)
        }
    }

    private static func unwrap(_ parameters: TransportParameters, with key: DecryptionKey) throws(SAMLRefusal) -> [UInt8] {
        try key.handle.withKey { (pointer) throws(SAMLRefusal) in
            guard let context = EVP_PKEY_CTX_new(pointer, nil) else { throw .decryptionFailed }
            defer { EVP_PKEY_CTX_free(context) }
            var length = 0
            guard EVP_PKEY_decrypt_init(context) == 1, EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1,
                EVP_PKEY_CTX_set_rsa_oaep_md(context, parameters.digest) == 1,
                EVP_PKEY_CTX_set_rsa_mgf1_md(context, parameters.maskGeneration) == 1,
                EVP_PKEY_decrypt(context, nil, &length, parameters.wrappedKey, parameters.wrappedKey.count) == 1,
                (1...VerificationKey.maximumRSABits / 8).contains(length)
            else { throw .decryptionFailed }
            var contentKey = [UInt8](repeating: 0, count: length)
            guard EVP_PKEY_decrypt(context, &contentKey, &length, parameters.wrappedKey, parameters.wrappedKey.count) == 1,
                length <= contentKey.count
            else { throw .decryptionFailed }
            return Array(contentKey.prefix(length))
        }
    }

    /// `nil` unless the tag fits.
    private static func open(_ sealed: [UInt8], cipher: ContentCipher, key: [UInt8]) -> [UInt8]? {
        guard sealed.count > initialVectorBytes + tagBytes, let context = EVP_CIPHER_CTX_new() else { return nil }
        defer { EVP_CIPHER_CTX_free(context) }
        let initialVector = Array(sealed.prefix(initialVectorBytes))
        let ciphertext = Array(sealed.dropFirst(initialVectorBytes).dropLast(tagBytes))
        let tag = Array(sealed.suffix(tagBytes))
        var plaintext = [UInt8](repeating: 0, count: ciphertext.count)
        var length: Int32 = 0
        var rest: Int32 = 0
        var end: [UInt8] = [UInt8](repeating: 0, count: 16)
        guard EVP_DecryptInit_ex(context, cipher.cipher, nil, nil, nil) == 1,
            cxs_setGCMInitialVectorLength(context, Int32(initialVectorBytes)) == 1,
            EVP_DecryptInit_ex(context, nil, nil, key, initialVector) == 1,
            EVP_DecryptUpdate(context, &plaintext, &length, ciphertext, Int32(truncatingIfNeeded: ciphertext.count)) == 1,
            Int(length) == ciphertext.count,
            cxs_setGCMTag(context, Int32(tagBytes), tag) == 1,
            EVP_DecryptFinal_ex(context, &end, &rest) == 1, rest == 0
        else { return nil }
        return plaintext
    }
}
