extension DemoSAMLIdentityProvider {
    /// An unsigned assertion of the web browser SSO profile (SAML Profiles §4.1.4.2).
    func assertion(
        id: String, user: DemoUser, session: Session, target: ResponseTarget, faults: Set<Fault>
    ) -> XMLElement {
        let saml = SAMLNamespace.assertion
        let now = environment.seconds
        var children = [issuer(faults), subject(user, target: target, faults: faults)]
        if !faults.contains(.missingConditions) { children.append(conditions(target, faults: faults)) }
        children.append(
            saml(
                "AuthnStatement", ["AuthnInstant": UTCTime.text(seconds: session.authenticatedAt), "SessionIndex": session.index],
                [
                    saml(
                        "AuthnContext", [:],
                        [
                            saml("AuthnContextClassRef", text: "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified")
                        ])
                ]))
        children.append(attributes(of: user, faults: faults))
        return saml("Assertion", ["ID": id, "Version": "2.0", "IssueInstant": UTCTime.text(seconds: now)], children)
    }

    /// The end of an assertion's time, seconds since 1970.
    private func end(_ faults: Set<Fault>) -> Int64 {
        environment.seconds + (faults.contains(.expired) ? -3600 : settings.assertionLifetime)
    }

    private func subject(_ user: DemoUser, target: ResponseTarget, faults: Set<Fault>) -> XMLElement {
        let saml = SAMLNamespace.assertion
        var confirmation = [
            "NotOnOrAfter": UTCTime.text(seconds: end(faults)),
            "Recipient": faults.contains(.wrongRecipient) ? "http://other.localhost/acs" : target.consumerURL,
        ]
        confirmation["InResponseTo"] = inResponseTo(target, faults)
        let isTransient = faults.contains(.transientNameID)
        let nameID = saml(
            "NameID",
            [
                "Format": isTransient ? Self.transientFormat : Self.persistentFormat, "NameQualifier": entityID,
                "SPNameQualifier": target.serviceProvider,
            ],
            text: isTransient ? messageID() : user.subject)
        let confirmed = saml(
            "SubjectConfirmation", ["Method": "urn:oasis:names:tc:SAML:2.0:cm:bearer"],
            [
                saml("SubjectConfirmationData", confirmation)
            ])
        return saml("Subject", [:], faults.contains(.missingNameID) ? [confirmed] : [nameID, confirmed])
    }

    private func conditions(_ target: ResponseTarget, faults: Set<Fault>) -> XMLElement {
        let saml = SAMLNamespace.assertion
        let now = environment.seconds
        let begin = now + (faults.contains(.notYetValid) ? 3600 : faults.contains(.expired) ? -7200 : -5)
        let audience = faults.contains(.wrongAudience) ? "http://other.localhost/sp" : target.serviceProvider
        let restriction = saml("AudienceRestriction", [:], [saml("Audience", text: audience)])
        return saml(
            "Conditions",
            [
                "NotBefore": UTCTime.text(seconds: begin),
                "NotOnOrAfter": UTCTime.text(seconds: faults.contains(.notYetValid) ? begin + 300 : end(faults)),
            ],
            faults.contains(.missingAudience) ? [] : [restriction])
    }

    private func attributes(of user: DemoUser, faults: Set<Fault>) -> XMLElement {
        let saml = SAMLNamespace.assertion
        func attribute(_ name: String, _ values: [XMLElement]) -> XMLElement {
            saml(
                "Attribute", ["Name": name, "NameFormat": "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"], values)
        }
        func value(_ text: String) -> XMLElement { saml("AttributeValue", text: text) }
        var statements = [attribute("displayName", [value(user.name)])]
        if !faults.contains(.missingEmail) {
            statements.insert(attribute("mail", [value(user.email)]), at: 0)
        }
        if !user.groups.isEmpty { statements.append(attribute("memberOf", user.groups.map(value))) }
        return saml("AttributeStatement", [:], statements)
    }
}
