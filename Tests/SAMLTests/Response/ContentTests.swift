import Testing

@testable import SAML

/// What the response and the assertion say (E20 to E22, E31, E32), with everything signed properly.
@Suite struct ContentTests {
    static let cases: [ResponseCase] = [
        // Control
        ResponseCase("unchanged", nil) { _ in },

        // Envelope
        ResponseCase("another root", .notAResponse) { $0.rootName = "LogoutResponse" },
        ResponseCase("version 1.1 of the response", .versionNotSupported) { $0.responseAttributes["Version"] = "1.1" },
        ResponseCase("version 1.1 of the assertion", .versionNotSupported) { $0.assertionAttributes["Version"] = "1.1" },
        ResponseCase("no version", .versionNotSupported) { $0.assertionAttributes["Version"] = nil },
        ResponseCase("a status other than success", .statusNotSuccess) {
            $0.status = $0.status.replacing("status:Success", with: "status:Responder")
        },
        ResponseCase("no status", .statusMissing) { $0.status = "" },
        ResponseCase("two statuses", .statusMissing) { $0.status += $0.status },
        ResponseCase("extensions", .unexpectedElement) { $0.extraInResponse = "<samlp:Extensions/>" },
        ResponseCase("no issuer of the response", nil) { $0.responseIssuer = "" },
        ResponseCase("another issuer of the response", .responseIssuer) {
            $0.responseIssuer = "<saml:Issuer>https://other.example</saml:Issuer>"
        },
        ResponseCase("an issuer with white space", .responseIssuer) {
            $0.responseIssuer = "<saml:Issuer> \(TestResponse.entityID)</saml:Issuer>"
        },
        ResponseCase("an issuer of another format", .responseIssuer) {
            $0.responseIssuer = "<saml:Issuer Format=\"urn:x\">\(TestResponse.entityID)</saml:Issuer>"
        },
        ResponseCase("two issuers of the response", .responseIssuer) { $0.responseIssuer += $0.responseIssuer },
        ResponseCase("another issuer of the assertion", .assertionIssuer) {
            $0.assertionIssuer = "<saml:Issuer>https://other.example</saml:Issuer>"
        },
        ResponseCase("no issuer of the assertion", .assertionIssuer) { $0.assertionIssuer = "" },
        ResponseCase("another destination", .destination) {
            $0.responseAttributes["Destination"] = "https://auth.example.com/v1/b2b/sso/callback/saml-2"
        },
        ResponseCase("an empty destination", .destination) { $0.responseAttributes["Destination"] = "" },
        ResponseCase("advice", .unexpectedElement) { $0.extraInAssertion = "<saml:Advice/>" },
        ResponseCase("an authorization decision", .unexpectedElement) { $0.extraInAssertion = "<saml:AuthzDecisionStatement/>" },

        // InResponseTo
        ResponseCase("another request in the response", .inResponseTo) { $0.responseAttributes["InResponseTo"] = "_request-2" },
        ResponseCase("no request in the response", .inResponseTo) { $0.responseAttributes["InResponseTo"] = nil },
        ResponseCase("another request in the confirmation", .inResponseTo) { $0.confirmationData["InResponseTo"] = "_request-2" },
        ResponseCase("no request in the confirmation", .inResponseTo) { $0.confirmationData["InResponseTo"] = nil },

        // Subject confirmation
        ResponseCase("another recipient", .recipient) { $0.confirmationData["Recipient"] = "https://other.example/acs" },
        ResponseCase("no recipient", .recipient) { $0.confirmationData["Recipient"] = nil },
        ResponseCase("an empty recipient", .recipient) { $0.confirmationData["Recipient"] = "" },
        ResponseCase("holder of key", .subjectConfirmation) { $0.confirmationMethod = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key" },
        ResponseCase("a confirmation with NotBefore", .subjectConfirmation) { $0.confirmationData["NotBefore"] = TestResponse.time(-60) },
        ResponseCase("a confirmation without end", .subjectConfirmation) { $0.confirmationData["NotOnOrAfter"] = nil },
        ResponseCase("no subject", .subjectMissing) { $0.subject = "" },
        ResponseCase("two subjects", .subjectMissing) { $0.subject = "<saml:Subject/><saml:Subject/>" },
        ResponseCase("a subject without confirmation", .subjectConfirmation) { $0.subject = "<saml:Subject>\($0.nameID)</saml:Subject>" },
        ResponseCase("an encrypted identifier", .unexpectedElement) { $0.subject = "<saml:Subject><saml:EncryptedID/></saml:Subject>" },

        // Audience
        ResponseCase("no conditions", .conditionsMissing) { $0.conditionsElement = "" },
        ResponseCase("no audience restriction", .audience) { $0.conditions = "" },
        ResponseCase("an audience restriction without audience", .audience) { $0.conditions = "<saml:AudienceRestriction/>" },
        ResponseCase("an empty audience", .audience) { $0.conditions = audiences("") },
        ResponseCase("another audience", .audience) { $0.conditions = audiences("https://other.example") },
        ResponseCase("an audience that begins like ours", .audience) { $0.conditions = audiences(TestResponse.spEntityID + "2") },
        ResponseCase("ours among several audiences", nil) { $0.conditions = audiences("https://other.example", TestResponse.spEntityID) },
        ResponseCase("two restrictions with us", nil) { $0.conditions += $0.conditions },
        ResponseCase("two restrictions, one without us", .audience) { $0.conditions += audiences("https://other.example") },
        ResponseCase("one-time use and proxy restriction", nil) {
            $0.conditions += "<saml:OneTimeUse/><saml:ProxyRestriction Count=\"0\"/>"
        },
        ResponseCase("an unknown condition", .conditionUnknown) { $0.conditions += "<saml:Condition/>" },
        ResponseCase("a condition of another namespace", .conditionUnknown) { $0.conditions += "<x:OneTimeUse xmlns:x=\"urn:x\"/>" },

        // Authentication
        ResponseCase("no authentication statement", .authenticationStatement) { $0.authnStatement = "" },
        ResponseCase("two authentication statements", .authenticationStatement) {
            $0.extraInAssertion = "<saml:AuthnStatement AuthnInstant=\"\(TestResponse.time(-1))\"/>"
        },
        ResponseCase("no authentication instant", .authenticationStatement) { $0.authnAttributes["AuthnInstant"] = nil },
        ResponseCase("a session that is over", .sessionExpired) { $0.authnAttributes["SessionNotOnOrAfter"] = TestResponse.time(0) },
        ResponseCase("a session that is not over", nil) { $0.authnAttributes["SessionNotOnOrAfter"] = TestResponse.time(1) },
        ResponseCase("a session until 9999", nil) { $0.authnAttributes["SessionNotOnOrAfter"] = "9999-12-31T23:59:59Z" },

        // NameID
        ResponseCase("no NameID", .nameIDMissing) { $0.nameID = "" },
        ResponseCase("two NameIDs", .nameIDMalformed) { $0.nameID += $0.nameID },
        ResponseCase("an empty NameID", .nameIDMalformed) { $0.nameID = "<saml:NameID/>" },
        ResponseCase("a NameID with white space at its end", .nameIDMalformed) { $0.nameID = "<saml:NameID>alice </saml:NameID>" },
        ResponseCase("a NameID with a control character", .nameIDMalformed) { $0.nameID = "<saml:NameID>al&#9;ice</saml:NameID>" },
        ResponseCase("a NameID with an element in it", .nameIDMalformed) { $0.nameID = "<saml:NameID>al<b/>ice</saml:NameID>" },
        ResponseCase("a NameID of 1025 bytes", .nameIDMalformed) {
            $0.nameID = "<saml:NameID>\(String(repeating: "a", count: 1025))</saml:NameID>"
        },
        ResponseCase("a NameID of 1024 bytes", nil) { $0.nameID = "<saml:NameID>\(String(repeating: "a", count: 1024))</saml:NameID>" },
        ResponseCase("a transient NameID", .nameIDTransient) { $0.nameID = "<saml:NameID Format=\"\(NameID.transient)\">x</saml:NameID>" },

        // Attributes
        ResponseCase("no attributes", nil) { $0.attributes = "" },
        ResponseCase("an attribute twice with different values", .attributeRepeated) {
            $0.attributes = attribute("email", "a@x.example") + attribute("email", "b@x.example")
        },
        ResponseCase("an attribute twice in one statement", .attributeRepeated) {
            $0.attributes = attribute("email", "a@x.example").replacing(
                "</saml:AttributeStatement>", with: "<saml:Attribute Name=\"email\" NameFormat=\"urn:x\"/></saml:AttributeStatement>")
        },
        ResponseCase("an attribute without name", .attributeMalformed) {
            $0.attributes = "<saml:AttributeStatement><saml:Attribute/></saml:AttributeStatement>"
        },
        ResponseCase("an encrypted attribute", .attributeMalformed) {
            $0.attributes = "<saml:AttributeStatement><saml:EncryptedAttribute/></saml:AttributeStatement>"
        },
        ResponseCase("257 attributes", .attributeMalformed) { $0.attributes = (0..<257).map { attribute("a\($0)", "x") }.joined() },
        ResponseCase("256 attributes", nil) { $0.attributes = (0..<256).map { attribute("a\($0)", "x") }.joined() },
    ]

    static func audiences(_ values: String...) -> String {
        "<saml:AudienceRestriction>\(values.map { "<saml:Audience>\($0)</saml:Audience>" }.joined())</saml:AudienceRestriction>"
    }

    static func attribute(_ name: String, _ value: String) -> String {
        "<saml:AttributeStatement><saml:Attribute Name=\"\(name)\"><saml:AttributeValue>\(value)</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>"
    }

    @Test("What the assertion and the response say is held against what is expected", arguments: cases, TestResponse.Signing.signed)
    func content(row: ResponseCase, signing: TestResponse.Signing) {
        #expect(row.response(signing: signing).validate().refusal == row.refusal)
    }

    @Test("A response without destination is accepted only if it is not signed")
    func missingDestination() {
        var response = TestResponse()
        response.responseAttributes["Destination"] = nil
        #expect(response.validate().refusal == nil)
        response.signing = .response
        #expect(response.validate().refusal == .destination)
        response.signing = .both
        #expect(response.validate().refusal == .destination)
    }

    @Test("An unsolicited response must name no request at all")
    func unsolicited() {
        let expectations = TestResponse.expectations(inResponseTo: .unsolicited)
        var response = TestResponse()
        #expect(response.validate(expectations).refusal == .inResponseTo)
        response.responseAttributes["InResponseTo"] = nil
        #expect(response.validate(expectations).refusal == .inResponseTo)
        response.confirmationData["InResponseTo"] = nil
        #expect(response.validate(expectations).refusal == nil)
        #expect(response.validate().refusal == .inResponseTo)
    }

    @Test("The same key under another entity ID is another identity provider")
    func issuerOfAnotherConnection() {
        let other = TestResponse.identityProvider(keys: [.identityProvider], entityID: "https://other.example/metadata")
        var response = TestResponse()
        response.responseIssuer = ""
        #expect(response.validate(TestResponse.expectations(identityProvider: other)).refusal == .assertionIssuer)
        #expect(response.validate().refusal == nil)
    }

    @Test(
        "Format and qualifiers of the NameID are part of the subject",
        arguments: [
            ("", #"["urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",null,null,"al\"i\\ce"]"#),
            (" NameQualifier=\"q\"", #"["urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified","q",null,"al\"i\\ce"]"#),
            (" SPNameQualifier=\"q\"", #"["urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",null,"q","al\"i\\ce"]"#),
            (" Format=\"urn:f\" NameQualifier=\"\"", #"["urn:f","",null,"al\"i\\ce"]"#),
        ])
    func subject(attributes: String, subject: String) throws {
        var response = TestResponse()
        response.nameID = "<saml:NameID\(attributes)>al\"i\\ce</saml:NameID>"
        #expect(try response.validate().get().subject == subject)
    }

    @Test(
        "A subject attribute with one value identifies the person, with or without a NameID",
        arguments: [
            "", "<saml:NameID Format=\"\(NameID.transient)\">x</saml:NameID>",
        ])
    func subjectAttribute(nameID: String) throws {
        var response = TestResponse()
        response.nameID = nameID
        let subject = try response.validate(TestResponse.expectations(subjectAttribute: "mail")).get().subject
        #expect(subject == #"["attribute","mail","alice@acme.example"]"#)
        for name in ["groups", "absent"] {
            #expect(response.validate(TestResponse.expectations(subjectAttribute: name)).refusal == .subjectAttribute)
        }
        #expect(response.validate().refusal == (nameID.isEmpty ? .nameIDMissing : .nameIDTransient))
    }

    @Test("An attribute whose value has elements in it is left out; others stay")
    func structuredAttribute() throws {
        var response = TestResponse()
        response.attributes += Self.attribute("eduPersonTargetedID", "<saml:NameID>x</saml:NameID>")
        let assertion = try response.validate().get()
        #expect(assertion.attributes["eduPersonTargetedID"] == nil)
        #expect(assertion.values(named: "mail") == ["alice@acme.example"])
    }
}
