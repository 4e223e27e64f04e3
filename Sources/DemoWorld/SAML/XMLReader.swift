/// Reads the XML of an authentication request: elements, attributes, text and the five predefined
/// entities. A document type, comments, CDATA sections and processing instructions are refused;
/// no request needs them, and entities are how small documents become large.
struct XMLReader {
    enum Refusal: Error, Equatable {
        case malformed
        case notUTF8
        /// A construct that is well formed, but not accepted here.
        case unsupported
        /// More than ``maximumElements``, ``maximumDepth`` or ``maximumAttributes``.
        case tooLarge
    }

    static let maximumElements = 200
    static let maximumDepth = 16
    static let maximumAttributes = 30

    private var rest: ArraySlice<UInt8>
    private var elementCount = 0

    static func read(_ bytes: [UInt8]) -> Result<XMLElement, Refusal> {
        guard String(validating: bytes, as: UTF8.self) != nil else { return .failure(.notUTF8) }
        var reader = XMLReader(rest: bytes[...])
        do {
            return .success(try reader.document())
        } catch {
            return .failure(error)
        }
    }

    private init(rest: ArraySlice<UInt8>) { self.rest = rest }

    private mutating func document() throws(Refusal) -> XMLElement {
        if accept("<?xml") {
            guard let end = rest.indices.first(where: { rest[$0...].starts(with: "?>".utf8) }) else { throw .malformed }
            rest = rest[(end + 2)...]
        }
        skipSpace()
        let root = try element(scope: [:], depth: 1)
        skipSpace()
        guard rest.isEmpty else { throw .malformed }
        return root
    }

    private mutating func element(scope: [String: String], depth: Int) throws(Refusal) -> XMLElement {
        elementCount += 1
        guard depth <= Self.maximumDepth, elementCount <= Self.maximumElements else { throw .tooLarge }
        guard accept("<") else { throw .malformed }
        if let next = rest.first, next == UInt8(ascii: "!") || next == UInt8(ascii: "?") { throw .unsupported }
        let tag = try name()
        let (attributes, scope) = try attributes(of: scope)
        let (prefix, local) = try Self.split(tag)
        guard let namespace = prefix.isEmpty ? scope[""] ?? "" : scope[prefix] else { throw .malformed }
        var element = XMLElement(prefix: prefix, namespace: namespace, name: local, attributes: attributes)
        if accept("/>") { return element }
        guard accept(">") else { throw .malformed }
        while !accept("</") {
            guard let next = rest.first else { throw .malformed }
            if next == UInt8(ascii: "<") {
                element.children.append(.element(try self.element(scope: scope, depth: depth + 1)))
            } else {
                element.children.append(.text(try text { $0 == UInt8(ascii: "<") }))
            }
        }
        guard try name() == tag else { throw .malformed }
        skipSpace()
        guard accept(">") else { throw .malformed }
        return element
    }

    /// The attributes of a start tag, and the namespaces in scope after it.
    private mutating func attributes(of scope: [String: String]) throws(Refusal) -> ([String: String], [String: String]) {
        var scope = scope
        var attributes: [String: String] = [:]
        var seen: Set<String> = []
        while true {
            let hadSpace = skipSpace()
            guard let next = rest.first else { throw .malformed }
            if next == UInt8(ascii: ">") || next == UInt8(ascii: "/") { return (attributes, scope) }
            guard hadSpace else { throw .malformed }
            let name = try name()
            guard seen.insert(name).inserted else { throw .malformed }
            guard seen.count <= Self.maximumAttributes else { throw .tooLarge }
            skipSpace()
            guard accept("=") else { throw .malformed }
            skipSpace()
            guard let quote = rest.popFirst(), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { throw .malformed }
            let value = try text { $0 == quote || $0 == UInt8(ascii: "<") }
            guard rest.popFirst() == quote else { throw .malformed }
            if name == "xmlns" {
                scope[""] = value
            } else if name.hasPrefix("xmlns:") {
                scope[String(name.dropFirst(6))] = value
            } else {
                attributes[name] = value
            }
        }
    }

    private mutating func name() throws(Refusal) -> String {
        let bytes = rest.prefix { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: ":"), 0x80...:
                true
            default: false
            }
        }
        guard !bytes.isEmpty else { throw .malformed }
        rest = rest.dropFirst(bytes.count)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func split(_ name: String) throws(Refusal) -> (prefix: String, local: String) {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        switch parts.count {
        case 1: return ("", name)
        case 2 where !parts[0].isEmpty && !parts[1].isEmpty: return (String(parts[0]), String(parts[1]))
        default: throw .malformed
        }
    }

    /// Text up to a byte that `ends` it, with references replaced.
    private mutating func text(until ends: (UInt8) -> Bool) throws(Refusal) -> String {
        var text: [UInt8] = []
        while let byte = rest.first, !ends(byte) {
            rest = rest.dropFirst()
            if byte == UInt8(ascii: "&") {
                text += Array(try reference().utf8)
            } else {
                text.append(byte)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func reference() throws(Refusal) -> String {
        // The longest accepted one is &#x10FFFF;
        let body = rest.prefix(9).prefix { $0 != UInt8(ascii: ";") }
        rest = rest.dropFirst(body.count)
        guard accept(";") else { throw .malformed }
        let name = String(decoding: body, as: UTF8.self)
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default: break
        }
        guard name.hasPrefix("#") else { throw .unsupported }
        let number = name.hasPrefix("#x") ? UInt32(name.dropFirst(2), radix: 16) : UInt32(name.dropFirst())
        guard let number, number >= 0x20 || [9, 10, 13].contains(number), let scalar = Unicode.Scalar(number) else {
            throw .malformed
        }
        return String(Character(scalar))
    }

    private mutating func accept(_ text: String) -> Bool {
        guard rest.starts(with: text.utf8) else { return false }
        rest = rest.dropFirst(text.utf8.count)
        return true
    }

    @discardableResult
    private mutating func skipSpace() -> Bool {
        let space = rest.prefix { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        rest = rest.dropFirst(space.count)
        return !space.isEmpty
    }
}
