import Testing

@testable import SAML

@Suite struct ServiceProviderTests {
    static let serviceProvider = ServiceProvider(entityID: TestResponse.spEntityID, assertionConsumerURL: TestResponse.acsURL)

    private func withRoot(_ metadata: String, _ body: (XMLElement) -> Void) throws {
        let document = try XMLDocument.parse(Array(metadata.utf8), bounds: .metadata)
        try document.withRoot { (root) throws(SAMLRefusal) in body(root) }
    }

    @Test("The metadata states the entity, the ACS and that assertions must be signed")
    func metadata() throws {
        try withRoot(Self.serviceProvider.metadata()) { root in
            #expect(root.isNamed(.metadataName("EntityDescriptor")))
            #expect(root.attribute("entityID") == TestResponse.spEntityID)
            let role = root.children(.metadataName("SPSSODescriptor"))
            #expect(role.count == 1)
            #expect(role.first?.attribute("WantAssertionsSigned") == "true")
            let services = role.first?.children(.metadataName("AssertionConsumerService")) ?? []
            #expect(services.map { $0.attribute("Location") } == [TestResponse.acsURL])
            #expect(services.map { $0.attribute("Binding") } == ["urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"])
            #expect(role.first?.children(.metadataName("KeyDescriptor")).isEmpty == true)
        }
    }

    @Test("With a decryption key its certificate is published, always the same")
    func encryptionCertificate() throws {
        let key = try DecryptionKey(pem: Array(TestKey.serviceProvider.privateKeyPEM.utf8))
        let provider = ServiceProvider(entityID: TestResponse.spEntityID, assertionConsumerURL: TestResponse.acsURL, decryptionKey: key)
        try withRoot(provider.metadata()) { root in
            let descriptors = root.children(.metadataName("SPSSODescriptor")).flatMap { $0.children(.metadataName("KeyDescriptor")) }
            #expect(descriptors.map { $0.attribute("use") } == ["encryption"])
            let text = descriptors.first?.children.first?.children.first?.children.first?.text
            #expect(text == Base64.encode(key.certificate))
        }
        let published = try VerificationKey(certificate: key.certificate)
        #expect(published == (try VerificationKey(certificate: TestKey.serviceProvider.certificate)))
        let again = try DecryptionKey(pem: Array(TestKey.serviceProvider.privateKeyPEM.utf8))
        #expect(again.certificate == key.certificate)
    }

    @Test("Settings can't break out of the metadata")
    func metadataEscaping() throws {
        let provider = ServiceProvider(entityID: "https://a/\"><x>&'", assertionConsumerURL: "https://a/?b=1&c=2")
        try withRoot(provider.metadata()) { root in
            #expect(root.attribute("entityID") == "https://a/\"><x>&'")
            #expect(root.children.count == 1)
        }
    }

    private func request(of url: String) throws -> String {
        let parameter = try #require(
            url.split(separator: "?", maxSplits: 1).last?.split(separator: "&").first { $0.hasPrefix("SAMLRequest=") })
        let base64 = String(parameter.dropFirst("SAMLRequest=".count)).replacing("%2B", with: "+").replacing("%2F", with: "/").replacing(
            "%3D", with: "=")
        let deflated = try #require(Base64.decode(Array(base64.utf8)))
        return String(decoding: try #require(inflateStored(deflated)), as: UTF8.self)
    }

    private func make(
        id: String = "_r1", relayState: String = "state", forced: Bool = false, sso: String = "https://idp.example/sso",
        contexts: [String] = []
    )
        throws -> Result<String, SAMLRefusal>
    {
        let idp = try IdentityProvider(
            entityID: TestResponse.entityID, singleSignOnURL: sso, certificatesPEM: [TestKey.identityProvider.certificatePEM])
        return AuthenticationRequest.make(
            serviceProvider: Self.serviceProvider, identityProvider: idp, id: id, issueInstant: TestResponse.now,
            relayState: relayState, forceAuthentication: forced, contexts: contexts)
    }

    @Test("The request names us, the ACS and the destination")
    func authenticationRequest() throws {
        let url = try make().get()
        #expect(url.hasPrefix("https://idp.example/sso?SAMLRequest="))
        #expect(url.hasSuffix("&RelayState=state"))
        try withRoot(try request(of: url)) { root in
            #expect(root.isNamed(.protocolName("AuthnRequest")))
            #expect(root.attribute("ID") == "_r1")
            #expect(root.attribute("Version") == "2.0")
            #expect(root.attribute("IssueInstant") == "2026-03-04T05:06:07Z")
            #expect(root.attribute("Destination") == "https://idp.example/sso")
            #expect(root.attribute("AssertionConsumerServiceURL") == TestResponse.acsURL)
            #expect(root.attribute("ForceAuthn") == nil)
            #expect(root.children(.assertionName("Issuer")).map(\.text) == [TestResponse.spEntityID])
        }
        try withRoot(try request(of: try make(forced: true).get())) { #expect($0.attribute("ForceAuthn") == "true") }
    }

    @Test("Authentication contexts are asked for exactly, and can't break out of the request")
    func contexts() throws {
        try withRoot(try request(of: try make().get())) { #expect($0.children(.protocolName("RequestedAuthnContext")).isEmpty) }
        try withRoot(try request(of: try make(contexts: ["urn:mfa", "a</b>&"]).get())) { root in
            let requested = root.children(.protocolName("RequestedAuthnContext"))
            #expect(requested.map { $0.attribute("Comparison") } == ["exact"])
            #expect(requested.first?.children(.assertionName("AuthnContextClassRef")).map(\.text) == ["urn:mfa", "a</b>&"])
        }
    }

    @Test("A query that the endpoint has is kept, and RelayState is escaped or left out")
    func queries() throws {
        #expect(try make(sso: "https://idp.example/sso?idpid=C1").get().hasPrefix("https://idp.example/sso?idpid=C1&SAMLRequest="))
        #expect(try make(relayState: "a&b=c +é").get().hasSuffix("&RelayState=a%26b%3Dc%20%2B%C3%A9"))
        #expect(try !make(relayState: "").get().contains("RelayState"))
    }

    @Test("RelayState has at most 80 bytes and the ID is a name")
    func requestBounds() throws {
        #expect(try make(relayState: String(repeating: "a", count: 80)).refusal == nil)
        #expect(try make(relayState: String(repeating: "a", count: 81)).refusal == .relayStateTooLong)
        #expect(try make(id: "1").refusal == .requestIDMalformed)
        #expect(try make(id: "_\" ForceAuthn=\"true").refusal == .requestIDMalformed)
    }
}
