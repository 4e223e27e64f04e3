import CXMLSecurity

@testable import SAML

/// A key pair with a self-signed certificate, made once per test run.
struct TestKey: Sendable {
    let handle: KeyHandle
    let certificate: [UInt8]
    let isRSA: Bool

    static let identityProvider = rsa(bits: 2048)
    static let rolledOver = rsa(bits: 2048)
    static let attacker = rsa(bits: 2048)
    static let weak = rsa(bits: 1024)
    static let serviceProvider = rsa(bits: 2048)
    static let p256 = ellipticCurve(NID_X9_62_prime256v1)
    static let p384 = ellipticCurve(NID_secp384r1)
    static let p521 = ellipticCurve(NID_secp521r1)
    static let koblitz = ellipticCurve(NID_secp256k1)

    var certificatePEM: String {
        "-----BEGIN CERTIFICATE-----\n\(wrapped(Base64.encode(certificate)))\n-----END CERTIFICATE-----\n"
    }

    var privateKeyPEM: String {
        withPointer { pointer in
            guard let bio = BIO_new(BIO_s_mem()) else { return "" }
            defer { BIO_free(bio) }
            PEM_write_bio_PrivateKey(bio, pointer, nil, nil, 0, nil, nil)
            var buffer = [UInt8](repeating: 0, count: 16_384)
            let count = BIO_read(bio, &buffer, Int32(buffer.count))
            return String(decoding: buffer.prefix(Int(max(0, count))), as: UTF8.self)
        }
    }

    func withPointer<Value>(_ body: (OpaquePointer) -> Value) -> Value {
        // The closure does not throw.
        // swift-format-ignore: NeverUseForceTry
        try! handle.withKey { (pointer) throws(SAMLRefusal) in body(pointer) }
    }

    private static func rsa(bits: Int32) -> TestKey {
        generate(EVP_PKEY_RSA) { EVP_PKEY_CTX_set_rsa_keygen_bits($0, bits) }
    }

    private static func ellipticCurve(_ curve: Int32) -> TestKey {
        generate(EVP_PKEY_EC) { EVP_PKEY_CTX_set_ec_paramgen_curve_nid($0, curve) }
    }

    private static func generate(_ type: Int32, _ configure: (OpaquePointer) -> Int32) -> TestKey {
        guard let context = EVP_PKEY_CTX_new_id(type, nil) else { fatalError("no key generation") }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, configure(context) == 1, EVP_PKEY_generate(context, &key) == 1, let key,
            let certificate = SelfSignedCertificate.make(for: key, commonName: "Test IdP")
        else { fatalError("no key generation") }
        return TestKey(handle: KeyHandle(owning: key), certificate: certificate, isRSA: type == EVP_PKEY_RSA)
    }
}

func wrapped(_ text: String, at width: Int = 64) -> String {
    var lines: [String] = []
    var rest = Substring(text)
    while !rest.isEmpty {
        lines.append(String(rest.prefix(width)))
        rest = rest.dropFirst(width)
    }
    return lines.joined(separator: "\n")
}
