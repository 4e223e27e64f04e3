import Foundation
import Testing

@testable import DemoWorld

@Suite struct SingleSignOnTests {
    static let consumer = "http://127.0.0.1:8080/acs"
    static let serviceProvider = "http://127.0.0.1:8080/sp"
    let clock = HandClock()

    static func provider(_ clock: HandClock, signsResponse: Bool = false, users: [DemoUser] = [.ivan, .gina]) throws
        -> DemoSAMLIdentityProvider
    {
        try DemoSAMLIdentityProvider(
            origin: "http://127.0.0.1:9500",
            settings: .init(users: users, serviceProviders: [serviceProvider: consumer], signsResponse: signsResponse),
            environment: clock.environment)
    }

    /// The target of a request by HTTP-Redirect. A stored block is valid DEFLATE.
    static func target(_ attributes: String = "", issuer: String = serviceProvider, extra: String = "", relayState: String? = "relay&1")
        -> String
    {
        let xml = """
            <samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" \
            ID="_request-1" Version="2.0" IssueInstant="2027-01-15T08:00:00Z" \(attributes)><saml:Issuer>\(issuer)</saml:Issuer>\
            \(extra)</samlp:AuthnRequest>
            """
        let length = UInt16(xml.utf8.count)
        let block: [UInt8] = [1, UInt8(length & 255), UInt8(length >> 8), UInt8(~length & 255), UInt8(~length >> 8)]
        var pairs = [FormFields.Pair("SAMLRequest", Data(block + Array(xml.utf8)).base64EncodedString())]
        if let relayState { pairs.append(.init("RelayState", relayState)) }
        return "/sso?" + FormFields(pairs).encoded
    }

    /// The value of a hidden field of the page that goes back.
    static func field(_ name: String, _ page: DemoReply) -> String? {
        guard let start = page.text.range(of: "name=\"\(name)\" value=\"")?.upperBound else { return nil }
        return String(page.text[start...].prefix { $0 != "\"" })
    }

    static func response(_ page: DemoReply) -> String {
        field("SAMLResponse", page).flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    @Test func `The page lists the users and signs nobody in by GET`() async throws {
        var browser = Browser(try Self.provider(clock))
        let page = await browser.get(Self.target() + "&user=ivan")
        #expect(page.status == 200)
        #expect(page.text.contains("name=\"user\" value=\"ivan\""))
        #expect(Self.field("SAMLResponse", page) == nil)
    }

    @Test func `The answer goes to the registered address with the relay state, with and without scripts`() async throws {
        var browser = Browser(try Self.provider(clock))
        let page = await browser.post(Self.target(), ["user": "ivan"])
        #expect(page.text.contains("<form method=\"post\" action=\"\(Self.consumer)\" data-submit>"))
        #expect(page.text.contains("<button class=\"primary\">Continue</button>"))
        #expect(page.text.contains("src=\"/public/assets/submit.js\""))
        #expect(Self.field("RelayState", page) == "relay&amp;1")
        let xml = Self.response(page)
        for part in [
            "InResponseTo=\"_request-1\"", "Destination=\"\(Self.consumer)\"", "Recipient=\"\(Self.consumer)\"",
            "<saml:Audience>\(Self.serviceProvider)</saml:Audience>", ">initech-user-2001</saml:NameID>",
            "<saml:AttributeValue>ivan@initech.example</saml:AttributeValue>", "<saml:AttributeValue>Ivan Ivanov</saml:AttributeValue>",
            "Name=\"memberOf\"", "IssueInstant=\"2027-01-15T08:00:00Z\"", "NotOnOrAfter=\"2027-01-15T08:05:00Z\"",
        ] { #expect(xml.contains(part), "\(part)") }
    }

    @Test(
        "A request that is not in order gets a page and no response",
        arguments: [
            target(issuer: "http://other.example/sp"),
            target("AssertionConsumerServiceURL=\"http://evil.example/acs\""),
            target("Destination=\"http://other.example/sso\""),
            target("ProtocolBinding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact\""),
            "/sso", "/sso?SAMLRequest=AwA%3D", "/sso?SAMLRequest=%21", "/sso?SAMLRequest=a&SAMLRequest=b",
            target() + "&RelayState=other",
        ])
    func refused(target: String) async throws {
        var browser = Browser(try Self.provider(clock))
        let reply = await browser.post(target, ["user": "ivan"])
        #expect(reply.status == 400)
        #expect(!reply.text.contains("SAMLResponse"))
        #expect(await browser.post(Self.target("Destination=\"http://127.0.0.1:9500/sso\""), ["user": "ivan"]).status == 200)
    }

    @Test func `A second request offers to go on, unless it forces authentication`() async throws {
        var browser = Browser(try Self.provider(clock))
        _ = await browser.post(Self.target(), ["user": "ivan"])
        #expect(await browser.get(Self.target()).text.contains("Continue as Ivan Ivanov"))
        #expect(await !browser.get(Self.target("ForceAuthn=\"true\"")).text.contains("Continue as"))
        #expect(await !browser.get(Self.target() + "&choose=1").text.contains("Continue as"))
    }

    @Test func `A passive request, a refusal and an odd NameID are answered with their status`() async throws {
        var browser = Browser(try Self.provider(clock))
        let passive = Self.target("IsPassive=\"true\"")
        #expect(Self.response(await browser.get(passive)).contains("status:NoPassive"))
        #expect(Self.response(await browser.post(Self.target(), ["user": ""])).contains("status:AuthnFailed"))
        let format = "<samlp:NameIDPolicy Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress\"/>"
        let odd = Self.response(await browser.get(Self.target(extra: format)))
        #expect(odd.contains("status:InvalidNameIDPolicy"))
        #expect(!odd.contains("<saml:Assertion"))
        _ = await browser.post(Self.target(), ["user": "ivan"])
        #expect(Self.response(await browser.get(passive)).contains("status:Success"))
    }

    @Test func `A soft rotation keeps the old certificate in the metadata, a hard one does not`() throws {
        let provider = try Self.provider(clock)
        func inMetadata(_ pem: String) -> Bool {
            provider.metadata.contains(pem.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined())
        }
        let first = provider.certificatePEM
        #expect(inMetadata(first))
        try provider.rotateKeys(.soft)
        let second = provider.certificatePEM
        #expect(second != first)
        #expect(inMetadata(first) && inMetadata(second))
        try provider.rotateKeys(.hard)
        #expect(!inMetadata(first) && !inMetadata(second))
        #expect(inMetadata(provider.certificatePEM))
    }

    @Test func `An unsolicited response answers nothing, and unknown names get none`() throws {
        let provider = try Self.provider(clock)
        let response = try #require(try provider.unsolicitedResponse(login: "ivan", serviceProvider: Self.serviceProvider))
        let xml = String(decoding: try #require(Data(base64Encoded: response)), as: UTF8.self)
        #expect(xml.contains("<saml:Assertion"))
        #expect(!xml.contains("InResponseTo"))
        #expect(try provider.unsolicitedResponse(login: "nobody", serviceProvider: Self.serviceProvider) == nil)
        #expect(try provider.unsolicitedResponse(login: "ivan", serviceProvider: "http://other.example") == nil)
    }
}
