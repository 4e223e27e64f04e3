/// The order of the checks of one response: form, signatures, then what the covered parts say.
struct ResponseValidation {
    let expectations: ResponseExpectations

    func validate(_ root: XMLElement) throws(SAMLRefusal) -> ValidatedAssertion {
        let envelope = try ResponseEnvelope(root)
        try checkStatus(of: envelope)
        switch try envelope.assertion() {
        case .plain(let assertion):
            try envelope.checkSignaturePlaces(assertion: assertion)
            let verifiedResponse = try verifiedResponse(of: envelope)
            let verifiedAssertion = try verifyAssertion(assertion)
            // Where both are signed both have passed; either covers the assertion, the same node.
            guard let covered = verifiedAssertion ?? verifiedResponse?.child(assertion) else { throw .signatureMissing }
            try checkEnvelope(envelope, isSigned: verifiedResponse != nil)
            return try AssertionReader(covered, expectations: expectations).read()
        case .encrypted(let encrypted):
            try envelope.checkSignaturePlaces(assertion: nil)
            let verifiedResponse = try verifiedResponse(of: envelope)
            try checkEnvelope(envelope, isSigned: verifiedResponse != nil)
            return try validateEncrypted(encrypted)
        }
    }

    private func verifiedResponse(of envelope: ResponseEnvelope) throws(SAMLRefusal) -> VerifiedElement? {
        guard let signature = try envelope.responseSignature() else { return nil }
        return try EnvelopedSignature.verify(signature, over: envelope.root, keys: expectations.identityProvider.keys)
    }

    private func verifyAssertion(_ assertion: XMLElement) throws(SAMLRefusal) -> VerifiedElement? {
        guard let signature = try assertion.optionalChild(.signatureName("Signature"), else: .signatureMalformed) else { return nil }
        return try EnvelopedSignature.verify(signature, over: assertion, keys: expectations.identityProvider.keys)
    }

    /// The decrypted assertion is a document of its own and must be signed itself, whether or not the
    /// response around it is: anyone can encrypt to a public key (E15, E26).
    private func validateEncrypted(_ encrypted: XMLElement) throws(SAMLRefusal) -> ValidatedAssertion {
        guard let key = expectations.serviceProvider.decryptionKey else { throw .decryptionKeyMissing }
        let plaintext = try AssertionDecryption.decrypt(encrypted, key: key)
        let document: XMLDocument
        do { document = try XMLDocument.parse(plaintext, bounds: .response) } catch { throw .decryptionFailed }
        return try document.withRoot { (assertion) throws(SAMLRefusal) in
            guard assertion.isNamed(.assertionName("Assertion")) else { throw .decryptionFailed }
            let inventory = try XMLInventory(root: assertion)
            guard inventory.assertions.count == 1, inventory.encryptedAssertions.isEmpty, inventory.responses.isEmpty
            else { throw .assertionCount }
            guard !inventory.signatures.isEmpty else { throw .signatureMissing }
            guard inventory.signatures.count == 1, inventory.signatures[0].parent.map({ $0 == assertion }) == true
            else { throw .signatureMisplaced }
            guard let covered = try verifyAssertion(assertion) else { throw .signatureMissing }
            return try AssertionReader(covered, expectations: expectations).read()
        }
    }

    private func checkStatus(of envelope: ResponseEnvelope) throws(SAMLRefusal) {
        let status = try envelope.root.onlyChild(.protocolName("Status"), else: .statusMissing)
        let code = try status.onlyChild(.protocolName("StatusCode"), else: .statusMissing)
        guard code.attribute("Value") == "urn:oasis:names:tc:SAML:2.0:status:Success" else { throw .statusNotSuccess }
    }

    /// What the Response element itself says. Where only the assertion is signed this is unsigned:
    /// it can make a refusal, never an acceptance, because the assertion repeats what matters.
    private func checkEnvelope(_ envelope: ResponseEnvelope, isSigned: Bool) throws(SAMLRefusal) {
        let root = envelope.root
        if let issuer = try root.optionalChild(.assertionName("Issuer"), else: .responseIssuer) {
            try Issuer.check(issuer, is: expectations.identityProvider.entityID, else: .responseIssuer)
        }
        // saml-bindings §3.5.5.2: a signed message must state its destination, and we compare it always.
        let destination = root.attribute("Destination")
        guard destination == expectations.serviceProvider.assertionConsumerURL || (destination == nil && !isSigned)
        else { throw .destination }
        guard expectations.matches(inResponseTo: root.attribute("InResponseTo")) else { throw .inResponseTo }
        _ = try IssueInstant.check(root, expectations)
    }
}
