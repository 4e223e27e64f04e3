import NIOCore

/// Writes the head that a client receives for an upstream's response.
struct ResponseHeadWriter {
    static let fixedBytes = 256

    enum Framing {
        /// No body, and nothing said about one.
        case none
        case length(UInt64)
        case chunked
        /// For HTTP/1.0.
        case untilClose
        /// A 101: what follows is no HTTP.
        case webSocket
    }

    let bytes: ByteView
    let head: ResponseHead
    let fields: FieldList
    let framing: Framing
    let closes: Bool
    /// Field lines that the route adds.
    var added: [UInt8] = []

    /// Appends the head to `buffer`. False: it did not fit, which is a malfunction.
    func write(to buffer: inout ByteBuffer) -> Bool {
        var fits = true
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: bytes.count + added.count + Self.fixedBytes) { memory in
            var writer = ByteWriter(memory)
            writer.write("HTTP/1.1")
            writer.write(bytes.slice(8, head.reason.end))
            if head.reason.isEmpty { writer.write(byte: 0x20) }
            writer.write("\r\n")
            writeFields(&writer)
            if !added.isEmpty { writer.write(added) }
            switch framing {
            case .none, .untilClose: break
            case .webSocket: writer.write("Connection: Upgrade\r\nUpgrade: websocket\r\n")
            case .length(let length):
                writer.write("Content-Length: ")
                writer.write(decimal: length)
                writer.write("\r\n")
            case .chunked: writer.write("Transfer-Encoding: chunked\r\n")
            }
            if closes { writer.write("Connection: close\r\n") }
            writer.write("\r\n")
            fits = !writer.overflowed
            return writer.count
        }
        return fits
    }

    private func writeFields(_ writer: inout ByteWriter) {
        var runStart = head.fieldsStart
        for index in 0..<fields.count {
            let field = fields[index]
            if isKept(field) { continue }
            writer.write(bytes.slice(runStart, Int(field.nameStart)))
            runStart = Int(field.lineEnd)
        }
        writer.write(bytes.slice(runStart, bytes.count - 2))
    }

    /// Whether a client may see the field.
    func isKept(_ field: Field) -> Bool {
        switch field.kind {
        case .other: return !head.summary.nominates || !Nomination.contains(field, fields, bytes)
        case .setCookie: return !CookieFilter.setsGatewayCookie(field.value(in: bytes))
        case .host, .connection, .contentLength, .transferEncoding, .expect, .cookie, .forwardedFor, .forwardedHost,
            .forwardedProto, .forwarding, .forwardedPrefix, .upgrade, .traceParent, .traceState, .hopByHop, .reserved, .alias:
            return false
        }
    }
}
