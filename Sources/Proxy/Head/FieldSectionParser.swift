/// What a head's fields say together.
struct FieldSummary {
    enum Expectation { case none, continues, unknown }
    var host: Int?
    var contentLength: UInt64?
    var isChunked = false
    var closes = false
    var keepsAlive = false
    /// `Connection` names fields of its own choice.
    var nominates = false
    /// `Connection` names `Upgrade`.
    var upgrades = false
    var upgrade = Upgrade.none
    /// `Upgrade` names this protocol alone.
    enum Upgrade { case none, webSocket, other }
    /// Index of the first `traceparent`, and how many there are.
    var traceParent = 0
    var traceParents = 0
    var expectation = Expectation.none
    var cookies = 0
    var forwardedFor = 0
    var forwardedHost = 0
    var forwardedProto = 0
}

/// Parses the field lines of a complete head (RFC 9112 §5), strictly: no folding, no space before the
/// colon, no control byte, one framing.
struct FieldSectionParser {
    /// Most digits of a Content-Length: below 2^63, beyond any body.
    static let maximumContentLengthDigits = 18

    /// Normal form of each byte that may be in a name; 0 for those that may not.
    private let normal: UnsafeMutablePointer<UInt8>

    /// `normal`: 256 bytes from `makeNormalTable()`, which must outlive the parser.
    init(normal: UnsafeMutablePointer<UInt8>) { self.normal = normal }

    static func makeNormalTable() -> UnsafeMutablePointer<UInt8> {
        let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
        for byte in 0...255 {
            let value = UInt8(truncatingIfNeeded: byte)
            table[byte] = !value.isToken ? 0 : value.isLetter || value.isDigit ? value.asciiLowercased : 0x2D
        }
        return table
    }

    /// `view` ends with the head's empty line; `start` is the first byte after the start line.
    func parse(_ view: ByteView, from start: Int, names: HeaderNames, into fields: FieldList, summary: inout FieldSummary) -> Refusal? {
        fields.removeAll()
        var index = start
        let end = view.count - 2
        while index < end {
            let nameStart = index
            var hash = ByteHash()
            while true {
                let byte = normal[Int(view[index])]
                if byte == 0 { break }
                hash.add(byte)
                index += 1
            }
            guard index > nameStart, view[index] == 0x3A else { return .fieldName }
            let nameEnd = index
            index += 1
            while view[index].isSpaceOrTab { index += 1 }
            let valueStart = index
            index = Self.endOfValue(view, from: index)
            guard view[index] == 0x0D, view[index + 1] == 0x0A else { return .fieldValue }
            var valueEnd = index
            while valueEnd > valueStart, view[valueEnd - 1].isSpaceOrTab { valueEnd -= 1 }
            index += 2
            let name = view.slice(nameStart, nameEnd)
            let field = Field(
                nameStart: UInt32(truncatingIfNeeded: nameStart), nameEnd: UInt32(truncatingIfNeeded: nameEnd),
                valueStart: UInt32(truncatingIfNeeded: valueStart), valueEnd: UInt32(truncatingIfNeeded: valueEnd),
                lineEnd: UInt32(truncatingIfNeeded: index),
                kind: names.kind(of: name, hash: hash.value, normal: normal))
            if field.kind != .other, let refusal = note(field, view, fields.count, &summary) { return refusal }
            guard fields.append(field) else { return .tooManyFields }
        }
        if summary.isChunked, summary.contentLength != nil { return .framingConflict }
        return nil
    }

