import Testing

@testable import SAML

/// What never reaches a reader, whoever signed it (E10 to E13, E23, E24).
@Suite struct XMLTests {
    static let edits: [EditCase] = [
        EditCase("unchanged", nil) { $0 },
        EditCase("an XML declaration", nil) { "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone='yes'?>\n" + $0 },
        EditCase("a declaration without encoding", nil) { "<?xml version='1.0'?>" + $0 },
        EditCase("white space around the document", nil) { $0 + "\n" },

        EditCase("a document type", .documentType) { "<!DOCTYPE samlp:Response>" + $0 },
        EditCase("an external document type", .documentType) { "<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/x.dtd\">" + $0 },
        EditCase("an external entity", .documentType) {
            "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>" + $0.replacing("alice", with: "&x;")
        },
        EditCase("a billion laughs", .documentType) { _ in
            "<!DOCTYPE a [<!ENTITY a \"ha\">"
                + (0..<9).map { "<!ENTITY a\($0 + 1) \"\(String(repeating: "&a\($0 == 0 ? "" : String($0));", count: 10))\">" }.joined()
                + "]><a>&a9;</a>"
        },
        EditCase("an undeclared entity", .notWellFormed) { $0.replacing("alice", with: "&x;") },
        EditCase("XInclude", .unexpectedNode) {
            $0.replacing(
                "<samlp:Status>",
                with: "<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"file:///etc/passwd\"/><samlp:Status>")
        },
        EditCase("a processing instruction", .processingInstruction) { $0.replacing("alice", with: "al<?x?>ice") },
        EditCase("a processing instruction before the root", .processingInstruction) { "<?xml-stylesheet href=\"x\"?>" + $0 },
        EditCase("a comment in the NameID", .comment) { $0.replacing(">alice<", with: ">alice<!---->.evil<") },
        EditCase("a comment in an attribute value", .comment) {
            $0.replacing("alice@acme.example", with: "alice@acme.example<!--x-->.evil.example")
        },
        EditCase("a comment in the issuer", .comment) { $0.replacing("metadata</saml:Issuer>", with: "meta<!---->data</saml:Issuer>") },
        EditCase("a comment in the audience", .comment) { $0.replacing("/sp</saml:Audience>", with: "/sp<!---->x</saml:Audience>") },
        EditCase("a comment outside", .comment) { $0 + "<!-- x -->" },
        EditCase("CDATA in the NameID", .characterDataSection) { $0.replacing(">alice<", with: "><![CDATA[alice]]><") },

        EditCase("a relative namespace", .relativeNamespace) { $0.replacing("<samlp:Status>", with: "<samlp:Status xmlns:r=\"1\">") },
        EditCase("a relative default namespace", .relativeNamespace) {
            $0.replacing("<saml:Subject>", with: "<saml:Subject xmlns=\"../x\">")
        },
        EditCase("a namespace that is no URI", .notWellFormed) { $0.replacing("<saml:Subject>", with: "<saml:Subject xmlns:r=\"1:x\">") },
        EditCase("an undeclared prefix", .notWellFormed) { $0.replacing("<saml:Subject>", with: "<saml:Subject q:a=\"1\">") },
        EditCase("an attribute twice", .notWellFormed) { $0.replacing("Version=\"2.0\"", with: "Version=\"2.0\" Version=\"2.0\"") },
        EditCase("an attribute twice by two prefixes", .notWellFormed) {
            $0.replacing("<samlp:Status>", with: "<samlp:Status xmlns:a=\"urn:x\" xmlns:b=\"urn:x\" a:y=\"1\" b:y=\"2\">")
        },
        EditCase("the xml prefix bound to something else", .notWellFormed) {
            $0.replacing("<samlp:Status>", with: "<samlp:Status xmlns:xml=\"urn:x\">")
        },
        EditCase("a shadowed prefix", .notAResponse) { $0.replacingFirst("urn:oasis:names:tc:SAML:2.0:protocol", with: "urn:x") },
        EditCase("two roots", .notWellFormed) { $0 + "<a/>" },
        EditCase("a cut document", .notWellFormed) { String($0.dropLast(5)) },
        EditCase("XML 1.1", .notWellFormed) { "<?xml version=\"1.1\"?>" + $0 },
        EditCase("UTF-16 declared", .characterEncoding) { "<?xml version=\"1.0\" encoding=\"UTF-16\"?>" + $0 },
        EditCase("UTF-7 declared", .characterEncoding) { "<?xml version=\"1.0\" encoding=\"UTF-7\"?>" + $0 },
        EditCase("ISO-8859-1 declared", .characterEncoding) { "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" + $0 },
        EditCase("a byte order mark", .characterEncoding) { "\u{FEFF}" + $0 },
        EditCase("NUL", .characterEncoding) { $0.replacing("alice", with: "al\0ice") },
        EditCase("a reference to NUL", .notWellFormed) { $0.replacing("alice", with: "al&#0;ice") },
        EditCase("no XML", .notWellFormed) { _ in "alice" },

        EditCase("deep nesting", .tooDeep) { _ in String(repeating: "<a>", count: 100_000) },
        EditCase("many elements", .tooManyElements) { _ in "<a>" + String(repeating: "<b/>", count: 20_000) + "</a>" },
        EditCase("many attributes", .tooManyAttributes) { _ in "<a " + (0..<20_000).map { "a\($0)=\"\" " }.joined() + "/>" },
        EditCase("many namespaces", .tooManyAttributes) { _ in "<a " + (0..<65).map { "xmlns:a\($0)=\"urn:x\" " }.joined() + "/>" },
        EditCase("a large document", .tooLarge) { $0 + String(repeating: " ", count: 512 * 1024) },
        EditCase("a field of 10 MB", .tooLarge) { _ in String(repeating: "A", count: 10_000_000) },
    ]

    @Test("A document outside the profile is refused before anything is read", arguments: edits)
    func edit(row: EditCase) {
        #expect(TestResponse.validate(row.edit(TestResponse().xml())).refusal == row.refusal)
    }

    @Test(
        "Bytes that are not UTF-8 are refused",
        arguments: [[0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]] as [[UInt8]])
    func invalidUTF8(bytes: [UInt8]) {
        let document = Array("<a>".utf8) + bytes + Array("</a>".utf8)
        #expect(
            SAMLResponse.validate(base64: Base64.encode(document), expecting: TestResponse.expectations()).refusal == .characterEncoding)
    }

