import NIOCore

/// Responses in HTTP/1.1. What one callback brings is collected in the loop's scratch memory and written
/// at once.
extension HTTP1Connection {
    var takesMore: Bool { context?.channel.isWritable ?? false }

    func sendContinue() {
        loop.scratch.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
        flush()
    }

    func sendInterim(_ head: ResponseHead, _ bytes: ByteView) {
        guard !isHTTP10 else { return }
        let writer = ResponseHeadWriter(bytes: bytes, head: head, fields: loop.responseFields, framing: .none, closes: false)
        if writer.write(to: &loop.scratch) { flush() } else { loop.scratch.clear() }
    }

    func sendHead(_ head: ResponseHead, _ bytes: ByteView, _ framing: BodyFraming) -> Bool {
        switch framing {
        case .none:
            // RFC 9110 §8.6: a response to HEAD and a 304 may say how long the body would be.
            if head.status != 204, let length = head.summary.contentLength {
                responseFraming = .length(length)
            } else {
                responseFraming = .none
            }
        case .length(let length): responseFraming = .length(length)
        case .chunked, .untilClose: responseFraming = isHTTP10 ? .untilClose : .chunked
        }
        // A body that is still arriving may never be read to its end.
        if loop.isDraining || requestIsUnfinished { persists = false }
        let writer = ResponseHeadWriter(
            bytes: bytes, head: head, fields: loop.responseFields, framing: responseFraming, closes: !persists,
            added: exchange.request.route?.responseRules?.block ?? [])
        if writer.write(to: &loop.scratch) { return true }
        loop.scratch.clear()
        return false
    }

    func sendBody(_ data: ByteBuffer) {
        switch responseFraming {
        case .none, .webSocket: break
        case .length, .untilClose: writeOut(data)
        case .chunked:
            loop.scratch.writeString(String(data.readableBytes, radix: 16))
            loop.scratch.writeStaticString("\r\n")
            writeOut(data)
            loop.scratch.writeStaticString("\r\n")
        }
    }

    func sendTrailers(_ lines: [UInt8]) { trailers = lines }

    func sendEnd() {
        guard case .chunked = responseFraming else { return }
        guard !trailers.isEmpty else {
            loop.scratch.writeStaticString("0\r\n\r\n")
            return
        }
        loop.scratch.writeStaticString("0\r\n")
        loop.scratch.writeBytes(trailers)
        loop.scratch.writeStaticString("\r\n")
        trailers = []
    }

    // MARK: Tunnels

    func beginTunnel(_ head: ResponseHead, _ bytes: ByteView) -> Bool {
        responseFraming = .webSocket
        persists = false
        let writer = ResponseHeadWriter(bytes: bytes, head: head, fields: loop.responseFields, framing: .webSocket, closes: false)
        guard writer.write(to: &loop.scratch) else {
            loop.scratch.clear()
            return false
        }
        phase = .tunnel
        // Either direction may end before the other.
        try? context?.channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
        flush()
        return true
    }

    /// Bytes that the client sent before it knew of the 101.
    func resumeTunnel() {
        guard let early = input else { return releaseReads() }
        input = nil
        exchange.tunnelSent(early)
        exchange.pauseBody()
        if exchange.upstream?.takesMore ?? false { releaseReads() }
    }

    func sendTunnel(_ data: ByteBuffer) { writeOut(data) }

    func endTunnel() {
        flush()
        context?.close(mode: .output, promise: nil)
    }

    /// Small pieces are joined with what is there already; large ones are written as they are.
    private func writeOut(_ data: ByteBuffer) {
        if data.readableBytes <= UpstreamConnection.maximumJoinedBytes {
            loop.scratch.writeImmutableBuffer(data)
        } else {
            writeScratch()
            context?.write(wrapOutboundOut(data), promise: nil)
        }
    }

    private func writeScratch() {
        guard loop.scratch.readableBytes > 0 else { return }
        context?.write(wrapOutboundOut(loop.scratch), promise: nil)
        loop.clearScratch()
    }

    func flush() {
        guard loop.scratch.readableBytes > 0 else {
            context?.flush()
            return
        }
        context?.writeAndFlush(wrapOutboundOut(loop.scratch), promise: nil)
        loop.clearScratch()
    }

    // MARK: Responses of the gateway itself

    func sendWhole(_ response: LocalResponse) {
        if loop.isDraining || requestIsUnfinished { persists = false }
        var text = "HTTP/1.1 \(response.status) \(StatusPhrase.of(response.status))\r\n"
        for (name, value) in response.headers where !LocalResponse.isFraming(name) { text += "\(name): \(value)\r\n" }
        let hasBody = response.status != 204 && response.status != 304
        if hasBody { text += "Content-Length: \(response.body.count)\r\n" }
        if !persists { text += "Connection: close\r\n" }
        text += "X-Request-Id: \(exchange.request.id.text)\r\n\r\n"
        var buffer = ByteBuffer(string: text)
        if hasBody, !exchange.request.isHead { buffer.writeBytes(response.body) }
        context?.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    func sendRefusal(_ refusal: Refusal) {
        let phrase = StatusPhrase.of(refusal.status)
        let retry = refusal.status == 503 ? "Retry-After: 1\r\n" : ""
        var text = "HTTP/1.1 \(refusal.status) \(phrase)\r\nContent-Type: text/plain\r\nContent-Length: \(phrase.utf8.count + 1)\r\n"
        text += "\(retry)Connection: close\r\nX-Request-Id: \(exchange.request.id.text)\r\n\r\n"
        if !exchange.request.isHead { text += "\(phrase)\n" }
        context?.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        linger()
    }
}
