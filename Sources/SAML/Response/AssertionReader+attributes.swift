extension AssertionReader {
    static let maximumAttributes = 256
    static let maximumAttributeNameBytes = 1024

    /// saml-core §2.7.3. Every `Name` at most once: with two, the first and the last would be read by
    /// different readers (E32). A comment or CDATA in a value never gets here; a value with elements
    /// in it is not a text, and its attribute is left out.
    func readAttributes() throws(SAMLRefusal) -> [String: [String]] {
        var names: Set<String> = []
        var attributes: [String: [String]] = [:]
        for statement in assertion.children(.assertionName("AttributeStatement")) {
            for attribute in statement.children {
                guard attribute.isNamed(.assertionName("Attribute")), let name = attribute.attribute("Name"), !name.isEmpty,
                    name.utf8.count <= Self.maximumAttributeNameBytes, names.count < Self.maximumAttributes
                else { throw .attributeMalformed }
                guard names.insert(name).inserted else { throw .attributeRepeated }
                let values = attribute.children
                guard values.allSatisfy({ $0.isNamed(.assertionName("AttributeValue")) }) else { throw .attributeMalformed }
                let texts = values.compactMap(\.text)
                if texts.count == values.count { attributes[name] = texts }
            }
        }
        return attributes
    }
}
