/// An element of a SAML message.
struct XMLElement: Sendable, Equatable {
    enum Node: Sendable, Equatable {
        case element(XMLElement)
        case text(String)
    }

    /// Empty: the default namespace.
    var prefix: String
    /// The namespace's URI.
    var namespace: String
    var name: String
    /// By name. Messages that are written here have no prefixed attributes, so that sorting by name is canonical.
    var attributes: [String: String]
    var children: [Node]

    init(prefix: String, namespace: String, name: String, attributes: [String: String] = [:], children: [Node] = []) {
        self.prefix = prefix
        self.namespace = namespace
        self.name = name
        self.attributes = attributes
        self.children = children
    }

    /// The child elements of that namespace and name.
    func elements(_ namespace: SAMLNamespace, _ name: String) -> [XMLElement] {
        children.compactMap { node in
            if case .element(let child) = node, child.namespace == namespace.rawValue, child.name == name { child } else { nil }
        }
    }

    /// The text within, if there is nothing else.
    var text: String? {
        var text = ""
        for node in children {
            guard case .text(let part) = node else { return nil }
            text += part
        }
        return text
    }

    /// Exclusive canonical XML without comments (xml-exc-c14n §3). It is also how every message is written,
    /// so that the bytes which are hashed are those which are sent.
    ///
    /// - Parameter declared: namespaces that an ancestor in the output has declared, by prefix.
    func canonical(declared: [String: String] = [:]) -> String {
        let tag = prefix.isEmpty ? name : prefix + ":" + name
        var declared = declared
        var output = "<" + tag
        if declared.updateValue(namespace, forKey: prefix) != namespace {
            output += (prefix.isEmpty ? " xmlns=\"" : " xmlns:" + prefix + "=\"") + Self.escapeAttribute(namespace) + "\""
        }
        for (name, value) in attributes.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            output += " " + name + "=\"" + Self.escapeAttribute(value) + "\""
        }
        output += ">"
        for node in children {
            switch node {
            case .element(let child): output += child.canonical(declared: declared)
            case .text(let text): output += Self.escapeText(text)
            }
        }
        return output + "</" + tag + ">"
    }

    /// Canonical XML 1.0 §2.3, text nodes.
    private static func escapeText(_ text: String) -> String {
        escape(text) { scalar in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\r": "&#xD;"
            default: nil
            }
        }
    }

    /// Canonical XML 1.0 §2.3, attribute nodes.
    private static func escapeAttribute(_ text: String) -> String {
        escape(text) { scalar in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case "\"": "&quot;"
            case "\t": "&#x9;"
            case "\n": "&#xA;"
            case "\r": "&#xD;"
            default: nil
            }
        }
    }

    /// What XML 1.0 has no place for (§2.2) becomes U+FFFD.
    private static func escape(_ text: String, _ replacement: (Unicode.Scalar) -> String?) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            if let replacement = replacement(scalar) {
                escaped += replacement
            } else if (scalar.value < 0x20 && scalar != "\t" && scalar != "\n") || (0xFFFE...0xFFFF).contains(scalar.value) {
                escaped += "\u{FFFD}"
            } else {
                escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

enum SAMLNamespace: String {
    case messages = "urn:oasis:names:tc:SAML:2.0:protocol"
    case assertion = "urn:oasis:names:tc:SAML:2.0:assertion"
    case metadata = "urn:oasis:names:tc:SAML:2.0:metadata"
    case signature = "http://www.w3.org/2000/09/xmldsig#"

    /// The prefix that messages written here use.
    private var prefix: String {
        switch self {
        case .messages: "samlp"
        case .assertion: "saml"
        case .metadata: "md"
        case .signature: "ds"
        }
    }

    /// An element with child elements.
    func callAsFunction(_ name: String, _ attributes: [String: String] = [:], _ children: [XMLElement] = []) -> XMLElement {
        XMLElement(
            prefix: prefix, namespace: rawValue, name: name, attributes: attributes, children: children.map { .element($0) })
    }

    /// An element with text.
    func callAsFunction(_ name: String, _ attributes: [String: String] = [:], text: String) -> XMLElement {
        XMLElement(prefix: prefix, namespace: rawValue, name: name, attributes: attributes, children: [.text(text)])
    }
}
