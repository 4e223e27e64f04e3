internal import CXMLSecurity

/// An element, borrowed from its document: valid only inside `XMLDocument.withRoot`.
struct XMLElement {
    let node: xmlNodePtr

    init(_ node: xmlNodePtr) { self.node = node }

    static func == (left: Self, right: Self) -> Bool { left.node == right.node }

    func isNamed(_ name: XMLName) -> Bool {
        equal(node.pointee.name, name.local) && equal(node.pointee.ns?.pointee.href, name.namespace)
    }

    var parent: XMLElement? {
        guard let parent = node.pointee.parent, parent.pointee.type == XML_ELEMENT_NODE else { return nil }
        return XMLElement(parent)
    }

    /// Child elements, in document order.
    var children: [XMLElement] {
        var elements: [XMLElement] = []
        var next = node.pointee.children
        while let child = next {
            if child.pointee.type == XML_ELEMENT_NODE { elements.append(XMLElement(child)) }
            next = child.pointee.next
        }
        return elements
    }

    func children(_ name: XMLName) -> [XMLElement] { children.filter { $0.isNamed(name) } }

    /// The child of this name; `nil` where there is none, the refusal where there are several.
    func optionalChild(_ name: XMLName, else refusal: SAMLRefusal) throws(SAMLRefusal) -> XMLElement? {
        let found = children(name)
        guard found.count <= 1 else { throw refusal }
        return found.first
    }

    /// The child of this name; the refusal where there is not exactly one.
    func onlyChild(_ name: XMLName, else refusal: SAMLRefusal) throws(SAMLRefusal) -> XMLElement {
        guard let child = try optionalChild(name, else: refusal) else { throw refusal }
        return child
    }

    /// The unprefixed attribute. `nil` where there is none, and where its value is anything but text.
    func attribute(_ name: StaticString) -> String? {
        guard let attribute = attributePointer(name) else { return nil }
        return Self.text(ofChildrenFrom: attribute.pointee.children)
    }

    func attributePointer(_ name: StaticString) -> xmlAttrPtr? {
        var next = node.pointee.properties
        while let attribute = next {
            if attribute.pointee.ns == nil, equal(attribute.pointee.name, name) { return attribute }
            next = attribute.pointee.next
        }
        return nil
    }

    /// The text of an element that has only text. `nil` as soon as anything else is among its
    /// children, so that a comment or an element can't cut a value short (E13).
    var text: String? { Self.text(ofChildrenFrom: node.pointee.children) }

    private static func text(ofChildrenFrom first: xmlNodePtr?) -> String? {
        var text = ""
        var next = first
        while let child = next {
            guard child.pointee.type == XML_TEXT_NODE, let content = child.pointee.content else { return nil }
            text += String(cString: content)
            next = child.pointee.next
        }
        return text
    }
}
