import CXMLSecurity

@testable import SAML

/// Encrypts an assertion the way an IdP does, with parts that a test may change.
struct TestEncryption: Sendable {
    var recipient = TestKey.serviceProvider
    var cipher = ContentCipher.aes256GCM
    var cipherURI: String?
    var transportURI = KeyTransport.rsaOAEPMGF1P.rawValue
    /// Inside the EncryptionMethod of the key.
    var transportParameters = ""
    var digest: @Sendable () -> OpaquePointer? = { EVP_sha1() }
    var mask: @Sendable () -> OpaquePointer? = { EVP_sha1() }
    var contentKeyBytes: Int?
    var keyIsBesideData = false
    var damageContent: @Sendable (inout [UInt8]) -> Void = { _ in }
    var damageKey: @Sendable (inout [UInt8]) -> Void = { _ in }

    func encrypt(_ plaintext: String) -> String {
        let key = [UInt8](repeating: 7, count: contentKeyBytes ?? cipher.keyBytes)
        var content = seal(Array(plaintext.utf8), key: Array((key + key).prefix(cipher.keyBytes)))
        damageContent(&content)
        var wrappedKey = wrap(key)
        damageKey(&wrappedKey)
        let encryptedKey = """
            <xenc:EncryptedKey xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Id="_ek"><xenc:EncryptionMethod Algorithm="\(transportURI)">\
            \(transportParameters)</xenc:EncryptionMethod><xenc:CipherData><xenc:CipherValue>\(wrapped(Base64.encode(wrappedKey)))\
            </xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>
            """
        let information = keyIsBesideData ? "<ds:RetrievalMethod URI=\"#_ek\"/>" : encryptedKey
        return """
            <saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"><xenc:EncryptedData \
            xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Id="_ed" Type="http://www.w3.org/2001/04/xmlenc#Element">\
            <xenc:EncryptionMethod Algorithm="\(cipherURI ?? cipher.rawValue)"/>\
            <ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">\(information)</ds:KeyInfo>\
            <xenc:CipherData><xenc:CipherValue>\(wrapped(Base64.encode(content)))</xenc:CipherValue></xenc:CipherData>\
            </xenc:EncryptedData>\(keyIsBesideData ? encryptedKey : "")</saml:EncryptedAssertion>
            """
    }

    private func seal(_ plaintext: [UInt8], key: [UInt8]) -> [UInt8] {
        let vector = [UInt8](repeating: 3, count: 12)
        var ciphertext = [UInt8](repeating: 0, count: plaintext.count)
        var tag = [UInt8](repeating: 0, count: 16)
        var end = [UInt8](repeating: 0, count: 16)
        var length: Int32 = 0
        let context = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(context) }
        EVP_EncryptInit_ex(context, cipher.cipher, nil, key, vector)
        EVP_EncryptUpdate(context, &ciphertext, &length, plaintext, Int32(plaintext.count))
        EVP_EncryptFinal_ex(context, &end, &length)
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, &tag)
        return vector + ciphertext + tag
    }

    private func wrap(_ key: [UInt8]) -> [UInt8] {
        recipient.withPointer { pointer in
            let context = EVP_PKEY_CTX_new(pointer, nil)
            defer { EVP_PKEY_CTX_free(context) }
            var bytes = [UInt8](repeating: 0, count: 1024)
            var count = bytes.count
            EVP_PKEY_encrypt_init(context)
            if transportURI.hasSuffix("rsa-1_5") {
                EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING)
            } else {
                EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING)
                EVP_PKEY_CTX_set_rsa_oaep_md(context, digest())
                EVP_PKEY_CTX_set_rsa_mgf1_md(context, mask())
            }
            EVP_PKEY_encrypt(context, &bytes, &count, key, key.count)
            return Array(bytes.prefix(count))
        }
    }
}

extension TestResponse {
    /// The document with its assertion (signed as `signing` says) encrypted, and then the response
    /// signed where `signing` says so.
    func encryptedXML(_ encryption: TestEncryption = TestEncryption(), plaintext: (String) -> String = { $0 }) -> String {
        var inner = self
        inner.signing = signing == .assertion || signing == .both ? .assertion : .none
        let signed = inner.xml().slice(from: "<saml:Assertion", through: "</saml:Assertion>")
        let encrypted = encryption.encrypt(plaintext(signed))
        let signsResponse = signing == .response || signing == .both
        let document = response(signature: signsResponse ? template(for: "_response-1") : "", assertion: encrypted)
        return signsResponse ? TestSigner.sign(document, elementWithID: "_response-1", key: key) : document
    }
}
