/// Reads a covered assertion and holds every statement against what is expected.
struct AssertionReader {
    let assertion: XMLElement
    let expectations: ResponseExpectations

    init(_ verified: VerifiedElement, expectations: ResponseExpectations) {
        assertion = verified.element
        self.expectations = expectations
    }

    func read() throws(SAMLRefusal) -> ValidatedAssertion {
        // saml-core §2.3.3 without Advice, which may hold assertions, and without statements that
        // nobody here understands.
        let known: [XMLName] =
            ["Issuer", "Subject", "Conditions", "AuthnStatement", "AttributeStatement"]
            .map(XMLName.assertionName) + [.signatureName("Signature")]
        guard assertion.children.allSatisfy({ child in known.contains(where: child.isNamed) }) else { throw .unexpectedElement }
        guard assertion.attribute("Version") == "2.0" else { throw .versionNotSupported }
        guard let identifier = assertion.attribute("ID"), NCName.isAllowed(identifier) else { throw .assertionMalformed }
        let entityID = expectations.identityProvider.entityID
        try Issuer.check(
            try assertion.onlyChild(.assertionName("Issuer"), else: .assertionIssuer), is: entityID, else: .assertionIssuer)

        let issued = try IssueInstant.check(assertion, expectations)
        let conditionsEnd = try checkConditions()
        let (nameID, confirmationEnd) = try readSubject()
        let authentication = try readAuthentication()
        let attributes = try readAttributes()
        let end = min(conditionsEnd, confirmationEnd, issued + IssueInstant.maximumAge)
        return ValidatedAssertion(
            assertionID: identifier, issuer: entityID, nameID: nameID, subject: try subject(nameID, attributes),
            attributes: attributes, authenticatedAt: authentication.instant, sessionIndex: authentication.sessionIndex,
            sessionNotOnOrAfter: authentication.sessionEnd, authnContextClassRef: authentication.contextClass,
            expiresAt: end + expectations.clockSkew)
    }

    /// A required or optional time; a malformed one is never taken for an absent one.
    func time(_ name: StaticString, of element: XMLElement) throws(SAMLRefusal) -> Int64? {
        guard let text = element.attribute(name) else { return nil }
        guard let time = SAMLTime.parse(text) else { throw .timeMalformed }
        return time
    }

    private func subject(_ nameID: NameID?, _ attributes: [String: [String]]) throws(SAMLRefusal) -> String {
        if let name = expectations.subjectAttribute {
            guard let values = AttributeNames.lookUp(name, in: attributes), values.count == 1, let value = values.first,
                NameID.isAcceptable(value)
            else { throw .subjectAttribute }
            return SubjectKey.encode(["attribute", name, value])
        }
        guard let nameID else { throw .nameIDMissing }
        guard nameID.format != NameID.transient else { throw .nameIDTransient }
        return SubjectKey.encode([nameID.format, nameID.nameQualifier, nameID.spNameQualifier, nameID.value])
    }
}