    @Test("A UTF-16 document is refused")
    func utf16() {
        var document: [UInt8] = [0xFF, 0xFE]
        for unit in "<a/>".utf16 { document += [UInt8(truncatingIfNeeded: unit), UInt8(truncatingIfNeeded: unit >> 8)] }
        #expect(
            SAMLResponse.validate(base64: Base64.encode(document), expecting: TestResponse.expectations()).refusal == .characterEncoding)
    }

    /// A property over byte edits: nothing crashes, and what is accepted says what the IdP signed.
    @Test("A damaged response is refused or says the same", arguments: TestResponse.Signing.signed)
    func damaged(signing: TestResponse.Signing) throws {
        var response = TestResponse()
        response.signing = signing
        let original = Array(response.xml().utf8)
        let expectations = TestResponse.expectations()
        let expected = try TestResponse.validate(String(decoding: original, as: UTF8.self)).get()
        var random = SplitMix(state: 0x5A3D)
        var refused = 0
        let interesting = Array("<>\"'&/=!?-[]:# \u{0}\u{7f}".utf8)
        for _ in 0..<1500 {
            var bytes = original
            for _ in 0...(random.next() % 3) {
                let position = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 4 {
                case 0: bytes[position] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes[position] = interesting[Int(random.next() % UInt64(interesting.count))]
                case 2: bytes.remove(at: position)
                default: bytes.insert(bytes[Int(random.next() % UInt64(bytes.count))], at: position)
                }
            }
            switch SAMLResponse.validate(base64: Base64.encode(bytes), expecting: expectations) {
            case .success(let assertion): #expect(assertion == expected)
            case .failure: refused += 1
            }
        }
        #expect(refused > 1000)
    }
}

/// A small generator with a seed, so that a failing run can be repeated.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
