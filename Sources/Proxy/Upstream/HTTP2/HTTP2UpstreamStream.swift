import NIOCore
import NIOHPACK
import NIOHTTP2

/// One stream of an HTTP/2 connection to an upstream: carries one exchange. Confined to its loop.
final class HTTP2UpstreamStream: ChannelDuplexHandler, ReadHolder {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    enum State {
        /// Nothing is sent. → awaitingHead, closed
        case unused
        /// → body, closed
        case awaitingHead(interim: Int)
        /// What `Content-Length` leaves; `nil` without one. → closed
        case body(remaining: UInt64?)
        /// Nobody waits for anything from it.
        case closed
    }

    /// Head of the request under way, in the form of HTTP/1.1, kept in case it has to be sent again.
    var request = ByteBuffer()
    let connection: HTTP2UpstreamConnection
    var state = State.unused
    var receiver: (any ResponseReceiver)?
    var isHeadRequest = false
    var keepsTrailers = false
    private(set) var requestIsComplete = false
    private(set) var context: ChannelHandlerContext?
    /// Body of the request that the next call sends, with or without the end of the stream.
    private var output: ByteBuffer?
    /// What one read has brought. Handed over at its end, in one go, since between two frames the frame layer
    /// can call somebody else, and what is on its way to a client is in memory of the loop.
    private var arrived: [HTTP2Frame.FramePayload] = []
    private var hasSent = false
    private var hasResponse = false
    /// Of the upstream's RST_STREAM.
    private var resetCode: HTTP2ErrorCode?
    private var hasEnded = false
    var reads = ReadGate()

    init(connection: HTTP2UpstreamConnection) { self.connection = connection }

    var pool: UpstreamPool { connection.pool }
    var loop: LoopState { connection.loop }
    var wasUsedBefore: Bool { connection.wasUsedBefore }

    // MARK: Requests

    /// Sends the head in `request`: at once where it is the whole request, otherwise the caller flushes.
    func begin(for receiver: any ResponseReceiver, isHead: Bool, isWhole: Bool, keepsTrailers: Bool) {
        self.receiver = receiver
        isHeadRequest = isHead
        self.keepsTrailers = keepsTrailers
        requestIsComplete = isWhole
        state = .awaitingHead(interim: 0)
        let isSecure = pool.target.tls != nil
        guard let context, let fields = request.withUnsafeReadableBytes({ HTTP2RequestFields.make(ByteView($0), isSecure: isSecure) })
        else {
            // Not at once: the receiver is still in the middle of sending.
            return loop.eventLoop.assumeIsolated().execute { self.fail(.broken) }
        }
        hasSent = true
        context.write(wrapOutboundOut(.headers(.init(headers: fields, endStream: isWhole))), promise: nil)
        if isWhole { context.flush() }
    }

    func write(_ data: ByteBuffer) {
        sendOutput(endsStream: false)
        output = data
    }

    func endBody(trailers: [UInt8]) {
        requestIsComplete = true
        if trailers.isEmpty {
            if output == nil { output = ByteBuffer() }
            sendOutput(endsStream: true)
        } else {
            sendOutput(endsStream: false)
            context?.write(wrapOutboundOut(.headers(.init(headers: HTTP2Trailers.headers(from: trailers), endStream: true))), promise: nil)
        }
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

    var takesMore: Bool { context?.channel.isWritable ?? false }

    // MARK: The end

    /// The receiver is no longer interested.
    func abandon() {
        receiver = nil
        state = .closed
        reset(.cancel)
    }

    /// As `abandon`, since the response does not come. Who knows whether the connection still leads anywhere.
    func abandonUnanswered() {
        if case .awaitingHead = state {
            pool.noteUnanswered()
            connection.leave()
        }
        abandon()
    }

    /// It was opened for a request and is not used for one: nothing is on the wire.
    func discard() {
        state = .closed
        guard let context else { return end() }
        context.close(promise: nil)
    }

    /// The response is complete.
    func finish() {
        guard let receiver else { return abandon() }
        self.receiver = nil
        state = .closed
        connection.noteAnswered()
        // RFC 9113 §8.1: the rest of a request that was answered early is of no use to anybody.
        if !requestIsComplete { reset(.cancel) }
        receiver.responseEnd()
    }

    func fail(_ failure: UpstreamFailure) {
        guard let receiver else { return abandon() }
        if case .awaitingHead = state {
            switch failure {
            case .broken: pool.noteUnanswered()
            // An unused connection that the upstream has just closed says nothing about the upstream.
            case .closedBeforeResponse: if !wasUsedBefore { pool.noteUnanswered() }
            case .refused: break
            }
        }
        self.receiver = nil
        state = .closed
        reset(.cancel)
        receiver.upstreamFailed(failure, .stream(self))
    }

    private func reset(_ code: HTTP2ErrorCode) {
        output = nil
        arrived = []
        guard let context else { return end() }
        let channel = context.channel
        guard channel.isActive else { return }
        // Only what is on the wire can be reset.
        if hasSent { context.writeAndFlush(wrapOutboundOut(.rstStream(code)), promise: nil) }
        // Where the frame layer has not closed the stream with the frame.
        if channel.isActive { context.close(promise: nil) }
    }

    /// The stream is gone. Safe to call again.
    func end() {
        guard !hasEnded else { return }
        hasEnded = true
        connection.streamEnded()
    }

    /// Why a response does not come any more.
    private func failure(_ context: ChannelHandlerContext) -> UpstreamFailure {
        guard case .awaitingHead = state, !hasResponse else { return .broken }
        let id = try? context.channel.syncOptions?.getOption(HTTP2StreamChannelOptions.streamID)
        if resetCode == .refusedStream || connection.hasPassedOver(id) { return .refused }
        return resetCode == nil ? .closedBeforeResponse : .broken
    }

    // MARK: Back-pressure

    func read(context: ChannelHandlerContext) {
        if reads.passes() { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { receiver?.upstreamWritable() }
        context.fireChannelWritabilityChanged()
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .closed = state { return }
        let frame = unwrapInboundIn(data)
        switch frame {
        case .headers, .data:
            hasResponse = true
            arrived.append(frame)
        // What the others mean for the stream the frame layer tells by other ways.
        case .priority, .rstStream, .settings, .pushPromise, .ping, .goAway, .windowUpdate, .alternativeService, .origin: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        handOver()
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Followed by `channelInactive`.
        if let closed = error as? NIOHTTP2Errors.StreamClosed { resetCode = closed.errorCode } else { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        handOver()
        switch state {
        case .awaitingHead, .body: fail(failure(context))
        case .unused, .closed: state = .closed
        }
        end()
        context.fireChannelInactive()
    }

    private func handOver() {
        guard !arrived.isEmpty else { return }
        let frames = arrived
        arrived = []
        for frame in frames { take(frame) }
        receiver?.responsePause()
        loop.checkScratch()
    }
}
