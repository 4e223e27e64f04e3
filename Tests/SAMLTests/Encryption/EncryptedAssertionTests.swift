import CXMLSecurity
import Testing

@testable import SAML

/// Encrypted assertions (E9, E15, E26).
@Suite struct EncryptedAssertionTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let refusal: SAMLRefusal?
        let change: @Sendable (inout TestEncryption) -> Void
        init(_ name: String, _ refusal: SAMLRefusal?, _ change: @escaping @Sendable (inout TestEncryption) -> Void) {
            (self.name, self.refusal, self.change) = (name, refusal, change)
        }
        var testDescription: String { name }
    }

    static func expectations() throws -> ResponseExpectations {
        TestResponse.expectations(decryptionKey: try DecryptionKey(pem: Array(TestKey.serviceProvider.privateKeyPEM.utf8)))
    }

    static let digest256 =
        "<ds:DigestMethod xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>"
    static let mask256 = "<e:MGF xmlns:e=\"http://www.w3.org/2009/xmlenc11#\" Algorithm=\"http://www.w3.org/2009/xmlenc11#mgf1sha256\"/>"

    static let rows: [Row] = [
        Row("AES-256-GCM, RSA-OAEP with SHA-1", nil) { _ in },
        Row("AES-128-GCM", nil) { $0.cipher = .aes128GCM },
        Row("RSA-OAEP-MGF1P with SHA-256", nil) {
            $0.transportParameters = digest256
            $0.digest = { EVP_sha256() }
        },
        Row("RSA-OAEP with SHA-256 throughout", nil) {
            $0.transportURI = KeyTransport.rsaOAEP.rawValue
            $0.transportParameters = digest256 + mask256
            $0.digest = { EVP_sha256() }
            $0.mask = { EVP_sha256() }
        },
        Row("the key beside the data", nil) { $0.keyIsBesideData = true },
        Row("AES-CBC", .encryptionAlgorithm) { $0.cipherURI = "http://www.w3.org/2001/04/xmlenc#aes256-cbc" },
        Row("3DES", .encryptionAlgorithm) { $0.cipherURI = "http://www.w3.org/2001/04/xmlenc#tripledes-cbc" },
        Row("RSA with PKCS #1 v1.5", .encryptionAlgorithm) { $0.transportURI = "http://www.w3.org/2001/04/xmlenc#rsa-1_5" },
        Row("a stated mask where the algorithm has its own", .encryptionAlgorithm) { $0.transportParameters = mask256 },
        Row("OAEP with a label", .encryptionAlgorithm) { $0.transportParameters = "<xenc:OAEPparams>AAAA</xenc:OAEPparams>" },
        Row("OAEP with MD5", .encryptionAlgorithm) {
            $0.transportParameters = digest256.replacing(
                "http://www.w3.org/2001/04/xmlenc#sha256", with: "http://www.w3.org/2001/04/xmldsig-more#md5")
        },
        Row("another recipient", .decryptionFailed) { $0.recipient = .attacker },
        Row("another hash than stated", .decryptionFailed) { $0.digest = { EVP_sha256() } },
        Row("a content key of the wrong length", .decryptionFailed) { $0.contentKeyBytes = 16 },
        Row("a damaged tag", .decryptionFailed) { $0.damageContent = { $0[$0.count - 1] ^= 1 } },
        Row("a damaged ciphertext", .decryptionFailed) { $0.damageContent = { $0[20] ^= 1 } },
        Row("a damaged initial vector", .decryptionFailed) { $0.damageContent = { $0[0] ^= 1 } },
        Row("a ciphertext that is too short", .decryptionFailed) { $0.damageContent = { $0 = Array($0.prefix(28)) } },
        Row("no ciphertext", .decryptionFailed) { $0.damageContent = { $0 = [] } },
        Row("a damaged key", .decryptionFailed) { $0.damageKey = { $0[20] ^= 1 } },
        Row("a short key", .decryptionFailed) { $0.damageKey = { $0 = Array($0.prefix(20)) } },
        Row("a long key", .decryptionFailed) { $0.damageKey = { $0 += $0 } },
    ]

    @Test("Only authenticated encryption to our key is accepted", arguments: rows, [TestResponse.Signing.assertion, .both])
    func encryption(row: Row, signing: TestResponse.Signing) throws {
        var encryption = TestEncryption()
        row.change(&encryption)
        var response = TestResponse()
        response.signing = signing
        let result = TestResponse.validate(response.encryptedXML(encryption), try Self.expectations())
        #expect(result.refusal == row.refusal)
        if row.refusal == nil { #expect(result.value?.nameID?.value == "alice") }
    }

    @Test("The assertion inside must be signed itself, also in a signed response", arguments: [TestResponse.Signing.none, .response])
    func unsignedInside(signing: TestResponse.Signing) throws {
        var response = TestResponse()
        response.signing = signing
        #expect(TestResponse.validate(response.encryptedXML(), try Self.expectations()).refusal == .signatureMissing)
    }

    static let plaintexts: [EditCase] = [
        EditCase("unchanged", nil) { $0 },
        EditCase("the person changed", .signatureInvalid) { $0.replacing(">alice<", with: ">admin<") },
        EditCase("no XML", .decryptionFailed) { _ in "alice" },
        EditCase("another element", .decryptionFailed) { _ in "<a/>" },
        EditCase("a comment", .decryptionFailed) { $0.replacing(">alice<", with: ">al<!---->ice<") },
        EditCase("a document type", .decryptionFailed) { "<!DOCTYPE a>" + $0 },
        EditCase("two assertions", .decryptionFailed) { $0 + $0 },
        EditCase("a wrapped assertion", .assertionCount) {
            $0.replacing(
                "</saml:Assertion>", with: "<saml:Advice>\($0.replacing("_assertion-1", with: "_inner"))</saml:Advice></saml:Assertion>")
        },
    ]

    @Test("What was encrypted is checked like a document of its own", arguments: plaintexts)
    func plaintext(row: EditCase) throws {
        let document = TestResponse().encryptedXML(plaintext: row.edit)
        #expect(TestResponse.validate(document, try Self.expectations()).refusal == row.refusal)
    }

    @Test("Without a decryption key an encrypted assertion is refused")
    func noKey() {
        #expect(TestResponse.validate(TestResponse().encryptedXML()).refusal == .decryptionKeyMissing)
    }

    @Test("A plain assertion is still accepted where there is a key")
    func plainWithKey() throws {
        #expect(TestResponse().validate(try Self.expectations()).refusal == nil)
    }

    @Test("A plain assertion beside an encrypted one is refused")
    func plainBesideEncrypted() throws {
        var response = TestResponse()
        response.extraInResponse = response.assertionXML.replacing("_assertion-1", with: "_evil")
        #expect(TestResponse.validate(response.encryptedXML(), try Self.expectations()).refusal == .assertionCount)
    }

    @Test("The conditions inside are checked as everywhere")
    func contentInside() throws {
        var response = TestResponse()
        response.conditions = ContentTests.audiences("https://other.example")
        #expect(TestResponse.validate(response.encryptedXML(), try Self.expectations()).refusal == .audience)
    }
}
