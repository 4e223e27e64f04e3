@testable import SAML

/// A response in parts, each of which a test may change before it is built and signed.
struct TestResponse: Sendable {
    enum Signing: String, Sendable, CaseIterable {
        case response, assertion, both, none

        static let signed: [Signing] = [.response, .assertion, .both]
    }

    /// 2026-03-04T05:06:07Z
    static let now: Int64 = 1_772_600_767_000
    static let entityID = "https://idp.example/metadata"
    static let spEntityID = "https://auth.example.com/sp"
    static let acsURL = "https://auth.example.com/v1/b2b/sso/callback/saml-1"
    static let requestID = "_request-1"

    var signing = Signing.assertion
    var key = TestKey.identityProvider
    var algorithm = SignatureAlgorithm.rsaSHA256.rawValue
    var digest = DigestAlgorithm.sha256.rawValue

    var rootName = "Response"
    var responseAttributes: [String: String] = [
        "ID": "_response-1", "Version": "2.0", "IssueInstant": time(-1), "Destination": acsURL, "InResponseTo": requestID,
    ]
    var assertionAttributes: [String: String] = ["ID": "_assertion-1", "Version": "2.0", "IssueInstant": time(-1)]
    var responseIssuer = "<saml:Issuer>\(entityID)</saml:Issuer>"
    var status = "<samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>"
    var assertionIssuer = "<saml:Issuer>\(entityID)</saml:Issuer>"
    var nameID = "<saml:NameID Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">alice</saml:NameID>"
    var confirmationMethod = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
    var confirmationData: [String: String] = ["Recipient": acsURL, "NotOnOrAfter": time(300), "InResponseTo": requestID]
    /// Instead of the Subject made of the parts above.
    var subject: String?
    var conditionsAttributes: [String: String] = ["NotBefore": time(-60), "NotOnOrAfter": time(300)]
    var conditions = "<saml:AudienceRestriction><saml:Audience>\(spEntityID)</saml:Audience></saml:AudienceRestriction>"
    /// Instead of the Conditions made of the parts above.
    var conditionsElement: String?
    var authnAttributes: [String: String] = ["AuthnInstant": time(-30), "SessionIndex": "session-1"]
    var authnStatement: String?
    var attributes = """
        <saml:AttributeStatement><saml:Attribute Name="urn:oid:0.9.2342.19200300.100.1.3" FriendlyName="mail">\
        <saml:AttributeValue>alice@acme.example</saml:AttributeValue></saml:Attribute>\
        <saml:Attribute Name="groups"><saml:AttributeValue>engineering</saml:AttributeValue>\
        <saml:AttributeValue>on-call</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>
        """
    /// In the Assertion, behind everything else; in the Response, before the assertion.
    var extraInAssertion = ""
    var extraInResponse = ""
    /// Edits of the signature templates before signing.
    var editTemplate: @Sendable (String) -> String = { $0 }

    /// Seconds from `now`, as SAML writes it.
    static func time(_ seconds: Int64) -> String { SAMLTime.format(now + seconds * 1000) }

    var assertionXML: String { assertion(signature: "") }

    /// The signed document, as text.
    func xml() -> String {
        let assertionID = assertionAttributes["ID"] ?? ""
        let responseID = responseAttributes["ID"] ?? ""
        let signsAssertion = signing == .assertion || signing == .both
        let signsResponse = signing == .response || signing == .both
        var document = response(
            signature: signsResponse ? editTemplate(template(for: responseID)) : "",
            assertion: assertion(signature: signsAssertion ? editTemplate(template(for: assertionID)) : ""))
        if signsAssertion { document = TestSigner.sign(document, elementWithID: assertionID, key: key) }
        if signsResponse { document = TestSigner.sign(document, elementWithID: responseID, key: key) }
        return document
    }

    func response(signature: String, assertion: String) -> String {
        """
        <samlp:\(rootName) xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" \
        xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"\(text(responseAttributes))>\
        \(responseIssuer)\(signature)\(status)\(extraInResponse)\(assertion)</samlp:\(rootName)>
        """
    }

    func assertion(signature: String) -> String {
        let subject =
            subject ?? """
                <saml:Subject>\(nameID)<saml:SubjectConfirmation Method="\(confirmationMethod)">\
                <saml:SubjectConfirmationData\(text(confirmationData))/></saml:SubjectConfirmation></saml:Subject>
                """
        let conditions = conditionsElement ?? "<saml:Conditions\(text(conditionsAttributes))>\(conditions)</saml:Conditions>"
        let authn =
            authnStatement ?? """
                <saml:AuthnStatement\(text(authnAttributes))><saml:AuthnContext><saml:AuthnContextClassRef>\
                urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef>\
                </saml:AuthnContext></saml:AuthnStatement>
                """
        return """
            <saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"\(text(assertionAttributes))>\
            \(assertionIssuer)\(signature)\(subject)\(conditions)\(authn)\(attributes)\(extraInAssertion)</saml:Assertion>
            """
    }

    func template(for identifier: String) -> String {
        """
        <ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>\
        <ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>\
        <ds:SignatureMethod Algorithm="\(algorithm)"/><ds:Reference URI="#\(identifier)"><ds:Transforms>\
        <ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>\
        <ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>\
        <ds:DigestMethod Algorithm="\(digest)"/><ds:DigestValue></ds:DigestValue></ds:Reference></ds:SignedInfo>\
        <ds:SignatureValue></ds:SignatureValue></ds:Signature>
        """
    }

    private func text(_ attributes: [String: String]) -> String {
        attributes.sorted { $0.key < $1.key }.map { " \($0.key)=\"\($0.value)\"" }.joined()
    }
}

extension TestResponse {
    static let identityProvider = identityProvider(keys: [.identityProvider])

    static func identityProvider(keys: [TestKey], entityID: String = entityID) -> IdentityProvider {
        do {
            return try IdentityProvider(
                entityID: entityID, singleSignOnURL: "https://idp.example/sso", certificatesPEM: keys.map(\.certificatePEM))
        } catch { fatalError("\(error)") }
    }

    static func expectations(
        identityProvider: IdentityProvider = identityProvider, decryptionKey: DecryptionKey? = nil,
        inResponseTo: ResponseExpectations.Solicitation = .request(requestID), clockSkew: Int64 = 0, now: Int64 = now,
        subjectAttribute: String? = nil, authenticatedAtOrAfter: Int64? = nil
    ) -> ResponseExpectations {
        ResponseExpectations(
            serviceProvider: ServiceProvider(entityID: spEntityID, assertionConsumerURL: acsURL, decryptionKey: decryptionKey),
            identityProvider: identityProvider, inResponseTo: inResponseTo, clockSkew: clockSkew, now: now,
            subjectAttribute: subjectAttribute, authenticatedAtOrAfter: authenticatedAtOrAfter)
    }

    func validate(_ expectations: ResponseExpectations = expectations()) -> Result<ValidatedAssertion, SAMLRefusal> {
        Self.validate(xml(), expectations)
    }

    static func validate(
        _ xml: String, _ expectations: ResponseExpectations = expectations()
    ) -> Result<ValidatedAssertion, SAMLRefusal> {
        SAMLResponse.validate(base64: Base64.encode(Array(xml.utf8)), expecting: expectations)
    }
}

extension Result where Success: Sendable, Failure == SAMLRefusal {
    var refusal: SAMLRefusal? {
        if case .failure(let refusal) = self { refusal } else { nil }
    }

    var value: Success? {
        if case .success(let value) = self { value } else { nil }
    }
}
