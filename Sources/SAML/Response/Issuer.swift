/// `Issuer` of the Response and of the Assertion (saml-core §2.2.5).
enum Issuer {
    static func check(_ element: XMLElement, is entityID: String, else refusal: SAMLRefusal) throws(SAMLRefusal) {
        let format = element.attribute("Format")
        guard format == nil || format == "urn:oasis:names:tc:SAML:2.0:nameid-format:entity", element.text == entityID
        else { throw refusal }
    }
}
