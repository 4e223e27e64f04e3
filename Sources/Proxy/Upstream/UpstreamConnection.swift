import NIOCore

/// One connection to an upstream: writes requests, one after the other, and reads their responses.
final class UpstreamConnection: ChannelDuplexHandler, DialedHandler, ReadHolder {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Body bytes that are handed over together with their head rather than apart.
    static let maximumJoinedBytes = 8 * 1024
    /// A request buffer larger than this is not kept.
    static let maximumKeptRequestBytes = 16 * 1024

    enum State {
        case idle
        case awaitingHead(interim: Int)
        case body(BodyDecoder)
        /// After a 101: bytes that mean nothing here.
        case tunnel
        case closed
    }

    /// Head (and nothing else) of the request under way, kept in case it has to be sent again.
    var request: ByteBuffer
    /// Loop time at which the connection became unused.
    var idleSince: Int64 = 0
    /// Whether an earlier request was answered on this connection.
    private(set) var wasUsedBefore = false
    /// The whole request is written.
    private(set) var requestIsComplete = false

    let pool: UpstreamPool
    let loop: LoopState
    var context: ChannelHandlerContext?
    var state = State.idle
    var receiver: (any ResponseReceiver)?
    var isHeadRequest = false
    /// What a 101 has to say; `nil`: there must be none.
    var webSocketAccept: [UInt8]?
    var keepsTrailers = false
    var persists = false
    var scanner = HeadScanner()
    /// The part of a head that has arrived.
    var partial: ByteBuffer?
    private var hasResponseBytes = false
    private var sawError = false
    var reads = ReadGate()

    init(pool: UpstreamPool, loop: LoopState) {
        self.pool = pool
        self.loop = loop
        request = ByteBuffer()
    }

    // MARK: Requests

    /// Sends the head in `request`: at once where it is the whole request, otherwise the caller flushes.
    func begin(for receiver: any ResponseReceiver, isHead: Bool, isWhole: Bool, keepsTrailers: Bool, webSocketAccept: [UInt8]?) {
        self.receiver = receiver
        isHeadRequest = isHead
        self.keepsTrailers = keepsTrailers
        self.webSocketAccept = webSocketAccept
        requestIsComplete = isWhole
        hasResponseBytes = false
        sawError = false
        scanner = HeadScanner()
        state = .awaitingHead(interim: 0)
        if isWhole {
            context?.writeAndFlush(wrapOutboundOut(request), promise: nil)
        } else {
            context?.write(wrapOutboundOut(request), promise: nil)
        }
    }

    func write(_ buffer: ByteBuffer) { context?.write(wrapOutboundOut(buffer), promise: nil) }

    func writeBody(_ data: ByteBuffer, _ framing: BodyFraming) {
        guard framing == .chunked else { return write(data) }
        var size = ByteBuffer()
        size.writeString(String(data.readableBytes, radix: 16))
        size.writeStaticString("\r\n")
        write(size)
        write(data)
        write(Self.lineEnd)
    }

    /// `trailers`: cleaned field lines.
    func endBody(_ framing: BodyFraming, trailers: [UInt8]) {
        if framing == .chunked { write(trailers.isEmpty ? Self.lastChunk : Self.lastChunk(trailers)) }
        requestIsComplete = true
    }

    private static let lastChunk = ByteBuffer(staticString: "0\r\n\r\n")
    private static let lineEnd = ByteBuffer(staticString: "\r\n")

    private static func lastChunk(_ trailers: [UInt8]) -> ByteBuffer {
        var buffer = ByteBuffer(staticString: "0\r\n")
        buffer.writeBytes(trailers)
        buffer.writeStaticString("\r\n")
        return buffer
    }

    func flush() { context?.flush() }

    var takesMore: Bool { context?.channel.isWritable ?? false }

    /// Empties `request` for the next head.
    func clearRequest() {
        if request.capacity > Self.maximumKeptRequestBytes { request = ByteBuffer() } else { request.clear() }
    }

    /// The receiver is no longer interested. A request under way can't be taken back: the connection closes.
    func abandon() {
        receiver = nil
        close()
    }

    /// Closes a connection that was taken for a request and not used for one.
    func discard() {
        guard case .idle = state else { return close() }
        state = .closed
        pool.lost()
        context?.close(promise: nil)
    }

    /// As `abandon`, since the response does not come.
    func abandonUnanswered() {
        if case .awaitingHead = state { pool.noteUnanswered() }
        abandon()
    }

    func close() {
        switch state {
        case .idle: break
        case .awaitingHead, .body, .tunnel: pool.lost()
        case .closed: return
        }
        state = .closed
        receiver = nil
        context?.close(promise: nil)
    }

    // MARK: Back-pressure

    func read(context: ChannelHandlerContext) {
        if reads.passes() { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { receiver?.upstreamWritable() }
        context.fireChannelWritabilityChanged()
    }

    // MARK: Responses

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        switch state {
        // A byte that nobody asked for would become the start of somebody else's response.
        case .idle:
            pool.lostIdle(self)
            close()
        case .awaitingHead(let interim):
            hasResponseBytes = true
            if var whole = partial {
                partial = nil
                whole.writeBuffer(&buffer)
                buffer = whole
            }
            readHead(&buffer, interim)
        case .body: readBody(&buffer)
        case .tunnel: receiver?.tunnelReceived(buffer)
        case .closed: break
        }
        receiver?.responsePause()
        loop.checkScratch()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        sawError = true
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        switch state {
        case .idle:
            state = .closed
            // Between opening and the first request there is a receiver and no place in the pool.
            if receiver == nil { pool.lostIdle(self) }
        case .awaitingHead: fail(hasResponseBytes ? .broken : .closedBeforeResponse)
        case .body(let decoder):
            if decoder.endsWithConnection, !sawError {
                var nothing = ByteBuffer()
                finish(&nothing)
            } else {
                fail(.broken)
            }
        case .tunnel:
            let receiver = self.receiver
            close()
            receiver?.tunnelClosed()
        case .closed: break
        }
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .tunnel = state, case .inputClosed? = event as? ChannelEvent { receiver?.tunnelInputEnded() }
        context.fireUserInboundEventTriggered(event)
    }

    func finish(_ rest: inout ByteBuffer) {
        guard let receiver else { return close() }
        let isReusable = persists && requestIsComplete && rest.readableBytes == 0
        self.receiver = nil
        partial = nil
        reads.release()
        if isReusable {
            state = .idle
            wasUsedBefore = true
            pool.giveBack(self)
            readIfWanted()
        } else {
            state = .closed
            pool.lost()
            context?.close(promise: nil)
        }
        receiver.responseEnd()
    }

    func fail(_ failure: UpstreamFailure) {
        guard let receiver else { return close() }
        // An unused connection that the upstream has just closed says nothing about the upstream.
        if case .awaitingHead = state, failure == .broken || !wasUsedBefore { pool.noteUnanswered() }
        self.receiver = nil
        state = .closed
        pool.lost()
        context?.close(promise: nil)
        receiver.upstreamFailed(failure, .connection(self))
    }
}
