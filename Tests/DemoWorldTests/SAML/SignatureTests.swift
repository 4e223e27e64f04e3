import Foundation
import Testing

@testable import DemoWorld

/// Checks signatures with xmlsec1, which shares no code with what made them.
@Suite struct SignatureTests {
    let clock = HandClock()

    /// Whether xmlsec1 accepts the first signature within elements of that name, with the key of `certificate` alone.
    private func verifies(_ xml: String, element: String = "Assertion", certificate: String) throws -> Bool {
        try withTemporaryFolder { folder in
            let certificateFile = folder.appendingPathComponent("certificate.pem")
            let messageFile = folder.appendingPathComponent("message.xml")
            try Data(certificate.utf8).write(to: certificateFile)
            try Data(xml.utf8).write(to: messageFile)
            let isResponse = element == "Response"
            let namespace = "urn:oasis:names:tc:SAML:2.0:" + (isResponse ? "protocol" : "assertion")
            let path = isResponse ? "/*[local-name()='Response']" : "/*/*[local-name()='Assertion']"
            return try run(
                "xmlsec1",
                [
                    "--verify", "--id-attr:ID", "\(namespace):\(element)", "--enabled-key-data", "rsa", "--pubkey-cert-pem",
                    certificateFile.path, "--node-xpath", path + "/*[local-name()='Signature']", messageFile.path,
                ]
            ).status == 0
        }
    }

    private func message(_ provider: DemoSAMLIdentityProvider, login: String = "ivan") async -> String {
        var browser = Browser(provider)
        return SingleSignOnTests.response(await browser.post(SingleSignOnTests.target(), ["user": login]))
    }

    @Test("The assertion's signature holds, and the response's where it is signed too", arguments: [false, true])
    func signatures(signsResponse: Bool) async throws {
        let odd = DemoUser(
            login: "odd", name: "O'Dd <&> \"quoted\" \u{1F600}", email: "odd@initech.example", groups: ["a&b", "tab\tand\rreturn"],
            subject: "1&2")
        let provider = try SingleSignOnTests.provider(clock, signsResponse: signsResponse, users: [odd])
        let xml = await message(provider, login: "odd")
        #expect(xml.contains("<saml:Assertion"))
        #expect(try verifies(xml, certificate: provider.certificatePEM))
        #expect(try verifies(xml, element: "Response", certificate: provider.certificatePEM) == signsResponse)
    }

    @Test(
        "A fault of the signature is one",
        arguments: [.unsigned, .badSignature, .tamperedAfterSigning, .signedWithOtherKey]
            as [DemoSAMLIdentityProvider.Fault])
    func faults(fault: DemoSAMLIdentityProvider.Fault) async throws {
        let provider = try SingleSignOnTests.provider(clock, signsResponse: true)
        provider.inject(fault)
        let spoilt = await message(provider)
        #expect(spoilt.contains("<saml:Assertion"))
        #expect(try !verifies(spoilt, certificate: provider.certificatePEM))
        provider.withdraw(fault)
        #expect(try verifies(await message(provider), certificate: provider.certificatePEM))
    }

    @Test(
        "Other faults are in the message, and under a signature that holds",
        arguments: [
            (.wrongAudience, "<saml:Audience>http://other.localhost/sp<", true), (.missingAudience, "AudienceRestriction", false),
            (.wrongRecipient, "Recipient=\"http://other.localhost/acs\"", true),
            (.wrongDestination, "Destination=\"http://other.localhost/acs\"", true),
            (.wrongInResponseTo, "InResponseTo=\"_another-request\"", true), (.missingInResponseTo, "InResponseTo", false),
            (.otherIssuer, "http://other.localhost/metadata", true), (.expired, "NotOnOrAfter=\"2027-01-15T07:00:00Z\"", true),
            (.notYetValid, "NotBefore=\"2027-01-15T09:00:00Z\"", true), (.missingConditions, "<saml:Conditions", false),
            (.transientNameID, "nameid-format:transient", true), (.missingNameID, "<saml:NameID", false),
            (.missingEmail, "Name=\"mail\"", false), (.commentInEmail, "i<!---->van@initech.example", true),
        ] as [(DemoSAMLIdentityProvider.Fault, String, Bool)])
    func otherFaults(fault: DemoSAMLIdentityProvider.Fault, part: String, isThere: Bool) async throws {
        let provider = try SingleSignOnTests.provider(clock)
        #expect(await message(provider).contains(part) == !isThere)
        provider.inject(fault)
        let spoilt = await message(provider)
        #expect(spoilt.contains(part) == isThere)
        #expect(try verifies(spoilt, certificate: provider.certificatePEM))
        provider.withdrawAllFaults()
        #expect(await message(provider).contains(part) == !isThere)
    }

    @Test func `A refusal has no assertion, and a repeated one has the id of the one before`() async throws {
        let provider = try SingleSignOnTests.provider(clock)
        func id(_ xml: String) throws -> Substring? {
            try xml.firstMatch(of: Regex("<saml:Assertion [^>]*ID=\"([^\"]*)\""))?.output[1].substring
        }
        let first = try id(await message(provider))
        #expect(first != nil)
        #expect(try id(await message(provider)) != first)
        provider.inject(.repeatsAssertionID)
        let repeated = try id(await message(provider))
        #expect(try id(await message(provider)) == repeated)
        provider.inject(.authenticationFailed)
        let refused = await message(provider)
        #expect(refused.contains("status:AuthnFailed"))
        #expect(!refused.contains("<saml:Assertion"))
    }
}
