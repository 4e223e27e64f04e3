internal import CXMLSecurity

/// An expanded name (Namespaces in XML §2.1).
struct XMLName {
    let namespace: StaticString
    let local: StaticString

    static func protocolName(_ local: StaticString) -> XMLName {
        XMLName(namespace: "urn:oasis:names:tc:SAML:2.0:protocol", local: local)
    }

    static func assertionName(_ local: StaticString) -> XMLName {
        XMLName(namespace: "urn:oasis:names:tc:SAML:2.0:assertion", local: local)
    }

    static func metadataName(_ local: StaticString) -> XMLName {
        XMLName(namespace: "urn:oasis:names:tc:SAML:2.0:metadata", local: local)
    }

    static func signatureName(_ local: StaticString) -> XMLName {
        XMLName(namespace: "http://www.w3.org/2000/09/xmldsig#", local: local)
    }

    static func encryptionName(_ local: StaticString) -> XMLName {
        XMLName(namespace: "http://www.w3.org/2001/04/xmlenc#", local: local)
    }

    static func encryption11Name(_ local: StaticString) -> XMLName {
        XMLName(namespace: "http://www.w3.org/2009/xmlenc11#", local: local)
    }

    static let inclusiveNamespaces = XMLName(namespace: "http://www.w3.org/2001/10/xml-exc-c14n#", local: "InclusiveNamespaces")
}

/// Compares C text with a literal, without making a String of it.
func equal(_ text: UnsafePointer<xmlChar>?, _ literal: StaticString) -> Bool {
    text != nil && xmlStrEqual(text, literal.utf8Start) == 1
}
