/// An upstream's response head that passed the parser, as offsets into its bytes.
struct ResponseHead {
    var status = 0
    /// From the space after the status code to the end of the line.
    var reason = ByteRange()
    var minorVersion: UInt8 = 1
    var summary = FieldSummary()
    var fieldsStart = 0

    /// Framing of the body, for a response to this kind of request (RFC 9112 §6.3).
    func framing(toHead isHead: Bool) -> BodyFraming {
        if isHead || status == 204 || status == 304 || status < 200 { return .none }
        if summary.isChunked { return .chunked }
        if let length = summary.contentLength { return .length(length) }
        return .untilClose
    }

    /// Whether the upstream keeps the connection, as far as the head says.
    var isPersistent: Bool { minorVersion == 1 && !summary.closes }
}

/// The parser of response heads, as strict as that of requests: an upstream that can be made to send
/// something ambiguous must not reach the browser with it.
struct ResponseHeadParser {
    let section: FieldSectionParser

    /// `nil`: not an answer in HTTP/1. `view` is a complete head with its empty line.
    func parse(_ view: ByteView, into fields: FieldList) -> ResponseHead? {
        var head = ResponseHead()
        guard view.slice(0, 7).equals("HTTP/1."), view[7] == 0x30 || view[7] == 0x31, view[8] == 0x20 else { return nil }
        head.minorVersion = view[7] &- 0x30
        guard view[9].isDigit, view[10].isDigit, view[11].isDigit else { return nil }
        head.status = Int(view[9] &- 0x30) * 100 + Int(view[10] &- 0x30) * 10 + Int(view[11] &- 0x30)
        guard head.status >= 100, head.status <= 599, view[12] == 0x20 || view[12] == 0x0D else { return nil }
        let lineEnd = FieldSectionParser.endOfValue(view, from: 12)
        guard view[lineEnd] == 0x0D, view[lineEnd + 1] == 0x0A else { return nil }
        head.reason = ByteRange(start: 12, end: lineEnd)
        head.fieldsStart = lineEnd + 2
        guard section.parse(view, from: head.fieldsStart, names: .response, into: fields, summary: &head.summary) == nil
        else { return nil }
        // RFC 9112 §6.1: no transfer coding below HTTP/1.1. §6.1: none with 1xx and 204.
        if head.summary.isChunked, head.minorVersion == 0 || head.status < 200 || head.status == 204 { return nil }
        return head
    }
}
