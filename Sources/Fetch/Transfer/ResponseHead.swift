/// The head of a response, line by line as libcurl hands it over (RFC 9112 §4 and §5). libcurl is lenient about
/// lines that it does not need itself; we are not, since a caller decides by them.
struct ResponseHead {
    /// Lines of interim responses, of the response and of trailers, all together.
    static let maximumBytes = 64 << 10
    static let maximumFields = 200

    enum Refusal: Error, Equatable {
        case tooLarge
        case malformed
    }

    private enum Expected: Equatable {
        case statusLine
        /// Fields, or the blank line that ends them.
        case fields(status: Int)
        /// Only trailers follow: they come after what was decided by the fields, and are dropped (RFC 9110 §6.5.1).
        case trailers(status: Int)
    }

    private(set) var fields: [HeaderField] = []
    private var expected = Expected.statusLine
    private var byteCount = 0

    /// Status of the final response, once its head is whole.
    var status: Int? {
        switch expected {
        case .statusLine, .fields: nil
        case .trailers(let status): status
        }
    }

    /// - Parameter line: with its line end.
    mutating func receive(_ line: some Collection<UInt8>) throws(Refusal) {
        guard line.count <= Self.maximumBytes - byteCount else { throw .tooLarge }
        byteCount += line.count
        let text = try Self.withoutLineEnd(Array(line))
        switch expected {
        case .statusLine:
            expected = .fields(status: try Self.status(of: text))
        case .fields(let status) where text.isEmpty:
            // An interim response counts for nothing: forget its fields. Nobody asked for an upgrade.
            guard status != 101 else { throw .malformed }
            if status < 200 { fields = [] }
            expected = status < 200 ? .statusLine : .trailers(status: status)
        case .fields:
            guard fields.count < Self.maximumFields else { throw .tooLarge }
            fields.append(try Self.field(of: text))
        case .trailers:
            break
        }
    }

    private static func withoutLineEnd(_ line: [UInt8]) throws(Refusal) -> ArraySlice<UInt8> {
        guard line.last == UInt8(ascii: "\n") else { throw .malformed }
        let text = line.dropLast()
        return text.last == UInt8(ascii: "\r") ? text.dropLast() : text
    }

    /// `HTTP/1.1 200 OK`; also HTTP/1.0, and without a reason.
    private static func status(of line: ArraySlice<UInt8>) throws(Refusal) -> Int {
        let rest: ArraySlice<UInt8>
        if line.starts(with: "HTTP/1.1 ".utf8) || line.starts(with: "HTTP/1.0 ".utf8) {
            rest = line.dropFirst(9)
        } else {
            throw .malformed
        }
        let code = rest.prefix(3)
        let after = rest.dropFirst(3).first
        guard code.count == 3, code.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            after == nil || after == UInt8(ascii: " "), HeaderField.isFieldValue(rest)
        else { throw .malformed }
        let status = code.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        guard (100...599).contains(status) else { throw .malformed }
        return status
    }

    /// Refused: a line without colon, white space before the colon, folded lines (RFC 9112 §5.1, §5.2).
    private static func field(of line: ArraySlice<UInt8>) throws(Refusal) -> HeaderField {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { throw .malformed }
        let name = line[..<colon]
        guard HeaderField.isToken(name), HeaderField.isFieldValue(line[colon...]) else { throw .malformed }
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        var value = line[colon...].dropFirst().drop(while: isSpace)
        while let last = value.last, isSpace(last) { value.removeLast() }
        return HeaderField(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
    }
}
