import Testing

@testable import SAML

@Suite struct IdentityProviderTests {
    static let redirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"

    static func keyDescriptor(_ key: TestKey, use: String? = "signing") -> String {
        "<md:KeyDescriptor\(use.map { " use=\"\($0)\"" } ?? "")><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data><ds:X509Certificate>\n  \(wrapped(Base64.encode(key.certificate)))\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    }

    static func service(_ location: String, binding: String = redirect) -> String {
        "<md:SingleSignOnService Binding=\"\(binding)\" Location=\"\(location)\"/>"
    }

    static func role(
        _ content: String, attributes: String = "",
        protocols: String = "urn:oasis:names:tc:SAML:1.1:protocol urn:oasis:names:tc:SAML:2.0:protocol"
    ) -> String {
        "<md:IDPSSODescriptor protocolSupportEnumeration=\"\(protocols)\"\(attributes)>\(content)</md:IDPSSODescriptor>"
    }

    static func entity(_ content: String, id: String = TestResponse.entityID, attributes: String = "") -> String {
        "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"\(id)\"\(attributes)>\(content)</md:EntityDescriptor>"
    }

    static let goodRole =
        keyDescriptor(.identityProvider) + service("https://idp.example/post", binding: "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST")
        + service("https://idp.example/sso")

    private func parse(_ metadata: String, expected: String? = TestResponse.entityID) -> Result<IdentityProvider, SAMLRefusal> {
        IdentityProvider.parse(metadata: Array(metadata.utf8), expectedEntityID: expected, now: TestResponse.now)
    }

    @Test("One entity gives its endpoint and its signing keys")
    func oneEntity() throws {
        let rollover = Self.keyDescriptor(.rolledOver, use: nil) + Self.keyDescriptor(.serviceProvider, use: "encryption") + Self.goodRole
        let idp = try parse(
            Self.entity(Self.role(rollover, attributes: " validUntil=\"2026-03-05T00:00:00Z\" WantAuthnRequestsSigned=\"true\""))
        ).get()
        #expect(idp.entityID == TestResponse.entityID)
        #expect(idp.singleSignOnURL == "https://idp.example/sso")
        #expect(
            idp.keys == [
                try VerificationKey(certificate: TestKey.rolledOver.certificate),
                try VerificationKey(certificate: TestKey.identityProvider.certificate),
            ])
        #expect(idp.validUntil == SAMLTime.parse("2026-03-05T00:00:00Z"))
        #expect(idp.wantsSignedRequests)
    }

    @Test("Metadata and settings give the same")
    func sameAsSettings() throws {
        #expect(try parse(Self.entity(Self.role(Self.goodRole))).get() == TestResponse.identityProvider)
        #expect(TestResponse.identityProvider != TestResponse.identityProvider(keys: [.rolledOver]))
    }

    @Test("The wanted entity is found among others; without a wish there must be one")
    func entities() {
        let other = Self.entity(
            Self.role(Self.keyDescriptor(.attacker) + Self.service("https://evil.example/sso")), id: "https://evil.example")
        let both =
            "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">\(other)<md:EntitiesDescriptor>\(Self.entity(Self.role(Self.goodRole)))</md:EntitiesDescriptor></md:EntitiesDescriptor>"
        #expect(parse(both).value == TestResponse.identityProvider)
        #expect(parse(both, expected: nil).refusal == .metadataEntity)
        #expect(parse(both, expected: "https://unknown.example").refusal == .metadataEntity)
        #expect(parse(other).refusal == .metadataEntity)
        #expect(parse(other, expected: nil).value?.entityID == "https://evil.example")
        #expect(parse(both.replacing("https://evil.example\"", with: TestResponse.entityID + "\"")).refusal == .metadataEntity)
    }

    @Test("A byte order mark, a declaration and comments are let through in metadata")
    func leniency() {
        let metadata =
            "\u{FEFF}<?xml version=\"1.0\" encoding=\"utf-8\"?><!-- a <comment> -->" + Self.entity("<!-- x -->" + Self.role(Self.goodRole))
        #expect(parse(metadata).refusal == nil)
    }

    @Test("The earliest validUntil of role, entity and federation counts")
    func validity() {
        func metadata(_ federation: String, _ entity: String, _ role: String) -> String {
            func attribute(_ time: String) -> String { time.isEmpty ? "" : " validUntil=\"\(time)\"" }
            return "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\"\(attribute(federation))>"
                + Self.entity(Self.role(Self.goodRole, attributes: attribute(role)), attributes: attribute(entity))
                + "</md:EntitiesDescriptor>"
        }
        let (past, soon, later) = (TestResponse.time(0), TestResponse.time(1), TestResponse.time(9))
        #expect(parse(metadata(later, soon, later)).value?.validUntil == TestResponse.now + 1000)
        #expect(parse(metadata(soon, "", later)).value?.validUntil == TestResponse.now + 1000)
        #expect(parse(metadata("", "", "")).value.map { $0.validUntil == nil } == true)
        for expired in [metadata(past, later, later), metadata(later, past, ""), metadata("", "", past)] {
            #expect(parse(expired).refusal == .metadataExpired)
        }
        #expect(parse(metadata("tomorrow", "", "")).refusal == .timeMalformed)
    }

    @Test(
        "What is missing, weak or not allowed refuses the whole metadata",
        arguments: [
            ("no role", entity(""), .identityProviderRole),
            ("two roles", entity(role(goodRole) + role(goodRole)), .identityProviderRole),
            ("SAML 1.1 only", entity(role(goodRole, protocols: "urn:oasis:names:tc:SAML:1.1:protocol")), .identityProviderRole),
            (
                "no redirect endpoint",
                entity(
                    role(
                        keyDescriptor(.identityProvider)
                            + service("https://a.example/", binding: "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"))),
                .singleSignOnService
            ),
            ("http", entity(role(keyDescriptor(.identityProvider) + service("http://idp.example/sso"))), .urlNotAllowed),
            ("javascript", entity(role(keyDescriptor(.identityProvider) + service("javascript:alert(1)"))), .urlNotAllowed),
            ("no key", entity(role(service("https://idp.example/sso"))), .certificateMissing),
            (
                "only an encryption key",
                entity(role(keyDescriptor(.identityProvider, use: "encryption") + service("https://idp.example/sso"))), .certificateMissing
            ),
            ("RSA of 1024 bits", entity(role(goodRole + keyDescriptor(.weak))), .keyNotAllowed),
            ("another curve", entity(role(goodRole + keyDescriptor(.koblitz))), .keyNotAllowed),
            (
                "seventeen keys", entity(role((0..<16).map { _ in keyDescriptor(.identityProvider) }.joined() + goodRole)),
                .tooManyCertificates
            ),
            (
                "a broken certificate", entity(role(goodRole).replacing("<ds:X509Certificate>\n  MII", with: "<ds:X509Certificate>AAA")),
                .certificateMalformed
            ),
            (
                "a comment in a certificate", entity(role(goodRole).replacing("<ds:X509Certificate>", with: "<ds:X509Certificate><!---->")),
                .certificateMalformed
            ),
            ("an entity ID with spaces", entity(role(goodRole), id: "a b"), .metadataEntity),
            ("a document type", "<!DOCTYPE a>" + entity(role(goodRole)), .documentType),
            ("no metadata", "<html/>", .metadataMalformed),
            ("deep nesting", String(repeating: "<a>", count: 1000), .tooDeep),
            ("5 MB", String(repeating: " ", count: 5_000_000), .tooLarge),
        ] as [(String, String, SAMLRefusal)])
    func refused(name: String, metadata: String, refusal: SAMLRefusal) {
        #expect(parse(metadata).refusal == refusal)
    }

    @Test("Settings are checked like metadata")
    func settings() {
        func refusal(
            _ entityID: String = TestResponse.entityID, _ url: String = "https://idp.example/sso",
            _ pems: [String] = [TestKey.identityProvider.certificatePEM]
        ) -> SAMLRefusal? {
            do {
                _ = try IdentityProvider(entityID: entityID, singleSignOnURL: url, certificatesPEM: pems)
                return nil
            } catch { return error }
        }
        #expect(refusal() == nil)
        #expect(refusal("") == .entityIDMalformed)
        #expect(refusal("https://a/" + String(repeating: "a", count: 1024)) == .entityIDMalformed)
        #expect(refusal(TestResponse.entityID, "http://idp.example/") == .urlNotAllowed)
        #expect(refusal(TestResponse.entityID, "https://idp.example/sso", []) == .certificateMissing)
        #expect(refusal(TestResponse.entityID, "https://idp.example/sso", ["x"]) == .certificateMalformed)
        let halfBroken = TestKey.identityProvider.certificatePEM + TestKey.rolledOver.certificatePEM.replacing("\nMII", with: "\nAAA")
        #expect(refusal(TestResponse.entityID, "https://idp.example/sso", [halfBroken]) == .certificateMalformed)
        #expect(refusal(TestResponse.entityID, "https://idp.example/sso", [TestKey.weak.certificatePEM]) == .keyNotAllowed)
        #expect(
            refusal(TestResponse.entityID, "https://idp.example/sso", [TestKey.identityProvider.privateKeyPEM]) == .certificateMalformed)
        #expect(
            refusal(
                TestResponse.entityID, "https://idp.example/sso",
                [TestKey.identityProvider.certificatePEM + TestKey.rolledOver.certificatePEM]) == nil)
    }

    @Test("A decryption key is an unencrypted RSA key of at least 2048 bits, and a certificate beside it must be its own")
    func decryptionKeys() {
        func refusal(_ pem: String) -> SAMLRefusal? {
            do {
                _ = try DecryptionKey(pem: Array(pem.utf8))
                return nil
            } catch { return error }
        }
        let key = TestKey.serviceProvider
        #expect(refusal(key.privateKeyPEM) == nil)
        #expect(refusal(key.privateKeyPEM + key.certificatePEM) == nil)
        #expect(refusal(key.privateKeyPEM + TestKey.attacker.certificatePEM) == .decryptionKeyMalformed)
        #expect(refusal(TestKey.weak.privateKeyPEM) == .keyNotAllowed)
        #expect(refusal(TestKey.p256.privateKeyPEM) == .keyNotAllowed)
        #expect(refusal("x") == .decryptionKeyMalformed)
    }
}
