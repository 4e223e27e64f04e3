internal import CXMLSecurity

/// An element that a signature of the connection's IdP covers, in the same parse and by the same
/// pointer. Only `EnvelopedSignature` makes one; claims are read from nothing else.
struct VerifiedElement {
    let element: XMLElement

    fileprivate init(covered element: XMLElement) { self.element = element }

    /// A child is covered with its parent: an enveloped signature leaves out only itself, and a
    /// Signature is never asked for here.
    func child(_ child: XMLElement) -> VerifiedElement? {
        child.parent.map { $0 == element } == true ? VerifiedElement(covered: child) : nil
    }
}

/// Verification of a `ds:Signature` that is a direct child of what it signs.
enum EnvelopedSignature {
    /// The parent, now verified, or the refusal.
    static func verify(
        _ signature: XMLElement, over parent: XMLElement, keys: [VerificationKey]
    ) throws(SAMLRefusal) -> VerifiedElement {
        let profile = try SignatureProfile(signature, over: parent)
        try register(profile.identifier, of: parent)
        let candidates = keys.filter { $0.kind == profile.algorithm.keyKind }
        for key in candidates where SignatureContext.verifies(signature, profile: profile, key: key) {
            return VerifiedElement(covered: parent)
        }
        throw .signatureInvalid
    }

    /// Tells libxml2 which element the reference means. It finds by what is registered, not by
    /// search, and nothing else is: `xml:id` never gets past the inventory. Afterwards the lookup that
    /// libxmlsec1 will make must give this very element.
    private static func register(_ identifier: String, of element: XMLElement) throws(SAMLRefusal) {
        guard let attribute = element.attributePointer("ID"), let document = element.node.pointee.doc else { throw .signatureReference }
        if xmlGetID(document, identifier) == nil {
            guard xmlAddID(nil, document, identifier, attribute) != nil else { throw .signatureReference }
        }
        guard let found = xmlGetID(document, identifier), found == attribute, found.pointee.parent == element.node
        else { throw .signatureReference }
    }
}
