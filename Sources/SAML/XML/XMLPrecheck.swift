/// A pass over the bytes before the parser gets them: bounds, and the constructs that have no place
/// in these documents. It takes no meaning out of the document, so that it can't disagree with the
/// parser about one (E10): libxml2 alone reads. It finds tags by quotes and angle brackets only, and
/// what confuses it is refused, here or by the parser.
struct XMLPrecheck {
    private let bytes: [UInt8]
    private let bounds: XMLBounds
    private var position = 0
    private var depth = 0
    private var elements = 0

    private init(bytes: [UInt8], bounds: XMLBounds) {
        self.bytes = bytes
        self.bounds = bounds
    }

    /// The bytes for the parser: UTF-8 without byte order mark, within the bounds, without document
    /// type, entity, processing instruction, CDATA section and (where not allowed) comment.
    static func admit(_ bytes: [UInt8], bounds: XMLBounds) throws(SAMLRefusal) -> [UInt8] {
        guard bytes.count <= bounds.maximumBytes else { throw .tooLarge }
        guard !bytes.contains(0) else { throw .characterEncoding }
        do { _ = try UTF8Span(validating: bytes.span) } catch { throw .characterEncoding }
        var document = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            guard bounds.allowsByteOrderMark else { throw .characterEncoding }
            document.removeFirst(3)
        }
        var check = XMLPrecheck(bytes: document, bounds: bounds)
        try check.declaration()
        try check.markup()
        return document
    }

    private func has(_ text: StaticString, at start: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        guard start + length <= bytes.count else { return false }
        for offset in 0..<length where bytes[start + offset] != text.utf8Start[offset] { return false }
        return true
    }

    /// XML 1.0 §2.8: version 1.0, and UTF-8 where an encoding is stated.
    private mutating func declaration() throws(SAMLRefusal) {
        guard has("<?xml", at: 0), bytes.count > 5, bytes[5].isXMLSpace else { return }
        position = 5
        var step = 0
        while true {
            let hadSpace = skipSpace()
            if has("?>", at: position) { break }
            guard hadSpace else { throw .notWellFormed }
            guard let (name, value) = pseudoAttribute() else { throw .notWellFormed }
            switch name {
            case "version" where step == 0:
                guard value == "1.0" else { throw .notWellFormed }
                step = 1
            case "encoding" where step == 1:
                guard value.lowercased() == "utf-8" else { throw .characterEncoding }
                step = 2
            case "standalone" where step == 1 || step == 2:
                guard value == "yes" || value == "no" else { throw .notWellFormed }
                step = 3
            default: throw .notWellFormed
            }
        }
        guard step > 0 else { throw .notWellFormed }
        position += 2
    }

    private mutating func skipSpace() -> Bool {
        let start = position
        while position < bytes.count, bytes[position].isXMLSpace { position += 1 }
        return position > start
    }

    /// `name = "value"` of the XML declaration, both short.
    private mutating func pseudoAttribute() -> (name: String, value: String)? {
        let nameStart = position
        while position < bytes.count, bytes[position].isASCIILetter, position - nameStart < 16 { position += 1 }
        let name = String(decoding: bytes[nameStart..<position], as: UTF8.self)
        _ = skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "=") else { return nil }
        position += 1
        _ = skipSpace()
        guard position < bytes.count else { return nil }
        let quote = bytes[position]
        guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { return nil }
        position += 1
        let valueStart = position
        while position < bytes.count, bytes[position] != quote, position - valueStart < 16 { position += 1 }
        guard position < bytes.count, bytes[position] == quote else { return nil }
        let value = String(decoding: bytes[valueStart..<position], as: UTF8.self)
        position += 1
        return (name, value)
    }

    private mutating func markup() throws(SAMLRefusal) {
        while position < bytes.count {
            guard bytes[position] == UInt8(ascii: "<") else {
                position += 1
                continue
            }
            if has("<?", at: position) { throw .processingInstruction }
            if has("<!--", at: position) {
                guard bounds.allowsComments else { throw .comment }
                try skipComment()
            } else if has("<![", at: position) {
                throw .characterDataSection
            } else if has("<!", at: position) {
                throw .documentType
            } else if has("</", at: position) {
                depth -= 1
                position += 2
            } else {
                try startTag()
            }
        }
    }

    private mutating func skipComment() throws(SAMLRefusal) {
        position += 4
        while position < bytes.count {
            if has("-->", at: position) {
                position += 3
                return
            }
            position += 1
        }
        throw .notWellFormed
    }

    /// From `<` past the `>` that is outside quotes.
    private mutating func startTag() throws(SAMLRefusal) {
        elements += 1
        guard elements <= bounds.maximumElements else { throw .tooManyElements }
        var attributes = 0
        var quote: UInt8?
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if let open = quote {
                if byte == open { quote = nil }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "'"): quote = byte
            case UInt8(ascii: "="):
                attributes += 1
                guard attributes <= bounds.maximumAttributesPerElement else { throw .tooManyAttributes }
            case UInt8(ascii: "<"): throw .notWellFormed
            case UInt8(ascii: ">"):
                // An element that is empty is inside the others, too.
                guard depth < bounds.maximumDepth else { throw .tooDeep }
                if bytes[position - 2] != UInt8(ascii: "/") { depth += 1 }
                return
            default: break
            }
        }
        throw .notWellFormed
    }
}
