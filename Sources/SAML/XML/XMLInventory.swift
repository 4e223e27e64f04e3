internal import CXMLSecurity

/// One walk over a whole document of a response: what must not be in it is refused, and what must be
/// in it exactly once is counted, wherever it hides.
struct XMLInventory {
    /// By local name in any namespace: a look-alike in another namespace counts too (E12).
    private(set) var responses: [XMLElement] = []
    private(set) var assertions: [XMLElement] = []
    private(set) var encryptedAssertions: [XMLElement] = []
    private(set) var signatures: [XMLElement] = []
    private var identifiers: Set<String> = []

    private static let holdersOfID: [XMLName] = [.protocolName("Response"), .assertionName("Assertion")]
    private static let holdersOfId: [XMLName] = [
        .signatureName("Signature"), .encryptionName("EncryptedData"), .encryptionName("EncryptedKey"),
    ]

    init(root: XMLElement) throws(SAMLRefusal) {
        // Depth is bounded by XMLBounds.maximumDepth; the list is the walk's own stack.
        var pending = [root]
        while let element = pending.popLast() {
            try take(element)
            var next = element.node.pointee.children
            while let child = next {
                switch child.pointee.type {
                case XML_ELEMENT_NODE: pending.append(XMLElement(child))
                case XML_TEXT_NODE: break
                default: throw .unexpectedNode
                }
                next = child.pointee.next
            }
        }
    }

    private mutating func take(_ element: XMLElement) throws(SAMLRefusal) {
        let name = element.node.pointee.name
        if equal(name, "Response") { responses.append(element) }
        if equal(name, "Assertion") { assertions.append(element) }
        if equal(name, "EncryptedAssertion") { encryptedAssertions.append(element) }
        if equal(name, "Signature") { signatures.append(element) }
        if equal(element.node.pointee.ns?.pointee.href, "http://www.w3.org/2001/XInclude") { throw .unexpectedNode }
        try Self.checkNamespaces(of: element)
        try takeIdentifiers(of: element)
    }

    /// Canonical XML §2.1 makes relative namespace URIs an error; libxml2's failed canonicalisation
    /// of one gives an empty text, whose digest anyone can state (E11).
    private static func checkNamespaces(of element: XMLElement) throws(SAMLRefusal) {
        var next = element.node.pointee.nsDef
        while let declaration = next {
            let uri = declaration.pointee.href.map { String(cString: $0) } ?? ""
            let isUndeclaration = uri.isEmpty && declaration.pointee.prefix == nil
            guard isUndeclaration || isAbsolute(uri) else { throw .relativeNamespace }
            next = declaration.pointee.next
        }
    }

    /// RFC 3986 §3.1: a scheme and a colon.
    private static func isAbsolute(_ uri: String) -> Bool {
        guard let colon = uri.utf8.firstIndex(of: UInt8(ascii: ":")), uri.utf8.first?.isASCIILetter == true else { return false }
        return uri.utf8[..<colon].allSatisfy { $0.isASCIILetterOrDigit || "+-.".utf8.contains($0) }
    }

    /// An identifier is the unprefixed `ID` of a Response or an Assertion, and nothing else that a
    /// library could take for one; xmlenc's `Id` is known inside an encrypted assertion, and xmldsig's on
    /// the signature itself, where some IdPs write it. All differ, so that no reference means two.
    private mutating func takeIdentifiers(of element: XMLElement) throws(SAMLRefusal) {
        var next = element.node.pointee.properties
        while let attribute = next {
            next = attribute.pointee.next
            guard let value = attribute.pointee.children else { continue }
            guard value.pointee.type == XML_TEXT_NODE, value.pointee.next == nil else { throw .unexpectedNode }
        }
        next = element.node.pointee.properties
        while let attribute = next {
            next = attribute.pointee.next
            guard let name = attribute.pointee.name, xmlStrcasecmp(name, "ID") == 0 else { continue }
            let isKnown =
                equal(name, "ID") && (element.isNamed(.protocolName("Response")) || element.isNamed(.assertionName("Assertion")))
                || equal(name, "Id")
                    && (element.isNamed(.encryptionName("EncryptedData")) || element.isNamed(.encryptionName("EncryptedKey"))
                        || element.isNamed(.signatureName("Signature")))
            guard attribute.pointee.ns == nil, isKnown,
                let value = attribute.pointee.children?.pointee.content.map({ String(cString: $0) }), NCName.isAllowed(value)
            else { throw .unexpectedIdentifier }
            guard identifiers.insert(value).inserted else { throw .duplicateIdentifier }
        }
    }
}
