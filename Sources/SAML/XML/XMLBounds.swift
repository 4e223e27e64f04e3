/// What a document may cost before a parser sees it, and which parts of XML it may use.
struct XMLBounds {
    /// Bytes of the document.
    let maximumBytes: Int
    let maximumElements: Int
    /// Elements inside each other. Walks over the tree may recurse this far.
    let maximumDepth: Int
    /// Attributes and namespace declarations of one element: libxml2 compares each with each.
    let maximumAttributesPerElement: Int
    let allowsComments: Bool
    /// A byte order mark before a UTF-8 document. Some metadata files have one; a response has none.
    let allowsByteOrderMark: Bool

    /// A response, or an assertion out of an encrypted one. Thousands of groups fit.
    static let response = XMLBounds(
        maximumBytes: 512 * 1024, maximumElements: 10_000, maximumDepth: 32, maximumAttributesPerElement: 64,
        allowsComments: false, allowsByteOrderMark: false)

    /// One IdP's metadata, or a small federation's.
    static let metadata = XMLBounds(
        maximumBytes: 4 * 1024 * 1024, maximumElements: 100_000, maximumDepth: 32, maximumAttributesPerElement: 64,
        allowsComments: true, allowsByteOrderMark: true)
}
