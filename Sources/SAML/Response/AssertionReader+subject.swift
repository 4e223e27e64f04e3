extension AssertionReader {
    /// saml-profiles §4.1.4.2: the NameID, and the end of the bearer confirmation in milliseconds
    /// since 1970. Exactly one confirmation, and it must hold.
    func readSubject() throws(SAMLRefusal) -> (NameID?, Int64) {
        let subject = try assertion.onlyChild(.assertionName("Subject"), else: .subjectMissing)
        let known: [XMLName] = [.assertionName("NameID"), .assertionName("SubjectConfirmation")]
        guard subject.children.allSatisfy({ child in known.contains(where: child.isNamed) }) else { throw .unexpectedElement }
        let confirmation = try subject.onlyChild(.assertionName("SubjectConfirmation"), else: .subjectConfirmation)
        let end = try checkBearer(confirmation)
        let element = try subject.optionalChild(.assertionName("NameID"), else: .nameIDMalformed)
        guard let element else { return (nil, end) }
        return (try NameID(element), end)
    }

    private func checkBearer(_ confirmation: XMLElement) throws(SAMLRefusal) -> Int64 {
        guard confirmation.attribute("Method") == "urn:oasis:names:tc:SAML:2.0:cm:bearer" else { throw .subjectConfirmation }
        let data = try confirmation.onlyChild(.assertionName("SubjectConfirmationData"), else: .subjectConfirmation)
        guard data.attribute("Recipient") == expectations.serviceProvider.assertionConsumerURL else { throw .recipient }
        guard data.attribute("NotBefore") == nil else { throw .subjectConfirmation }
        guard let end = try time("NotOnOrAfter", of: data) else { throw .subjectConfirmation }
        try checkEnd(end)
        guard expectations.matches(inResponseTo: data.attribute("InResponseTo")) else { throw .inResponseTo }
        return end
    }
}

extension NameID {
    fileprivate init(_ element: XMLElement) throws(SAMLRefusal) {
        guard let value = element.text, Self.isAcceptable(value) else { throw .nameIDMalformed }
        let format = element.attribute("Format") ?? Self.unspecified
        let nameQualifier = element.attribute("NameQualifier")
        let spNameQualifier = element.attribute("SPNameQualifier")
        for part in [format, nameQualifier ?? "", spNameQualifier ?? ""] {
            guard part.utf8.count <= Self.maximumBytes else { throw .nameIDMalformed }
        }
        self.init(format: format, nameQualifier: nameQualifier, spNameQualifier: spNameQualifier, value: value)
    }

    /// Not empty, not longer than `maximumBytes`, no control character, no white space at its ends:
    /// two persons must not differ by what somebody trims.
    static func isAcceptable(_ value: String) -> Bool {
        guard !value.isEmpty, value.utf8.count <= maximumBytes, let first = value.first, let last = value.last,
            !first.isWhitespace, !last.isWhitespace
        else { return false }
        return value.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
}
