internal import CXMLSecurity

/// A `ds:Signature` whose form has been checked, before any cryptography (saml-core §5.4 and
/// narrower). What it says can still be a lie; only its shape is known.
struct SignatureProfile {
    static let exclusiveC14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
    static let envelopedSignature = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
    /// Bytes of an `InclusiveNamespaces` list, and prefixes in it.
    static let maximumPrefixListBytes = 256
    static let maximumPrefixes = 16
    /// Bytes of base64: an RSA signature of 8192 bits has 1368 characters, and line breaks.
    static let maximumSignatureValueBytes = 2048

    let algorithm: SignatureAlgorithm
    let digestAlgorithm: DigestAlgorithm
    /// The one reference's DigestValue.
    let digest: [UInt8]
    /// The `ID` of the signed element, which is the signature's parent.
    let identifier: String

    /// - Parameter parent: the element that the signature must be over, and a direct child of.
    init(_ signature: XMLElement, over parent: XMLElement) throws(SAMLRefusal) {
        guard signature.isNamed(.signatureName("Signature")), signature.parent.map({ $0 == parent }) == true
        else { throw .signatureMisplaced }
        // One SignedInfo, one SignatureValue, maybe a KeyInfo, which nobody reads (E18). No Object:
        // that is where a signed original is hidden (XSW 8).
        let parts = signature.children
        guard (2...3).contains(parts.count), parts[0].isNamed(.signatureName("SignedInfo")),
            parts[1].isNamed(.signatureName("SignatureValue")),
            parts.count == 2 || parts[2].isNamed(.signatureName("KeyInfo")), !Self.hasText(signature)
        else { throw .signatureMalformed }

        let information = parts[0].children
        guard information.count == 3, information[0].isNamed(.signatureName("CanonicalizationMethod")),
            information[1].isNamed(.signatureName("SignatureMethod")), information[2].isNamed(.signatureName("Reference")),
            !Self.hasText(parts[0])
        else { throw .signatureMalformed }
        try Self.checkExclusiveC14N(information[0])

        guard let algorithm = information[1].attribute("Algorithm").flatMap(SignatureAlgorithm.init),
            information[1].node.pointee.children == nil
        else { throw .signatureAlgorithm }
        self.algorithm = algorithm

        guard let identifier = parent.attribute("ID"), NCName.isAllowed(identifier) else { throw .signatureReference }
        self.identifier = identifier
        (digestAlgorithm, digest) = try Self.reference(information[2], to: identifier)
        try Self.checkSignatureValue(parts[1])
    }

    private static func reference(
        _ reference: XMLElement, to identifier: String
    ) throws(SAMLRefusal) -> (DigestAlgorithm, [UInt8]) {
        guard reference.attribute("URI") == "#" + identifier, attributeCount(reference) == 1 else { throw .signatureReference }
        let parts = reference.children
        guard parts.count == 3, parts[0].isNamed(.signatureName("Transforms")), parts[1].isNamed(.signatureName("DigestMethod")),
            parts[2].isNamed(.signatureName("DigestValue")), !hasText(reference), !hasText(parts[0])
        else { throw .signatureMalformed }

        let transforms = parts[0].children
        guard transforms.count == 2, transforms.allSatisfy({ $0.isNamed(.signatureName("Transform")) }),
            transforms[0].attribute("Algorithm") == envelopedSignature, transforms[0].children.isEmpty
        else { throw .signatureTransform }
        try checkExclusiveC14N(transforms[1])

        guard let algorithm = parts[1].attribute("Algorithm").flatMap(DigestAlgorithm.init), parts[1].node.pointee.children == nil
        else { throw .digestAlgorithm }
        // A 44-character digest is never wrapped, so that white space in it is somebody's trick (E14).
        guard let text = parts[2].text, algorithm.isWrapped || !text.utf8.contains(where: \.isXMLSpace),
            let digest = Base64.decode(withoutLineBreaks(text))
        else { throw .signatureMalformed }
        let digestOfNothing = algorithm.digest([])
        guard digest.count == digestOfNothing.count else { throw .signatureMalformed }
        // The digest of what a failed canonicalisation leaves (E11).
        guard digest != digestOfNothing else { throw .emptyDigest }
        return (algorithm, digest)
    }

    private static func checkSignatureValue(_ element: XMLElement) throws(SAMLRefusal) {
        guard let text = element.text, text.utf8.count <= maximumSignatureValueBytes, attributeCount(element) == 0,
            let value = Base64.decode(withoutLineBreaks(text)), !value.isEmpty
        else { throw .signatureMalformed }
    }

    /// Exclusive canonicalisation without comments, and at most a short list of prefixes.
    private static func checkExclusiveC14N(_ element: XMLElement) throws(SAMLRefusal) {
        guard element.attribute("Algorithm") == exclusiveC14N, attributeCount(element) == 1, !hasText(element) else {
            throw .signatureTransform
        }
        let parameters = element.children
        guard let list = parameters.first else { return }
        guard parameters.count == 1, list.isNamed(.inclusiveNamespaces), list.node.pointee.children == nil,
            attributeCount(list) == 1, let prefixes = list.attribute("PrefixList"), prefixes.utf8.count <= maximumPrefixListBytes,
            prefixes.split(whereSeparator: \.isWhitespace).count <= maximumPrefixes
        else { throw .signatureTransform }
    }

    private static func withoutLineBreaks(_ text: String) -> [UInt8] {
        text.utf8.filter { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    }

    private static func attributeCount(_ element: XMLElement) -> Int {
        var count = 0
        var next = element.node.pointee.properties
        while let attribute = next {
            count += 1
            next = attribute.pointee.next
        }
        return count
    }

    /// Text other than white space between the elements of a structure.
    private static func hasText(_ element: XMLElement) -> Bool {
        var next = element.node.pointee.children
        while let child = next {
            next = child.pointee.next
            guard child.pointee.type == XML_TEXT_NODE, let content = child.pointee.content else { continue }
            if String(cString: content).utf8.contains(where: { !$0.isXMLSpace }) { return true }
        }
        return false
    }
}
