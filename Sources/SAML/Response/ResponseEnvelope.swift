/// The Response element with its parts found and counted over the whole document. Nothing of it is
/// verified.
struct ResponseEnvelope {
    enum Payload {
        case plain(XMLElement)
        case encrypted(XMLElement)
    }

    let root: XMLElement
    let inventory: XMLInventory

    init(_ root: XMLElement) throws(SAMLRefusal) {
        guard root.isNamed(.protocolName("Response")) else { throw .notAResponse }
        self.root = root
        inventory = try XMLInventory(root: root)
        guard inventory.responses.count == 1 else { throw .unexpectedElement }
        guard root.attribute("Version") == "2.0" else { throw .versionNotSupported }
        // saml-core §3.2.2 without Extensions: nobody here understands any, and that is one more place
        // to hide an assertion in (XSW 7).
        let known: [XMLName] = [
            .assertionName("Issuer"), .signatureName("Signature"), .protocolName("Status"),
            .assertionName("Assertion"), .assertionName("EncryptedAssertion"),
        ]
        guard root.children.allSatisfy({ child in known.contains(where: child.isNamed) }) else { throw .unexpectedElement }
    }

    /// The one assertion, plain or encrypted, a direct child of the Response.
    func assertion() throws(SAMLRefusal) -> Payload {
        guard inventory.assertions.count + inventory.encryptedAssertions.count == 1 else { throw .assertionCount }
        if let assertion = inventory.assertions.first {
            guard assertion.isNamed(.assertionName("Assertion")), isChildOfRoot(assertion) else { throw .assertionCount }
            return .plain(assertion)
        }
        guard let encrypted = inventory.encryptedAssertions.first, encrypted.isNamed(.assertionName("EncryptedAssertion")),
            isChildOfRoot(encrypted)
        else { throw .assertionCount }
        return .encrypted(encrypted)
    }

    /// Every Signature of the document is a direct child of the Response or of its assertion, and each
    /// of them has at most one.
    func checkSignaturePlaces(assertion: XMLElement?) throws(SAMLRefusal) {
        var onResponse = 0
        var onAssertion = 0
        for signature in inventory.signatures {
            guard signature.isNamed(.signatureName("Signature")), let parent = signature.parent else { throw .signatureMisplaced }
            if parent == root {
                onResponse += 1
            } else if let assertion, parent == assertion {
                onAssertion += 1
            } else {
                throw .signatureMisplaced
            }
        }
        guard onResponse <= 1, onAssertion <= 1 else { throw .signatureMalformed }
    }

    func responseSignature() throws(SAMLRefusal) -> XMLElement? {
        try root.optionalChild(.signatureName("Signature"), else: .signatureMalformed)
    }

    private func isChildOfRoot(_ element: XMLElement) -> Bool { element.parent.map { $0 == root } ?? false }
}
