import NIOCore
import NIOHPACK
import NIOHTTP2

/// Responses in HTTP/2: a HEADERS frame, DATA frames, and the end of the stream with the last of them.
extension HTTP2Stream {
    func sendContinue() {
        write(HPACKHeaders([(":status", "100")]), endsStream: false)
        context?.flush()
    }

    func sendInterim(_ head: ResponseHead, _ bytes: ByteView) {
        write(headers(head, bytes), endsStream: false)
        context?.flush()
    }

    func sendHead(_ head: ResponseHead, _ bytes: ByteView, _ framing: BodyFraming) -> Bool {
        var block = headers(head, bytes)
        for field in exchange.request.route?.responseRules?.fields ?? [] { block.add(name: field.name, value: field.value) }
        switch framing {
        case .none:
            // RFC 9110 §8.6: a response to HEAD and a 304 may say how long the body would be.
            if head.status != 204, let length = head.summary.contentLength { block.add(name: "content-length", value: String(length)) }
            responseHasEnded = true
        case .length(let length):
            // Without a length of the upstream's own the end of the stream says it: an answer that is nothing but
            // trailers (gRPC) goes on as it came.
            if head.summary.contentLength != nil { block.add(name: "content-length", value: String(length)) }
            responseHasEnded = length == 0
        case .chunked, .untilClose: break
        }
        write(block, endsStream: responseHasEnded)
        return true
    }

    func sendBody(_ data: ByteBuffer) {
        guard !responseHasEnded else { return }
        sendOutput(endsStream: false)
        output = data
    }

    func sendTrailers(_ lines: [UInt8]) { responseTrailers = lines }

    func sendEnd() {
        guard !responseHasEnded else { return }
        responseHasEnded = true
        guard responseTrailers.isEmpty else {
            sendOutput(endsStream: false)
            return write(HTTP2Trailers.headers(from: responseTrailers), endsStream: true)
        }
        if output == nil { output = ByteBuffer() }
        sendOutput(endsStream: true)
    }

    func flush() {
        sendOutput(endsStream: false)
        context?.flush()
    }

    private func sendOutput(endsStream: Bool) {
        guard let output else { return }
        self.output = nil
        context?.write(wrapOutboundOut(.data(.init(data: .byteBuffer(output), endStream: endsStream))), promise: nil)
    }

    private func write(_ headers: HPACKHeaders, endsStream: Bool) {
        context?.write(wrapOutboundOut(.headers(.init(headers: headers, endStream: endsStream))), promise: nil)
    }

    /// The fields that a client may see. Values that are no UTF-8 are not passed on byte for byte: the frame
    /// layer has text only.
    private func headers(_ head: ResponseHead, _ bytes: ByteView) -> HPACKHeaders {
        let fields = loop.responseFields
        var block = HPACKHeaders()
        block.reserveCapacity(fields.count + 2)
        block.add(name: ":status", value: String(head.status))
        let writer = ResponseHeadWriter(bytes: bytes, head: head, fields: fields, framing: .none, closes: false)
        for index in 0..<fields.count {
            let field = fields[index]
            guard writer.isKept(field) else { continue }
            block.add(name: HTTP2Field.lowercased(field.name(in: bytes)), value: field.value(in: bytes).string)
        }
        return block
    }

    // MARK: Responses of the gateway itself

    func sendWhole(_ response: LocalResponse) {
        var block = HPACKHeaders([(":status", String(response.status))])
        for (name, value) in response.headers where !LocalResponse.isFraming(name) { block.add(name: name.lowercased(), value: value) }
        let hasBody = response.status != 204 && response.status != 304
        if hasBody { block.add(name: "content-length", value: String(response.body.count)) }
        send(block, body: hasBody && !exchange.request.isHead ? response.body : [])
    }

    func sendRefusal(_ refusal: Refusal) {
        let text = StatusPhrase.of(refusal.status) + "\n"
        var block = HPACKHeaders([(":status", String(refusal.status)), ("content-type", "text/plain")])
        block.add(name: "content-length", value: String(text.utf8.count))
        if refusal.status == 503 { block.add(name: "retry-after", value: "1") }
        send(block, body: exchange.request.isHead ? [] : Array(text.utf8))
        exchangeEnded()
    }

    private func send(_ headers: HPACKHeaders, body: [UInt8]) {
        var block = headers
        block.add(name: "x-request-id", value: exchange.request.id.text)
        responseHasEnded = true
        write(block, endsStream: body.isEmpty)
        if !body.isEmpty {
            context?.write(wrapOutboundOut(.data(.init(data: .byteBuffer(ByteBuffer(bytes: body)), endStream: true))), promise: nil)
        }
        context?.flush()
    }
}
