import NIOCore

/// One connection to an upstream: writes requests, one after the other, and reads their responses.
final class UpstreamConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Body bytes that are handed over together with their head rather than apart.
    static let maximumJoinedBytes = 8 * 1024
    /// A request buffer larger than this is not kept.
    static let maximumKeptRequestBytes = 16 * 1024

    enum Failure {
        /// The connection closed before the first byte of a response.
        case closedBeforeResponse
        /// What came is not a response, or ended in the middle.
        case broken
    }

    private enum State {
        case idle
        case awaitingHead(interim: Int)
        case body(BodyDecoder)
        case closed
    }

    /// Head (and nothing else) of the request under way, kept in case it has to be sent again.
    var request: ByteBuffer
    /// Loop time at which the connection became unused.
    var idleSince: Int64 = 0
    /// Whether an earlier request was answered on this connection.
    private(set) var wasUsedBefore = false
    /// Set by the sender when the whole request is written.
    var requestIsComplete = false

    private let pool: UpstreamPool
    private unowned let loop: LoopState
    private var context: ChannelHandlerContext?
    private var state = State.idle
    private var receiver: (any ResponseReceiver)?
    private var isHeadRequest = false
    private var persists = false
    private var scanner = HeadScanner()
    /// The part of a head that has arrived.
    private var partial: ByteBuffer?
    private var hasResponseBytes = false
    private var sawError = false
    private var readsHeld = false
    private var readWanted = false

    init(pool: UpstreamPool, loop: LoopState) {
        self.pool = pool
        self.loop = loop
        request = ByteBuffer()
    }

    // MARK: Requests

    /// Sends the head in `request`. The caller flushes.
    func begin(for receiver: any ResponseReceiver, isHead: Bool) {
        self.receiver = receiver
        isHeadRequest = isHead
        requestIsComplete = false
        hasResponseBytes = false
        sawError = false
        scanner = HeadScanner()
        state = .awaitingHead(interim: 0)
        context?.write(wrapOutboundOut(request), promise: nil)
    }

    func write(_ buffer: ByteBuffer) { context?.write(wrapOutboundOut(buffer), promise: nil) }

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

    func close() {
        switch state {
        case .idle: break
        case .awaitingHead, .body: pool.lost()
        case .closed: return
        }
        state = .closed
        receiver = nil
        context?.close(promise: nil)
    }

    // MARK: Back-pressure

    func holdReads() { readsHeld = true }

    func releaseReads() {
        guard readsHeld else { return }
        readsHeld = false
        guard readWanted else { return }
        readWanted = false
        context?.read()
    }

    func read(context: ChannelHandlerContext) {
        if readsHeld { readWanted = true } else { context.read() }
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
        case .closed: break
        }
        context.fireChannelInactive()
    }

    private enum HeadStep {
        case incomplete
        case interim(Int)
        case final(Int, BodyFraming)
        case broken
    }

    private func readHead(_ buffer: inout ByteBuffer, _ interimSoFar: Int) {
        var interim = interimSoFar
        while true {
            let step = buffer.withUnsafeReadableBytes { parseHead(ByteView($0)) }
            switch step {
            case .incomplete:
                partial = buffer
                state = .awaitingHead(interim: interim)
                return
            case .interim(let end):
                interim += 1
                guard interim <= loop.settings.limits.maximumInterimResponses else { return fail(.broken) }
                buffer.moveReaderIndex(forwardBy: end)
                scanner = HeadScanner()
                state = .awaitingHead(interim: interim)
                if buffer.readableBytes == 0 { return }
            case .final(let end, let framing):
                buffer.moveReaderIndex(forwardBy: end)
                var decoder = BodyDecoder(framing)
                if decoder.isComplete { return finish(&buffer) }
                if let data = decoder.takeWhole(&buffer, atMost: Self.maximumJoinedBytes) {
                    receiver?.responseBody(data)
                    return finish(&buffer)
                }
                state = .body(decoder)
                return readBody(&buffer)
            case .broken:
                return fail(.broken)
            }
        }
    }

    private func parseHead(_ view: ByteView) -> HeadStep {
        let limits = loop.settings.limits
        switch scanner.scan(view, maximumBytes: limits.maximumResponseHeadBytes, maximumFields: limits.maximumFields) {
        case .incomplete: return .incomplete
        case .refused: return .broken
        case .complete(let end):
            let bytes = view.slice(0, end)
            // 101 would turn the connection into something that nobody asked for.
            guard let head = loop.responseParser.parse(bytes, into: loop.responseFields), head.status != 101, let receiver else {
                return .broken
            }
            if head.status < 200 {
                if head.status != 100 { receiver.interimHead(head, bytes) }
                return .interim(end)
            }
            let framing = head.framing(toHead: isHeadRequest)
            persists = head.isPersistent && framing != .untilClose
            guard receiver.responseHead(head, bytes, framing) else { return .broken }
            return .final(end, framing)
        }
    }

    private func readBody(_ buffer: inout ByteBuffer) {
        guard case .body(var decoder) = state else { return }
        while true {
            switch decoder.next(&buffer) {
            case .data(let data):
                receiver?.responseBody(data)
                // The receiver may have given up over it.
                guard case .body = state else { return }
            case .needMore:
                state = .body(decoder)
                return
            case .end: return finish(&buffer)
            case .malformed: return fail(.broken)
            }
            if decoder.isComplete { return finish(&buffer) }
        }
    }

    private func finish(_ rest: inout ByteBuffer) {
        guard let receiver else { return close() }
        let isReusable = persists && requestIsComplete && rest.readableBytes == 0
        self.receiver = nil
        partial = nil
        readsHeld = false
        if isReusable {
            state = .idle
            wasUsedBefore = true
            pool.giveBack(self)
            if readWanted {
                readWanted = false
                context?.read()
            }
        } else {
            state = .closed
            pool.lost()
            context?.close(promise: nil)
        }
        receiver.responseEnd()
    }

    private func fail(_ failure: Failure) {
        guard let receiver else { return close() }
        self.receiver = nil
        state = .closed
        pool.lost()
        context?.close(promise: nil)
        receiver.upstreamFailed(failure, self)
    }
}
