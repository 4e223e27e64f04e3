internal import CXMLSecurity

/// A parsed document: the one owner of its tree. Elements are borrowed inside `withRoot` and must
/// not outlive it.
struct XMLDocument: ~Copyable {
    private let pointer: xmlDocPtr

    private init(owning pointer: xmlDocPtr) { self.pointer = pointer }

    deinit { xmlFreeDoc(pointer) }

    /// Parses what `XMLPrecheck` admits. No network, no DTD, no entity substitution, no recovery, no
    /// XInclude; namespace errors, which libxml2 takes for harmless, are refused like any other.
    static func parse(_ bytes: [UInt8], bounds: XMLBounds) throws(SAMLRefusal) -> XMLDocument {
        let admitted = try XMLPrecheck.admit(bytes, bounds: bounds)
        guard let context = xmlNewParserCtxt() else { throw .notWellFormed }
        defer { xmlFreeParserCtxt(context) }
        let options = XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue
        let parsed = admitted.withUnsafeBytes { buffer in
            // The length is bounded by XMLBounds, far below Int32.max.
            xmlCtxtReadMemory(
                context, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(truncatingIfNeeded: buffer.count), nil,
                "UTF-8", Int32(truncatingIfNeeded: options))
        }
        guard let parsed else { throw .notWellFormed }
        let document = XMLDocument(owning: parsed)
        guard context.pointee.wellFormed == 1, context.pointee.nsWellFormed == 1 else { throw .notWellFormed }
        guard parsed.pointee.intSubset == nil, parsed.pointee.extSubset == nil else { throw .documentType }
        return document
    }

    func withRoot<Value: ~Copyable>(
        _ body: (XMLElement) throws(SAMLRefusal) -> Value
    ) throws(SAMLRefusal) -> Value {
        guard let root = xmlDocGetRootElement(pointer) else { throw .notWellFormed }
        return try body(XMLElement(root))
    }
}
