/// How the length of a body is known (RFC 9112 §6.3).
enum BodyFraming: Equatable {
    case none
    case length(UInt64)
    case chunked
    /// Responses only.
    case untilClose
}

/// A request head that passed the parser, as offsets into its bytes. Its fields are in the `FieldList`.
struct RequestHead {
    var methodEnd = 0
    var targetStart = 0
    var targetEnd = 0
    /// Authority of an absolute-form target; empty for origin-form.
    var authority = ByteRange()
    var path = ByteRange()
    /// With its `?`; empty without a query.
    var query = ByteRange()
    var minorVersion: UInt8 = 1
    var framing = BodyFraming.none
    var summary = FieldSummary()
    /// First byte after the request line.
    var fieldsStart = 0

    /// Whether the connection may be used again after the response. HTTP/1.0 is always closed: it can't
    /// be told apart from a client that misunderstands.
    var isPersistent: Bool { minorVersion == 1 && !summary.closes }
}

/// The parser of request heads (RFC 9112 §3).
struct RequestHeadParser {
    /// Longest method name.
    static let maximumMethodBytes = 32

    enum Outcome {
        case head(RequestHead)
        case refused(Refusal)
    }

    let section: FieldSectionParser
    let names: HeaderNames
    let maximumTargetBytes: Int

    /// `view` is a complete head with its empty line.
    func parse(_ view: ByteView, into fields: FieldList) -> Outcome {
        var head = RequestHead()
        if let refusal = parseRequestLine(view, &head) { return .refused(refusal) }
        if let refusal = section.parse(view, from: head.fieldsStart, names: names, into: fields, summary: &head.summary) {
            return .refused(refusal)
        }
        if head.summary.isChunked {
            guard head.minorVersion == 1 else { return .refused(.transferEncoding) }
            head.framing = .chunked
        } else if let length = head.summary.contentLength {
            head.framing = .length(length)
        }
        if head.summary.host == nil { return .refused(.hostMissing) }
        if head.summary.expectation == .unknown { return .refused(.expectation) }
        return .head(head)
    }

    private func parseRequestLine(_ view: ByteView, _ head: inout RequestHead) -> Refusal? {
        var index = 0
        while view[index].isToken, index < Self.maximumMethodBytes { index += 1 }
        guard index > 0, view[index] == 0x20 else { return .requestLine }
        head.methodEnd = index
        index += 1
        head.targetStart = index
        var queryStart: Int?
        while true {
            let byte = view[index]
            if byte <= 0x20 || byte >= 0x7F { break }
            if byte == 0x3F, queryStart == nil { queryStart = index }
            // A fragment is never sent; one that is would be cut off by some servers and not by others.
            if byte == 0x23 { return .target }
            index += 1
        }
        guard view[index] == 0x20 else { return index > head.targetStart ? .target : .requestLine }
        head.targetEnd = index
        if index - head.targetStart > maximumTargetBytes { return .targetTooLong }
        let version = view.slice(index + 1, index + 9)
        guard version.slice(0, 5).equals("HTTP/"), version[5].isDigit, version[6] == 0x2E, version[7].isDigit,
            view[index + 9] == 0x0D, view[index + 10] == 0x0A
        else { return .requestLine }
        guard version[5] == 0x31, version[7] <= 0x31 else { return .version }
        head.minorVersion = version[7] &- 0x30
        head.fieldsStart = index + 11
        let method = view.slice(0, head.methodEnd)
        if method.equals("CONNECT") || method.equals("TRACE") { return .method }
        return splitTarget(view, queryStart, &head)
    }

    private func splitTarget(_ view: ByteView, _ queryStart: Int?, _ head: inout RequestHead) -> Refusal? {
        let pathEnd = queryStart ?? head.targetEnd
        head.query = ByteRange(start: pathEnd, end: head.targetEnd)
        if view[head.targetStart] == 0x2F {
            head.path = ByteRange(start: head.targetStart, end: pathEnd)
            return nil
        }
        let target = view.slice(head.targetStart, pathEnd)
        let schemeEnd: Int
        if target.slice(0, 7).equalsIgnoringCase("http://") {
            schemeEnd = 7
        } else if target.slice(0, 8).equalsIgnoringCase("https://") {
            schemeEnd = 8
        } else {
            return .target
        }
        let authorityStart = head.targetStart + schemeEnd
        let authorityEnd = min(view.firstIndex(of: 0x2F, from: authorityStart) ?? pathEnd, pathEnd)
        guard authorityEnd > authorityStart else { return .target }
        head.authority = ByteRange(start: authorityStart, end: authorityEnd)
        head.path = ByteRange(start: authorityEnd, end: pathEnd)
        return nil
    }
}
