import Testing

@testable import SAML

/// The eight wrapping attacks of Somorovsky et al., "On Breaking SAML" (2012), E1 to E8.
@Suite struct SignatureWrappingTests {
    @Test("XSW 1 to 8 are refused", arguments: 1...8, TestResponse.Signing.signed)
    func wrapping(number: Int, signing: TestResponse.Signing) {
        let (document, original) = wrapped(number, signing: signing)
        #expect(TestResponse.validate(original).value?.nameID?.value == "alice", "control: the original is accepted")
        #expect(document != original)
        #expect(document.contains(">admin<"))
        #expect(TestResponse.validate(document).refusal != nil)
    }

    /// The control: where nothing that is signed was touched, the signature still verifies, so that
    /// what the table above refuses is the wrapping and not a broken digest.
    /// XSW 1, 6 and 8 are not there: libxmlsec1 takes no foreign element inside a Signature, and its
    /// enveloped-signature transform leaves out all of the Signature, with what is hidden in it.
    @Test("The signature of a wrapped assertion still verifies", arguments: [3, 4, 5, 7])
    func wrappedAssertionStaysValid(number: Int) {
        #expect(TestSigner.naiveVerification(of: wrapped(number, signing: .assertion).document, key: .identityProvider))
    }

    @Test("The signature of a wrapped response still verifies")
    func wrappedResponseStaysValid() {
        #expect(TestSigner.naiveVerification(of: wrapped(2, signing: .response).document, key: .identityProvider))
    }

    private func wrapped(_ number: Int, signing: TestResponse.Signing) -> (document: String, original: String) {
        var response = TestResponse()
        response.signing = signing
        let original = response.xml()
        let assertion = original.slice(from: "<saml:Assertion", through: "</saml:Assertion>")
        let signature = original.slice(from: "<ds:Signature ", through: "</ds:Signature>")
        let withoutSignature = original.replacingFirst(signature, with: "")
        let bareAssertion = assertion.replacingFirst(signature, with: "")
        let evilAssertion = bareAssertion.replacing("_assertion-1", with: "_evil").replacing(">alice<", with: ">admin<")

        func inObject(_ content: String) -> String {
            signature.replacingFirst("</ds:Signature>", with: "<ds:Object>\(content)</ds:Object></ds:Signature>")
        }
        func evilResponse(_ insertion: String) -> String {
            withoutSignature.replacing("_response-1", with: "_evil-response").replacingFirst(bareAssertion, with: evilAssertion)
                .replacingFirst(assertion, with: evilAssertion).replacingFirst("<samlp:Status>", with: insertion + "<samlp:Status>")
        }
        func signed(_ assertion: String, _ signature: String) -> String {
            assertion.replacingFirst("</saml:Issuer>", with: "</saml:Issuer>" + signature)
        }
        func withAssertions(_ text: String) -> String { original.replacingFirst(assertion, with: text) }

        let document =
            switch number {
            case 1: evilResponse(inObject(withoutSignature))
            case 2: evilResponse(withoutSignature + signature)
            case 3: withAssertions(evilAssertion + assertion)
            case 4: withAssertions(evilAssertion.replacingFirst("</saml:Assertion>", with: assertion + "</saml:Assertion>"))
            case 5: withAssertions(signed(evilAssertion, signature) + bareAssertion)
            case 6:
                withAssertions(
                    signed(evilAssertion, signature.replacingFirst("</ds:Signature>", with: bareAssertion + "</ds:Signature>")))
            case 7: withAssertions("<samlp:Extensions>\(evilAssertion)</samlp:Extensions>\(assertion)")
            default: withAssertions(signed(evilAssertion, inObject(bareAssertion)))
            }
        return (document, original)
    }

    @Test(
        "A second assertion is refused wherever it is and in whatever namespace",
        arguments: [
            "before", "after", "nested in an attribute", "in another namespace", "as EncryptedAssertion",
        ])
    func secondAssertion(place: String) {
        var response = TestResponse()
        let evil = response.assertionXML.replacing("_assertion-1", with: "_evil").replacing(">alice<", with: ">admin<")
        switch place {
        case "nested in an attribute":
            response.attributes =
                "<saml:AttributeStatement><saml:Attribute Name=\"x\"><saml:AttributeValue>\(evil)</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>"
            #expect(response.validate().refusal == .assertionCount)
        default:
            let signed = response.xml()
            let document =
                switch place {
                case "before": signed.replacingFirst("<saml:Assertion", with: evil + "<saml:Assertion")
                case "after": signed.replacingFirst("</samlp:Response>", with: evil + "</samlp:Response>")
                case "in another namespace":
                    signed.replacingFirst("</samlp:Status>", with: "<x:Assertion xmlns:x=\"urn:x\"/></samlp:Status>")
                default: signed.replacingFirst("</samlp:Response>", with: "<saml:EncryptedAssertion/></samlp:Response>")
                }
            #expect(TestResponse.validate(signed).refusal == nil)
            #expect(TestResponse.validate(document).refusal == .assertionCount)
        }
    }
}
