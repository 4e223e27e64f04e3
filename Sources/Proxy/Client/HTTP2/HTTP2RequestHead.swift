import NIOCore
import NIOHPACK

/// Turns the header block of an HTTP/2 request into a head in the form of HTTP/1.1, which then goes through
/// the same parser as any other: the bytes that are decided on are the bytes that are forwarded.
///
/// Strict (RFC 9113 §8.2, §8.3): nothing that could end a line, begin another or mean two things gets into
/// the head. The frame layer refuses most of it before; a version of it that did not was CVE-2026-28898.
struct HTTP2RequestHead {
    let limits: ProxyLimits
    private var buffer = ByteBuffer()
    private var method: String?
    private var scheme: String?
    private var path: String?
    private var authority: String?
    private var host: String?
    /// RFC 9113 §8.2.3: a cookie may come in several fields, which are one.
    private var cookies: String?
    private var hasLength = false
    private var hasRequestLine = false

    enum Outcome {
        case head(ByteBuffer)
        case refused(Refusal)
    }

    static func make(_ headers: HPACKHeaders, endsStream: Bool, limits: ProxyLimits) -> Outcome {
        var head = HTTP2RequestHead(limits: limits)
        for (name, value, _) in headers {
            if let refusal = head.add(name, value) { return .refused(refusal) }
        }
        if let refusal = head.finish(endsStream: endsStream) { return .refused(refusal) }
        return .head(head.buffer)
    }

    private init(limits: ProxyLimits) { self.limits = limits }

    private mutating func add(_ name: String, _ value: String) -> Refusal? {
        guard Self.isFieldValue(value) else { return .fieldValue }
        if name.utf8.first == 0x3A { return addPseudo(name, value) }
        guard Self.isFieldName(name) else { return .fieldName }
        if !hasRequestLine, let refusal = writeRequestLine() { return refusal }
        switch name {
        // RFC 9113 §8.2.2: these belong to one connection of HTTP/1.1, and `Transfer-Encoding` to a smuggler.
        case "connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade": return .connectionField
        case "te": return value == "trailers" ? nil : .connectionField
        case "host": return addHost(value)
        case "cookie":
            cookies = cookies.map { "\($0); \(value)" } ?? value
            return checkSize(cookies?.utf8.count ?? 0)
        case "content-length": hasLength = true
        default: break
        }
        write(name, value)
        return checkSize(0)
    }

    private mutating func addPseudo(_ name: String, _ value: String) -> Refusal? {
        // They come first, and each of the four once.
        guard !hasRequestLine else { return .pseudoField }
        switch name {
        case ":method" where method == nil: method = value
        case ":scheme" where scheme == nil: scheme = value
        case ":path" where path == nil: path = value
        case ":authority" where authority == nil: authority = value
        default: return .pseudoField
        }
        return nil
    }

    private mutating func addHost(_ value: String) -> Refusal? {
        guard host == nil else { return .hostRepeated }
        host = value
        if let authority {
            // Two hosts in one request: the one that decides must be the one that is forwarded.
            return authority.utf8.elementsEqual(value.utf8, by: { $0.asciiLowercased == $1.asciiLowercased }) ? nil : .hostMismatch
        }
        guard Self.isVisible(value) else { return .host }
        write("Host", value)
        return nil
    }

    private mutating func writeRequestLine() -> Refusal? {
        hasRequestLine = true
        guard let method, Self.isVisible(method) else { return .pseudoField }
        // RFC 9113 §8.5: it has no path; and we are nobody's tunnel.
        guard method != "CONNECT" else { return .method }
        guard scheme == "https" else { return .pseudoField }
        guard let path, path.utf8.first == 0x2F, Self.isVisible(path) else { return .target }
        buffer.writeString(method)
        buffer.writeStaticString(" ")
        buffer.writeString(path)
        buffer.writeStaticString(" HTTP/1.1\r\n")
        guard let authority else { return nil }
        guard Self.isVisible(authority) else { return .host }
        write("Host", authority)
        return checkSize(0)
    }

    private mutating func finish(endsStream: Bool) -> Refusal? {
        if !hasRequestLine, let refusal = writeRequestLine() { return refusal }
        if let cookies { write("cookie", cookies) }
        if !endsStream, !hasLength { buffer.writeStaticString("transfer-encoding: chunked\r\n") }
        buffer.writeStaticString("\r\n")
        return checkSize(0)
    }

    private mutating func write(_ name: String, _ value: String) {
        buffer.writeString(name)
        buffer.writeStaticString(": ")
        buffer.writeString(value)
        buffer.writeStaticString("\r\n")
    }

    private func checkSize(_ more: Int) -> Refusal? {
        buffer.readableBytes + more <= limits.maximumHeadBytes ? nil : .headTooLarge
    }

    // MARK: Characters

    /// No upper case: RFC 9113 §8.2.1.
    private static func isFieldName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { $0.isToken && $0 == $0.asciiLowercased }
    }

    /// No control byte, no white space around, and no U+FFFD, which is what the frame layer makes of bytes
    /// that are no UTF-8: the value would not be the one that was sent.
    private static func isFieldValue(_ value: String) -> Bool {
        var copy = value
        return copy.withUTF8 { raw in
            let view = ByteView(UnsafeRawBufferPointer(raw))
            guard FieldSectionParser.endOfValue(view, from: 0) == view.count, view.trimmed().count == view.count else { return false }
            var index = 0
            while let found = view.firstIndex(of: 0xEF, from: index) {
                if view[found + 1] == 0xBF, view[found + 2] == 0xBD { return false }
                index = found + 1
            }
            return true
        }
    }

    private static func isVisible(_ value: String) -> Bool {
        !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}
