import Testing

@testable import SAML

/// The form of the signature, its place and its keys (E11, E12, E14 to E19).
@Suite struct SignatureTests {
    static let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
    static let exclusiveTransform = "<ds:Transform Algorithm=\"\(exclusive)\"/>"
    static let envelopedTransform = "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>"

    /// Signed like this by the IdP's own key: only the form is wrong.
    static let templates: [EditCase] = [
        EditCase("unchanged", nil) { $0 },
        EditCase("a list of inclusive namespaces", nil) {
            $0.replacing(exclusiveTransform, with: transform(inclusive: "xs saml"))
        },
        EditCase("a long list of inclusive namespaces", .signatureTransform) {
            $0.replacing(exclusiveTransform, with: transform(inclusive: (0..<17).map { "p\($0)" }.joined(separator: " ")))
        },
        EditCase("a list of inclusive namespaces of 257 bytes", .signatureTransform) {
            $0.replacing(exclusiveTransform, with: transform(inclusive: String(repeating: "p", count: 257)))
        },
        EditCase("exclusive canonicalisation with comments", .signatureTransform) {
            $0.replacing(exclusiveTransform, with: "<ds:Transform Algorithm=\"\(exclusive)WithComments\"/>")
        },
        EditCase("inclusive canonicalisation", .signatureTransform) {
            $0.replacing(exclusiveTransform, with: "<ds:Transform Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"/>")
        },
        EditCase("inclusive canonicalisation of SignedInfo", .signatureTransform) {
            $0.replacing(
                "<ds:CanonicalizationMethod Algorithm=\"\(exclusive)\"/>",
                with: "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"/>")
        },
        EditCase("enveloped transform alone", .signatureTransform) { $0.replacing(exclusiveTransform, with: "") },
        EditCase("transforms in the other order", .signatureTransform) {
            $0.replacing(envelopedTransform + exclusiveTransform, with: exclusiveTransform + envelopedTransform)
        },
        EditCase("a third transform", .signatureTransform) {
            $0.replacing(exclusiveTransform, with: exclusiveTransform + exclusiveTransform)
        },
        EditCase("an XPath transform", .signatureTransform) {
            $0.replacing(
                exclusiveTransform,
                with: "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:XPath>true()</ds:XPath></ds:Transform>"
                    + exclusiveTransform)
        },
        EditCase("a reference to the whole document", .signatureReference) {
            $0.replacing("URI=\"#_assertion-1\"", with: "URI=\"\"").replacing("URI=\"#_response-1\"", with: "URI=\"\"")
        },
        EditCase("a reference by XPointer", .signatureReference) {
            $0.replacing("URI=\"#_assertion-1\"", with: "URI=\"#xpointer(id('_assertion-1'))\"").replacing(
                "URI=\"#_response-1\"", with: "URI=\"#xpointer(id('_response-1'))\"")
        },
        EditCase("a reference with a type", .signatureReference) {
            $0.replacing("<ds:Reference ", with: "<ds:Reference Type=\"http://www.w3.org/2000/09/xmldsig#Object\" ")
        },
        EditCase("RSA with SHA-1", .signatureAlgorithm) {
            $0.replacing("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", with: "http://www.w3.org/2000/09/xmldsig#rsa-sha1")
        },
        EditCase("a SHA-1 digest", .digestAlgorithm) {
            $0.replacing("http://www.w3.org/2001/04/xmlenc#sha256", with: "http://www.w3.org/2000/09/xmldsig#sha1")
        },
        EditCase("a manifest", .signatureMalformed) {
            $0.replacing("</ds:Signature>", with: "<ds:Object><ds:Manifest/></ds:Object></ds:Signature>")
        },
        EditCase("an Object behind KeyInfo", .signatureMalformed) {
            $0.replacing("</ds:Signature>", with: "<ds:KeyInfo/><ds:Object/></ds:Signature>")
        },
        EditCase("a second reference", .signatureMalformed) { text in
            let reference = text.slice(from: "<ds:Reference", through: "</ds:Reference>")
            return text.replacing(reference, with: reference + reference)
        },
        EditCase("an Id on SignedInfo", .unexpectedIdentifier) { $0.replacing("<ds:SignedInfo", with: "<ds:SignedInfo Id=\"s\"") },
    ]

    static func transform(inclusive prefixes: String) -> String {
        "<ds:Transform Algorithm=\"\(exclusive)\"><ec:InclusiveNamespaces xmlns:ec=\"\(exclusive)\" PrefixList=\"\(prefixes)\"/></ds:Transform>"
    }

    @Test("Only the one form of signature is accepted, though the IdP's key made it", arguments: templates, TestResponse.Signing.signed)
    func form(row: EditCase, signing: TestResponse.Signing) {
        var response = TestResponse()
        response.signing = signing
        response.editTemplate = row.edit
        #expect(response.validate().refusal == row.refusal)
    }

    /// Done to the text of a signed response.
    static let edits: [EditCase] = [
        EditCase("unchanged", nil) { $0 },
        EditCase("the person changed", .signatureInvalid) { $0.replacing(">alice<", with: ">admin<") },
        EditCase("an attribute changed", .signatureInvalid) { $0.replacing("alice@acme", with: "admin@acme") },
        EditCase("white space added to covered content", .signatureInvalid) { $0.replacing("<saml:Subject>", with: "<saml:Subject> ") },
        EditCase("no signature", .signatureMissing) {
            $0.replacing($0.slice(from: "<ds:Signature ", through: "</ds:Signature>"), with: "")
        },
        EditCase("an empty SignatureValue", .signatureMalformed) { replaceContent(of: "SignatureValue", in: $0) { _ in "" } },
        EditCase("another SignatureValue", .signatureInvalid) {
            replaceContent(of: "SignatureValue", in: $0) { _ in Base64.encode([UInt8](repeating: 1, count: 256)) }
        },
        EditCase("a short SignatureValue", .signatureInvalid) { replaceContent(of: "SignatureValue", in: $0) { _ in "AAAA" } },
        EditCase("an element in SignatureValue", .signatureMalformed) { replaceContent(of: "SignatureValue", in: $0) { $0 + "<x/>" } },
        EditCase("a space in SignatureValue", .signatureMalformed) { replaceContent(of: "SignatureValue", in: $0) { " " + $0 } },
        EditCase("a comment in SignatureValue", .comment) { replaceContent(of: "SignatureValue", in: $0) { $0 + "<!---->" } },
        EditCase("a comment in DigestValue", .comment) { replaceContent(of: "DigestValue", in: $0) { "<!--x-->" + $0 } },
        EditCase("an element in DigestValue", .signatureMalformed) { replaceContent(of: "DigestValue", in: $0) { $0 + "<x/>" } },
        EditCase("white space in DigestValue", .signatureMalformed) { replaceContent(of: "DigestValue", in: $0) { $0 + "\n" } },
        EditCase("another DigestValue", .signatureInvalid) {
            replaceContent(of: "DigestValue", in: $0) { _ in Base64.encode([UInt8](repeating: 1, count: 32)) }
        },
        EditCase("a short DigestValue", .signatureMalformed) { replaceContent(of: "DigestValue", in: $0) { _ in "AAAA" } },
        EditCase("the digest of nothing", .emptyDigest) {
            replaceContent(of: "DigestValue", in: $0) { _ in Base64.encode(OpenSSLBytes.sha256([])) }
        },
        EditCase("no reference", .signatureMalformed) {
            $0.replacing($0.slice(from: "<ds:Reference", through: "</ds:Reference>"), with: "")
        },
        EditCase("two SignedInfo", .signatureMalformed) { text in
            let information = text.slice(from: "<ds:SignedInfo", through: "</ds:SignedInfo>")
            return text.replacing(information, with: information + information)
        },
        EditCase("text between the parts of the signature", .signatureMalformed) {
            $0.replacing("<ds:SignatureValue>", with: "x<ds:SignatureValue>")
        },
        EditCase("HMAC", .signatureAlgorithm) {
            $0.replacing("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", with: "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")
        },
        EditCase("HMAC with an output length", .signatureAlgorithm) {
            $0.replacing(
                "xmldsig-more#rsa-sha256\"/>",
                with: "xmldsig-more#rsa-sha256\"><ds:HMACOutputLength>0</ds:HMACOutputLength></ds:SignatureMethod>")
        },
        EditCase("ECDSA with an RSA key", .signatureInvalid) { $0.replacing("xmldsig-more#rsa-sha256", with: "xmldsig-more#ecdsa-sha256") },
        EditCase("a reference to an address", .signatureReference) {
            $0.replacing("URI=\"#_assertion-1\"", with: "URI=\"http://127.0.0.1:1/x\"")
        },
        EditCase("a reference to a file", .signatureReference) {
            $0.replacing("URI=\"#_assertion-1\"", with: "URI=\"file:///etc/passwd\"")
        },
        EditCase("a reference to another element", .signatureReference) {
            $0.replacing("URI=\"#_assertion-1\"", with: "URI=\"#_response-1\"")
        },
        EditCase("a signature moved to the subject", .signatureMisplaced) { text in
            let signature = text.slice(from: "<ds:Signature ", through: "</ds:Signature>")
            return text.replacing(signature, with: "").replacing("<saml:Subject>", with: "<saml:Subject>" + signature)
        },
        EditCase("the assertion's signature moved to the response", .signatureReference) { text in
            let signature = text.slice(from: "<ds:Signature ", through: "</ds:Signature>")
            return text.replacing(signature, with: "").replacing("<samlp:Status>", with: signature + "<samlp:Status>")
        },
        EditCase("the signature twice", .signatureMalformed) { text in
            let signature = text.slice(from: "<ds:Signature ", through: "</ds:Signature>")
            return text.replacing(signature, with: signature + signature)
        },
        EditCase("a signature of another namespace", .signatureMisplaced) {
            $0.replacing("<saml:Subject>", with: "<saml:Subject><x:Signature xmlns:x=\"urn:x\"/>")
        },
        EditCase("an ID of another element", .unexpectedIdentifier) { $0.replacing("<samlp:Status>", with: "<samlp:Status ID=\"_x\">") },
        EditCase("the assertion's ID again", .duplicateIdentifier) { $0.replacing("ID=\"_response-1\"", with: "ID=\"_assertion-1\"") },
        EditCase("an Id beside the ID", .unexpectedIdentifier) { $0.replacing("ID=\"_response-1\"", with: "ID=\"_response-1\" Id=\"_x\"") },
        EditCase("an id beside the ID", .unexpectedIdentifier) { $0.replacing("ID=\"_response-1\"", with: "ID=\"_response-1\" id=\"_x\"") },
        EditCase("an xml:id", .unexpectedIdentifier) { $0.replacing("<samlp:Status>", with: "<samlp:Status xml:id=\"_assertion-1\">") },
        EditCase("a prefixed ID", .unexpectedIdentifier) { $0.replacing("ID=\"_response-1\"", with: "samlp:ID=\"_response-1\"") },
        EditCase("an identifier that is not a name", .unexpectedIdentifier) { $0.replacing("ID=\"_response-1\"", with: "ID=\"a' or '1\"") },
    ]

    static func replaceContent(of element: String, in text: String, _ edit: (String) -> String) -> String {
        let old = text.slice(from: "<ds:\(element)>", through: "</ds:\(element)>")
        let content = String(old.dropFirst("<ds:\(element)>".count).dropLast("</ds:\(element)>".count))
        return text.replacing(old, with: "<ds:\(element)>\(edit(content))</ds:\(element)>")
    }

    @Test("An edit of a signed response is refused", arguments: edits)
    func edit(row: EditCase) {
        let signed = TestResponse().xml()
        let edited = row.edit(signed)
        #expect(row.refusal == nil || edited != signed, "the edit changed something")
        #expect(TestResponse.validate(edited).refusal == row.refusal)
    }

    @Test(
        "Where both are signed, either broken signature refuses",
        arguments: [
            ("_assertion-1", SAMLRefusal.signatureInvalid), ("_response-1", .signatureReference),
        ])
    func bothMustVerify(identifier: String, refusal: SAMLRefusal) {
        var response = TestResponse()
        response.signing = .both
        let signed = response.xml()
        #expect(TestResponse.validate(signed).refusal == nil)
        let broken = signed.replacing("#\(identifier)", with: "#_other")
        #expect(TestResponse.validate(broken).refusal == refusal)
    }

    @Test("A valid response signature does not carry an assertion with a broken one")
    func brokenInnerSignature() {
        var response = TestResponse()
        response.signing = .assertion
        let inner = SignatureTests.replaceContent(of: "SignatureValue", in: response.xml()) { _ in "AAAA" }
        let template = response.template(for: "_response-1")
        let outer = TestSigner.sign(
            inner.replacingFirst("<samlp:Status>", with: template + "<samlp:Status>"), elementWithID: "_response-1", key: .identityProvider)
        #expect(TestResponse.validate(outer).refusal == .signatureInvalid)
    }

    @Test("Another key with the same names in its certificate is refused, also when its certificate is in KeyInfo")
    func foreignKey() {
        var response = TestResponse()
        response.key = .attacker
        #expect(response.validate().refusal == .signatureInvalid)
        let certificate = Base64.encode(TestKey.attacker.certificate)
        response.editTemplate = { template in
            template.replacing(
                "</ds:Signature>",
                with:
                    "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>\(certificate)</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>"
            )
        }
        #expect(response.validate().refusal == .signatureInvalid)
        let attacker = TestResponse.identityProvider(keys: [.attacker])
        #expect(response.validate(TestResponse.expectations(identityProvider: attacker)).refusal == nil, "control")
    }

    @Test("An Id on the signature is let through, but not a second time")
    func signatureIdentifier() {
        var response = TestResponse()
        response.editTemplate = { $0.replacing("<ds:Signature ", with: "<ds:Signature Id=\"s\" ") }
        #expect(response.validate().refusal == nil)
        response.signing = .both
        #expect(response.validate().refusal == .duplicateIdentifier)
        response.signing = .assertion
        response.editTemplate = { $0.replacing("<ds:Signature ", with: "<ds:Signature Id=\"_assertion-1\" ") }
        #expect(response.validate().refusal == .duplicateIdentifier)
    }

    @Test(
        "KeyInfo is not read: nothing is fetched, and a wrong certificate in it does not matter",
        arguments: [
            "<ds:RetrievalMethod URI=\"http://127.0.0.1:1/key\"/>", "<ds:KeyName>x</ds:KeyName>", "<ds:X509Data/>",
        ])
    func keyInfo(content: String) {
        var response = TestResponse()
        response.editTemplate = { $0.replacing("</ds:Signature>", with: "<ds:KeyInfo>\(content)</ds:KeyInfo></ds:Signature>") }
        #expect(response.validate().refusal == nil)
    }
}
