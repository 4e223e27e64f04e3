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
        // A replaced value is not the one that was sent.
        guard HTTP2Field.isValue(value), !HTTP2Field.hasReplacement(value) else { return .fieldValue }
        if name.utf8.first == 0x3A { return addPseudo(name, value) }
        guard HTTP2Field.isName(name) else { return .fieldName }
        if HTTP2Field.isOfConnection(name) { return .connectionField }
        if !hasRequestLine, let refusal = writeRequestLine() { return refusal }
        switch name {
        case "te": if value != "trailers" { return .connectionField }
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
        guard HTTP2Field.isVisible(value) else { return .host }
        write("Host", value)
        return nil
    }

    private mutating func writeRequestLine() -> Refusal? {
        hasRequestLine = true
        guard let method, HTTP2Field.isVisible(method) else { return .pseudoField }
        // RFC 9113 §8.5: it has no path; and we are nobody's tunnel.
        guard method != "CONNECT" else { return .method }
        guard scheme == "https" else { return .pseudoField }
        guard let path, path.utf8.first == 0x2F, HTTP2Field.isVisible(path) else { return .target }
        buffer.writeString(method)
        buffer.writeStaticString(" ")
        buffer.writeString(path)
        buffer.writeStaticString(" HTTP/1.1\r\n")
        guard let authority else { return nil }
        guard HTTP2Field.isVisible(authority) else { return .host }
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
}
