import NIOCore
import NIOHPACK
import NIOHTTP2

/// One stream of an HTTP/2 connection: carries one exchange. Confined to its loop.
///
/// Never asks its context for addresses, nor its channel for most options: the frame layer aborts the
/// process then.
final class HTTP2Stream: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private enum Phase {
        /// → exchanging, closed
        case head
        /// → responded, closed
        case exchanging
        /// The response is written, to the last frame. → closed
        case responded
        case closed
    }

    let loop: LoopState
    let exchange: Exchange
    private let connection: HTTP2Connection
    private var phase = Phase.head
    var context: ChannelHandlerContext?
    /// Received and not yet used: at most one window.
    private var input: [ByteBuffer] = []
    /// What `Content-Length` leaves; `nil` without one.
    private var expectedBytes: UInt64?
    private var clientHasEnded = false
    /// Raw field lines after the body, where the route keeps them.
    private var requestTrailers: [UInt8] = []
    private var keepsTrailers = false
    /// The client waits for a 100 before it sends the body.
    private var expectsContinue = false
    /// Body of the response that the next call sends, with or without the end of the stream.
    var output: ByteBuffer?
    var responseHasEnded = false
    /// Field lines for after the body.
    var responseTrailers: [UInt8] = []
    var reads = ReadGate()

    init(exchange: Exchange, connection: HTTP2Connection) {
        loop = exchange.loop
        self.exchange = exchange
        self.connection = connection
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        exchange.attach(to: self)
        connection.streamOpened(try? context.channel.syncOptions?.getOption(HTTP2StreamChannelOptions.streamID))
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { close() }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { exchange.clientWritable() }
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        if reads.passes() { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .headers(let frame):
            if case .head = phase { return receiveHead(frame) }
            receiveTrailers(frame)
        case .data(let frame):
            if case .byteBuffer(let bytes) = frame.data, bytes.readableBytes > 0 { receiveBody(bytes) }
            if frame.endStream { receiveEnd() }
        case .alternativeService, .goAway, .origin, .ping, .priority, .pushPromise, .rstStream, .settings, .windowUpdate: break
        }
    }

    // MARK: The request

    private func receiveHead(_ frame: HTTP2Frame.FramePayload.Headers) {
        // The frame layer counts only for clients that have acknowledged the limit.
        guard !connection.hasTooManyStreams else { return reset(.refusedStream) }
        phase = .exchanging
        exchange.begin()
        clientHasEnded = frame.endStream
        switch HTTP2RequestHead.make(frame.headers, endsStream: frame.endStream, limits: loop.settings.limits) {
        case .refused(let refusal): exchange.refuse(refusal)
        case .head(var head):
            let bytes = head.readableBytes
            // The whole must be one head and no more, as the parser of any other would find it.
            var scanner = HeadScanner()
            let limits = loop.settings.limits
            let found = head.withUnsafeReadableBytes {
                scanner.scan(ByteView($0), maximumBytes: limits.maximumHeadBytes, maximumFields: limits.maximumFields)
            }
            switch found {
            case .complete(bytes):
                exchange.receive(&head, headBytes: bytes)
                useBody()
            case .complete, .incomplete: exchange.refuse(.fieldValue)
            case .refused(let refusal): exchange.refuse(refusal)
            }
        }
    }

    private func receiveBody(_ bytes: ByteBuffer) {
        guard case .exchanging = phase else { return }
        if let expected = expectedBytes {
            guard UInt64(bytes.readableBytes) <= expected else { return exchange.failBody(.contentLength) }
            expectedBytes = expected - UInt64(bytes.readableBytes)
        }
        input.append(bytes)
        useBody()
    }

    private func receiveTrailers(_ frame: HTTP2Frame.FramePayload.Headers) {
        guard frame.endStream else { return }
        if case .exchanging = phase {
            guard let lines = HTTP2Trailers.lines(of: frame.headers) else { return exchange.failBody(.fieldName) }
            if keepsTrailers { requestTrailers = lines }
        }
        receiveEnd()
    }

    private func receiveEnd() {
        guard case .exchanging = phase else {
            clientHasEnded = true
            return
        }
        if let expectedBytes, expectedBytes > 0 { return exchange.failBody(.contentLength) }
        clientHasEnded = true
        useBody()
    }

    /// Does with what has arrived of the body what the exchange wants.
    private func useBody() {
        guard case .exchanging = phase else { return }
        switch exchange.bodyUse {
        case .wait: if !input.isEmpty { holdReads() }
        case .discard: input = []
        case .take: handOver()
        }
    }

    private func handOver() {
        if expectsContinue {
            expectsContinue = false
            if input.isEmpty, !clientHasEnded { sendContinue() }
        }
        let pieces = input
        input = []
        for piece in pieces {
            exchange.receiveBody(piece)
            guard exchange.bodyUse == .take else { return }
        }
        if clientHasEnded { exchange.endBody(trailers: requestTrailers) }
        exchange.pauseBody()
    }

    // MARK: The end

    /// Releases everything. Safe to call again.
    private func end() {
        if case .closed = phase { return }
        phase = .closed
        if context != nil { connection.streamClosed() }
        input = []
        output = nil
        exchange.end()
    }

    private func reset(_ code: HTTP2ErrorCode) {
        guard let context, phase != .closed else { return end() }
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.rstStream(code)), promise: nil)
        end()
        // Where the frame layer has not closed the stream with the frame.
        if channel.isActive { context.close(promise: nil) }
    }
}

extension HTTP2Stream: ClientTransport, ReadHolder {
    var takesMore: Bool { context?.channel.isWritable ?? false }

    /// A stream is there for one request; its connection is what can be idle.
    var isIdle: Bool { false }

    var protocolName: StaticString { "HTTP/2" }

    func begin(_ head: RequestHead, keepsTrailers: Bool) {
        self.keepsTrailers = keepsTrailers
        if case .length(let length) = head.framing { expectedBytes = length }
        expectsContinue = head.summary.expectation == .continues && !exchange.request.bodyIsComplete
    }

    func resumeBody() {
        if exchange.bodyUse != .discard { reads.release() }
        useBody()
        readIfWanted()
    }

    func exchangeEnded() {
        guard case .exchanging = phase else { return }
        phase = .responded
        input = []
        // Bounds a client that opens no window for what is written, or goes on with a request that is answered:
        // resetting at once would drop what is written and not yet sent (RFC 9113 §8.1).
        exchange.setDeadline(clientHasEnded ? loop.times.bodyIdle : loop.times.linger)
        releaseReads()
    }

    func cut() { reset(.internalError) }

    func close() { reset(.cancel) }

    func deadlinePassed() { reset(clientHasEnded ? .cancel : .noError) }
}
