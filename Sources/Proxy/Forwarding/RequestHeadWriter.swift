import NIOCore

/// Writes the head that an upstream receives. The client's fields are cleaned first and ours are added
/// after, so that nothing a client nominates or repeats can touch them.
struct RequestHeadWriter {
    /// Room for what is added around the client's own lines, addresses and the identity.
    static let fixedBytes = 512

    let request: ReceivedRequest
    let fields: FieldList
    let identity: CachedIdentity
    let requestID: RequestID
    /// Whether the route keeps trailers.
    let keepsTrailers: Bool

    /// Appends the head to `buffer`. False: it did not fit, which is a malfunction.
    func write(to buffer: inout ByteBuffer) -> Bool {
        let estimate =
            request.bytes.count + request.path.count + request.authority.count * 2 + request.client.count
            + identity.headers.block.count + certificateBytes + Self.fixedBytes
        var fits = true
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: estimate) { memory in
            var writer = ByteWriter(memory)
            writeRequestLine(&writer)
            writeClientFields(&writer)
            writeOwnFields(&writer)
            fits = !writer.overflowed
            return writer.count
        }
        return fits
    }

    private var certificateFields: [(before: [UInt8], after: [UInt8])] {
        request.certificateSubject.isEmpty ? [] : request.route?.certificateFields ?? []
    }

    private var certificateBytes: Int {
        certificateFields.reduce(0) { $0 + $1.before.count + request.certificateSubject.count + $1.after.count }
    }

    private func writeRequestLine(_ writer: inout ByteWriter) {
        writer.write(request.method)
        writer.write(byte: 0x20)
        writer.write(request.path)
        writer.write(request.query)
        writer.write(" HTTP/1.1\r\nHost: ")
        writer.write(request.authority)
        writer.write("\r\n")
    }

    /// Copies whole runs of lines that stay.
    private func writeClientFields(_ writer: inout ByteWriter) {
        let bytes = request.bytes
        var runStart = request.head.fieldsStart
        for index in 0..<fields.count {
            let field = fields[index]
            let isNominated = request.head.summary.nominates && isNominated(field)
            if field.kind == .other, !isNominated { continue }
            writer.write(bytes.slice(runStart, Int(field.nameStart)))
            runStart = Int(field.lineEnd)
            if field.kind == .cookie, !isNominated { CookieFilter.writeOthers(of: field.value(in: bytes), to: &writer) }
        }
        writer.write(bytes.slice(runStart, bytes.count - 2))
    }

    private func isNominated(_ candidate: Field) -> Bool {
        Nomination.contains(candidate, fields, request.bytes)
    }

    private func writeOwnFields(_ writer: inout ByteWriter) {
        writer.write("X-Forwarded-For: ")
        writer.write(request.client)
        writer.write("\r\nX-Forwarded-Host: ")
        writer.write(request.authority)
        writer.write(
            request.scheme == .https ? "\r\nX-Forwarded-Proto: https\r\nX-Request-Id: " : "\r\nX-Forwarded-Proto: http\r\nX-Request-Id: ")
        requestID.write(to: &writer)
        writer.write("\r\n")
        if !request.hasTrace { TraceContext.write(requestID, to: &writer) }
        writer.write(identity.headers.block)
        for field in certificateFields {
            writer.write(field.before)
            writer.write(request.certificateSubject)
            writer.write(field.after)
        }
        if request.webSocketAccept != nil { writer.write("Connection: Upgrade\r\nUpgrade: websocket\r\n") }
        if keepsTrailers, request.acceptsTrailers(fields) { writer.write("Connection: TE\r\nTE: trailers\r\n") }
        switch request.head.framing {
        case .none, .untilClose: break
        case .length(let length):
            writer.write("Content-Length: ")
            writer.write(decimal: length)
            writer.write("\r\n")
        case .chunked: writer.write("Transfer-Encoding: chunked\r\n")
        }
        writer.write("\r\n")
    }
}

/// Fields that `Connection` names (RFC 9110 §7.6.1): they end here, too.
enum Nomination {
    static func contains(_ candidate: Field, _ fields: FieldList, _ bytes: ByteView) -> Bool {
        let name = candidate.name(in: bytes)
        for index in 0..<fields.count where fields[index].kind == .connection {
            var list = TokenList(fields[index].value(in: bytes))
            while let token = list.next() {
                // An option that is no field's name.
                if token.equalsIgnoringCase("close") { continue }
                var matches = token.count == name.count
                for offset in 0..<name.count where name[offset].asciiLowercased != token[offset].asciiLowercased {
                    matches = false
                    break
                }
                if matches { return true }
            }
        }
        return false
    }
}
