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
    }

    let bytes: ByteView
    let head: ResponseHead
    let fields: FieldList
    let framing: Framing
    let closes: Bool

    /// Appends the head to `buffer`. False: it did not fit, which is a malfunction.
    func write(to buffer: inout ByteBuffer) -> Bool {
        var fits = true
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: bytes.count + Self.fixedBytes) { memory in
            var writer = ByteWriter(memory)
            writer.write("HTTP/1.1")
            writer.write(bytes.slice(8, head.reason.end))
            if head.reason.isEmpty { writer.write(byte: 0x20) }
            writer.write("\r\n")
            writeFields(&writer)
            switch framing {
            case .none, .untilClose: break
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

    private func isKept(_ field: Field) -> Bool {
        switch field.kind {
        case .other: return !head.summary.nominates || !Nomination.contains(field, fields, bytes)
        case .setCookie: return !CookieFilter.setsGatewayCookie(field.value(in: bytes))
        case .host, .connection, .contentLength, .transferEncoding, .expect, .cookie, .forwardedFor, .forwardedHost,
            .forwardedProto, .forwarding, .hopByHop, .reserved, .alias:
            return false
        }
    }
}
