import Glibc
import NIOCore

/// One HTTP/1.1 connection of a client: one request at a time, the next one only after the response.
/// Finds heads, takes bodies out of their framing and writes responses in theirs; what a request means is
/// the exchange's. Confined to its loop.
final class HTTP1Connection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase {
        /// Waits for a head or the rest of one. → exchanging, lingering, closed
        case head
        /// A request is under way. → head, tunnel, lingering, closed
        case exchanging
        /// A WebSocket: bytes are passed on as they come. → lingering, closed
        case tunnel
        /// The last response is sent; what still comes is dropped. → closed
        case lingering
        case closed
    }

    let loop: LoopState
    let exchange: Exchange
    var phase = Phase.head
    var context: ChannelHandlerContext?
    /// Received and not yet used.
    var input: ByteBuffer?
    private var scanner = HeadScanner()
    /// RFC 9112 §2.2: one empty line before a request is skipped.
    private var skippedEmptyLine = false
    private var requestBody = BodyDecoder(.none)
    /// The client waits for a 100 before it sends the body.
    private var expectsContinue = false
    var isHTTP10 = false
    /// Whether the connection goes on after the response.
    var persists = false
    /// How the body of the response under way is written.
    var responseFraming = ResponseHeadWriter.Framing.none
    /// Field lines for after the body.
    var trailers: [UInt8] = []
    var reads = ReadGate()

    init(exchange: Exchange) {
        loop = exchange.loop
        self.exchange = exchange
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        exchange.attach(to: self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        switch phase {
        case .head:
            if var whole = input {
                input = nil
                whole.writeBuffer(&buffer)
                buffer = whole
            }
            receiveHead(&buffer)
        case .exchanging: exchange.bodyUse == .take ? forwardBody(&buffer) : hold(&buffer)
        case .tunnel:
            exchange.tunnelSent(buffer)
            exchange.pauseBody()
        case .lingering, .closed: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .tunnel = phase, case .inputClosed? = event as? ChannelEvent { exchange.tunnelOutputEnded() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { close() }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { exchange.clientWritable() }
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        if reads.passes() { context.read() }
    }

    // MARK: Heads

    /// Looks for a complete head in `buffer` and acts on it.
    private func receiveHead(_ buffer: inout ByteBuffer) {
        let limits = loop.settings.limits
        let outcome = buffer.withUnsafeReadableBytes {
            scanner.scan(ByteView($0), maximumBytes: limits.maximumHeadBytes, maximumFields: limits.maximumFields)
        }
        switch outcome {
        case .incomplete:
            if exchange.request.id.isNone { exchange.begin() }
            input = buffer.readableBytes > 0 ? buffer : nil
        case .refused(let refusal):
            exchange.begin()
            exchange.refuse(refusal)
        case .complete(let end):
            scanner = HeadScanner()
            if end == 2, !skippedEmptyLine {
                skippedEmptyLine = true
                buffer.moveReaderIndex(forwardBy: 2)
                if buffer.readableBytes > 0 { receiveHead(&buffer) }
                return
            }
            phase = .exchanging
            exchange.begin()
            exchange.receive(&buffer, headBytes: end)
            useBody(&buffer)
        }
    }

    // MARK: Bodies

    /// Does with the bytes after a head what the exchange wants.
    private func useBody(_ buffer: inout ByteBuffer) {
        switch exchange.bodyUse {
        case .take: return forwardBody(&buffer)
        case .wait: break
        // What is wholly there is skipped; any other body ends the connection with the response.
        case .discard: while case .data = requestBody.next(&buffer) {}
        }
        hold(&buffer)
    }

    /// Passes on body bytes. What belongs to the next request is kept.
    private func forwardBody(_ buffer: inout ByteBuffer) {
        if expectsContinue {
            expectsContinue = false
            if buffer.readableBytes == 0 { sendContinue() }
        }
        forwarding: while !requestBody.isComplete {
            switch requestBody.next(&buffer) {
            case .data(let data):
                exchange.receiveBody(data)
                guard exchange.bodyUse == .take else { return }
            case .needMore, .end: break forwarding
            case .malformed: return exchange.failBody(.chunk)
            }
        }
        if requestBody.isComplete { exchange.endBody(trailers: requestBody.trailers) }
        exchange.pauseBody()
        hold(&buffer)
    }

    /// Keeps bytes for later. No more is read meanwhile, so that what is kept is bounded by what was
    /// already on its way.
    private func hold(_ buffer: inout ByteBuffer) {
        guard buffer.readableBytes > 0, case .exchanging = phase else { return }
        if var whole = input {
            input = nil
            whole.writeBuffer(&buffer)
            input = whole
        } else {
            input = buffer
        }
        holdReads()
    }

    // MARK: The end

    /// Closes the sending side and drops what still comes: closing at once would reset the connection and
    /// could take the response with it (RFC 9112 §9.6).
    func linger() {
        phase = .lingering
        input = nil
        exchange.setDeadline(loop.times.linger)
        context?.close(mode: .output, promise: nil)
        releaseReads()
    }

    /// Closes once everything written is sent.
    private func closeAfterWrites() {
        guard let context else { return end() }
        if context.channel.isWritable, !hasUnsentBytes(context) {
            close()
        } else {
            // NIO half-closes after the pending writes; the deadline bounds a client that does not read.
            phase = .lingering
            exchange.setDeadline(loop.times.bodyIdle)
            context.close(mode: .output, promise: nil)
            releaseReads()
        }
    }

    private func hasUnsentBytes(_ context: ChannelHandlerContext) -> Bool {
        ((try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0) > 0
    }

    /// Releases everything. Safe to call again.
    private func end() {
        if case .closed = phase { return }
        phase = .closed
        input = nil
        exchange.end()
    }
}

extension HTTP1Connection: ClientTransport, ReadHolder {
    var isIdle: Bool {
        if case .head = phase { input == nil } else { false }
    }

    func begin(_ head: RequestHead, keepsTrailers: Bool) {
        isHTTP10 = head.minorVersion == 0
        persists = head.isPersistent
        requestBody = BodyDecoder(head.framing, keepsTrailers: keepsTrailers)
        expectsContinue = head.minorVersion == 1 && head.summary.expectation == .continues && !requestBody.isComplete
    }

    var protocolName: StaticString { isHTTP10 ? "HTTP/1.0" : "HTTP/1.1" }

    /// Whether the rest of the request may never be read.
    var requestIsUnfinished: Bool { !requestBody.isComplete }

    func resumeBody() {
        if case .tunnel = phase { return resumeTunnel() }
        guard case .exchanging = phase else { return }
        if exchange.bodyUse != .discard { reads.release() }
        var rest = input ?? ByteBuffer()
        input = nil
        useBody(&rest)
        readIfWanted()
    }

    /// Goes on with the next request, or closes.
    func exchangeEnded() {
        switch phase {
        case .exchanging: break
        case .tunnel: return closeAfterWrites()
        case .head, .lingering, .closed: return
        }
        // Also while draining, if the client was told otherwise already: its next request is on its way.
        guard persists, requestBody.isComplete else {
            requestBody.isComplete ? closeAfterWrites() : linger()
            return
        }
        exchange.reset()
        phase = .head
        skippedEmptyLine = false
        exchange.setDeadline(loop.isDraining ? loop.times.linger : loop.times.idle)
        if var rest = input {
            input = nil
            receiveHead(&rest)
        }
        releaseReads()
    }

    func close() {
        end()
        context?.close(promise: nil)
    }

    func cut() {
        if case .untilClose = responseFraming, case .body = exchange.request.response {
            // Without framing a FIN would be a proper end.
            _ = (context?.channel as? any SocketOptionProvider)?.setSoLinger(Glibc.linger(l_onoff: 1, l_linger: 0))
        }
        close()
    }

    func deadlinePassed() {
        switch phase {
        case .head: input == nil ? close() : exchange.refuse(.headTimeout)
        case .exchanging, .tunnel, .lingering, .closed: close()
        }
    }
}
