import Testing

@testable import SAML

@Suite struct AcceptanceTests {
    @Test("A response with the response, the assertion or both signed is accepted", arguments: TestResponse.Signing.signed)
    func signingPlaces(signing: TestResponse.Signing) throws {
        var response = TestResponse()
        response.signing = signing
        let assertion = try response.validate().get()
        #expect(assertion.assertionID == "_assertion-1")
        #expect(assertion.issuer == TestResponse.entityID)
        #expect(assertion.nameID?.value == "alice")
        #expect(assertion.subject == #"["urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",null,null,"alice"]"#)
        #expect(assertion.values(named: "mail") == ["alice@acme.example"])
        #expect(assertion.values(named: "groups") == ["engineering", "on-call"])
        #expect(assertion.values(named: "absent") == [])
        #expect(assertion.authenticatedAt == TestResponse.now - 30_000)
        #expect(assertion.sessionIndex == "session-1")
        #expect(assertion.sessionNotOnOrAfter == nil)
        #expect(assertion.authnContextClassRef == "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport")
        #expect(assertion.expiresAt == TestResponse.now + 300_000)
    }

    @Test("Every listed signature and digest algorithm is accepted", arguments: SignatureAlgorithm.allCases, DigestAlgorithm.allCases)
    func algorithms(signature: SignatureAlgorithm, digest: DigestAlgorithm) {
        var response = TestResponse()
        response.signing = .both
        response.algorithm = signature.rawValue
        response.digest = digest.rawValue
        if signature.keyKind == .ellipticCurve { response.key = .p256 }
        let idp = TestResponse.identityProvider(keys: [.identityProvider, .p256])
        #expect(response.validate(TestResponse.expectations(identityProvider: idp)).refusal == nil)
    }

    @Test("Keys on P-384 and P-521 are accepted", arguments: [TestKey.p384, .p521])
    func curves(key: TestKey) {
        var response = TestResponse()
        response.key = key
        response.algorithm = SignatureAlgorithm.ecdsaSHA384.rawValue
        let idp = TestResponse.identityProvider(keys: [key])
        #expect(response.validate(TestResponse.expectations(identityProvider: idp)).refusal == nil)
    }

    @Test("During a rollover each of the configured keys is accepted", arguments: [TestKey.identityProvider, .rolledOver])
    func rollover(key: TestKey) {
        var response = TestResponse()
        response.key = key
        let idp = TestResponse.identityProvider(keys: [.identityProvider, .rolledOver])
        #expect(response.validate(TestResponse.expectations(identityProvider: idp)).refusal == nil)
    }

    @Test("A field wrapped with line breaks is accepted; any other white space and broken base64 are refused")
    func base64() {
        let text = Base64.encode(Array(TestResponse().xml().utf8))
        let expectations = TestResponse.expectations()
        #expect(SAMLResponse.validate(base64: wrapped(text, at: 76).replacing("\n", with: "\r\n"), expecting: expectations).refusal == nil)
        for broken in [" " + text, text + "\t", String(text.dropLast()), text + "====", text.replacingFirst("P", with: "*"), ""] {
            #expect(SAMLResponse.validate(base64: broken, expecting: expectations).refusal == .encodingMalformed)
        }
    }

    @Test("The outer InResponseTo is found without verification")
    func unverifiedInResponseTo() {
        func inResponseTo(_ xml: String) -> Result<String?, SAMLRefusal> {
            SAMLResponse.unverifiedInResponseTo(base64: Base64.encode(Array(xml.utf8)))
        }
        #expect(inResponseTo(TestResponse().xml()) == .success(TestResponse.requestID))
        #expect(inResponseTo(TestResponse().xml().replacing(" InResponseTo=\"_request-1\"", with: "")) == .success(nil))
        #expect(inResponseTo("<Response/>") == .failure(.notAResponse))
        #expect(inResponseTo("<!DOCTYPE a><a/>") == .failure(.documentType))
    }

    @Test("Metadata that is no longer valid takes its keys with it")
    func expiredIdentityProvider() throws {
        func idp(validUntil: Int64) throws -> IdentityProvider {
            let idp = TestResponse.identityProvider
            return try IdentityProvider(
                entityID: idp.entityID, singleSignOnURL: idp.singleSignOnURL, keys: idp.keys, validUntil: validUntil,
                wantsSignedRequests: false)
        }
        let good = TestResponse.expectations(identityProvider: try idp(validUntil: TestResponse.now + 1))
        #expect(TestResponse().validate(good).refusal == nil)
        let expired = TestResponse.expectations(identityProvider: try idp(validUntil: TestResponse.now))
        #expect(TestResponse().validate(expired).refusal == .metadataExpired)
    }
}