    /// First byte that is neither HTAB, SP, VCHAR nor obs-text, eight bytes at a time.
    @inline(__always)
    static func endOfValue(_ view: ByteView, from start: Int) -> Int {
        var index = start
        while let word = view.word(at: index) {
            // Flags bytes below 0x20 and 0x7F. Borrows only flag bytes above one that is really flagged.
            let low = (word &- 0x2020_2020_2020_2020) & ~word & 0x8080_8080_8080_8080
            let toggled = word ^ 0x7F7F_7F7F_7F7F_7F7F
            let delete = (toggled &- 0x0101_0101_0101_0101) & ~toggled & 0x8080_8080_8080_8080
            let flagged = low | delete
            if flagged == 0 {
                index += 8
                continue
            }
            index += flagged.trailingZeroBitCount >> 3
            if view[index] != 0x09 { return index }
            index += 1
        }
        while index < view.count {
            let byte = view[index]
            if byte < 0x20 ? byte != 0x09 : byte == 0x7F { return index }
            index += 1
        }
        return index
    }

    private func note(_ field: Field, _ view: ByteView, _ index: Int, _ summary: inout FieldSummary) -> Refusal? {
        switch field.kind {
        case .host:
            guard summary.host == nil else { return .hostRepeated }
            summary.host = index
        case .connection:
            noteConnection(field.value(in: view), &summary)
        case .contentLength:
            guard summary.contentLength == nil, !hasTab(field, view), let length = Self.decimal(field.value(in: view)) else {
                return .contentLength
            }
            summary.contentLength = length
        case .transferEncoding:
            guard !summary.isChunked, !hasTab(field, view), field.value(in: view).equalsIgnoringCase("chunked") else {
                return .transferEncoding
            }
            summary.isChunked = true
        case .expect:
            let known = field.value(in: view).equalsIgnoringCase("100-continue")
            summary.expectation = known && summary.expectation != .unknown ? .continues : .unknown
        case .cookie: summary.cookies += 1
        case .forwardedFor: summary.forwardedFor += 1
        case .forwardedHost: summary.forwardedHost += 1
        case .forwardedProto: summary.forwardedProto += 1
        case .upgrade:
            let isFirst = summary.upgrade == .none
            summary.upgrade = isFirst && field.value(in: view).equalsIgnoringCase("websocket") ? .webSocket : .other
        case .traceParent:
            if summary.traceParents == 0 { summary.traceParent = index }
            summary.traceParents += 1
        case .other, .setCookie, .forwarding, .forwardedPrefix, .traceState, .hopByHop, .reserved, .alias: break
        }
        return nil
    }

    /// Framing fields may be surrounded by spaces; a tab there is read differently by different servers.
    private func hasTab(_ field: Field, _ view: ByteView) -> Bool {
        let line = view.slice(Int(field.nameEnd), Int(field.lineEnd))
        return line.firstIndex(of: 0x09, from: 0) != nil
    }

    private func noteConnection(_ value: ByteView, _ summary: inout FieldSummary) {
        var list = TokenList(value)
        while let token = list.next() {
            if token.equalsIgnoringCase("close") {
                summary.closes = true
            } else if token.equalsIgnoringCase("keep-alive") {
                summary.keepsAlive = true
            } else if token.equalsIgnoringCase("upgrade") {
                summary.upgrades = true
            } else {
                summary.nominates = true
            }
        }
    }

    /// Digits only: no sign, no list, no white space.
    static func decimal(_ view: ByteView) -> UInt64? {
        guard view.count >= 1, view.count <= maximumContentLengthDigits else { return nil }
        var value: UInt64 = 0
        for index in 0..<view.count {
            guard view[index].isDigit else { return nil }
            value = value &* 10 &+ UInt64(view[index] &- 0x30)
        }
        return value
    }
}

/// The elements of a comma-separated list (RFC 9110 §5.6.1), empty ones skipped.
struct TokenList {
    private let view: ByteView
    private var index = 0

    init(_ view: ByteView) { self.view = view }

    mutating func next() -> ByteView? {
        while index < view.count {
            let end = view.firstIndex(of: 0x2C, from: index) ?? view.count
            let element = view.slice(index, end).trimmed()
            index = end + 1
            if !element.isEmpty { return element }
        }
        return nil
    }
}
