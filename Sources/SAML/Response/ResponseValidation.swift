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
            let verifiedAssertion = try verifyAssertion(assertion, in: envelope.inventory)
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

    private func verifyAssertion(_ assertion: XMLElement, in inventory: XMLInventory) throws(SAMLRefusal) -> VerifiedElement? {
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
            guard let covered = try verifyAssertion(assertion, in: inventory) else { throw .signatureMissing }
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

/// `Issuer` of the Response and of the Assertion (saml-core §2.2.5).
enum Issuer {
    static func check(_ element: XMLElement, is entityID: String, else refusal: SAMLRefusal) throws(SAMLRefusal) {
        let format = element.attribute("Format")
        guard format == nil || format == "urn:oasis:names:tc:SAML:2.0:nameid-format:entity", element.text == entityID
        else { throw refusal }
    }
}

/// `IssueInstant` of the Response and of the Assertion.
enum IssueInstant {
    /// Milliseconds. A response comes straight from the IdP through the browser; an old one was kept.
    static let maximumAge: Int64 = 10 * 60 * 1000

    /// The time: not in the future and not older than `maximumAge`, each with the skew.
    static func check(_ element: XMLElement, _ expectations: ResponseExpectations) throws(SAMLRefusal) -> Int64 {
        guard let time = element.attribute("IssueInstant").flatMap(SAMLTime.parse) else { throw .timeMalformed }
        guard expectations.isAtOrAfter(time), expectations.isBefore(time + maximumAge) else { throw .issueInstant }
        return time
    }
}
