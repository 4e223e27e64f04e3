import Glibc
import NIOCore

/// One HTTP/1.1 connection of a client: one request at a time, the next one only after the response.
/// Confined to its loop.
final class ClientConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let loop: LoopState
    let peer: Peer
    var context: ChannelHandlerContext?
    var phase = ClientPhase.head
    var exchange = Exchange()
    /// The upstream connection of the request under way, once it is open.
    var upstream: UpstreamConnection?
    /// Received and not yet used.
    var input: ByteBuffer?
    var scanner = HeadScanner()
    /// RFC 9112 §2.2: one empty line before a request is skipped.
    var skippedEmptyLine = false
    /// Loop time at which `deadlinePassed` is called.
    var deadline: Int64
    /// Position in the loop's list, for the loop.
    var registryIndex = -1
    private var readsHeld = false
    private var readWanted = false

    init(loop: LoopState, peer: Peer) {
        self.loop = loop
        self.peer = peer
        deadline = loop.now + loop.times.head + loop.times.resolution
    }

    /// Between two requests, with nothing received.
    var isIdle: Bool {
        if case .head = phase { input == nil } else { false }
    }

    /// The identity with which a response is under way.
    var openIdentity: CachedIdentity? {
        guard case .forwarding = phase, var identity = exchange.identity else { return nil }
        guard identity.successor != nil else { return identity }
        while let successor = identity.successor { identity = successor }
        exchange.identity = identity
        return identity
    }

    func setDeadline(_ milliseconds: Int64) {
        // `now` may be one tick old.
        deadline = loop.now + milliseconds + loop.times.resolution
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
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
        case .deciding, .answering:
            hold(&buffer)
        case .collecting:
            collect(&buffer)
        case .forwarding:
            if upstream == nil || exchange.requestBody.isComplete { hold(&buffer) } else { forwardBody(&buffer) }
        case .lingering, .closed:
            break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            setDeadline(loop.times.upstreamBodyIdle)
            upstream?.releaseReads()
        }
        context.fireChannelWritabilityChanged()
    }

    // MARK: Reading

    func read(context: ChannelHandlerContext) {
        if readsHeld { readWanted = true } else { context.read() }
    }

    func holdReads() { readsHeld = true }

    var holdsReads: Bool { readsHeld }

    func releaseReads() {
        guard readsHeld else { return }
        readsHeld = false
        guard readWanted else { return }
        readWanted = false
        context?.read()
    }

    /// Keeps bytes for later. No more is read meanwhile, so that what is kept is bounded by what was
    /// already on its way.
    func hold(_ buffer: inout ByteBuffer) {
        guard buffer.readableBytes > 0 else { return }
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

    /// Ends the request under way and goes on with the next one, or closes.
    func finishExchange() {
        exchange.identity = nil
        let bodyIsComplete = exchange.requestBody.isComplete
        guard exchange.persists, bodyIsComplete, !loop.isDraining else {
            if bodyIsComplete { closeAfterWrites() } else { linger() }
            return
        }
        exchange = Exchange()
        phase = .head
        skippedEmptyLine = false
        setDeadline(loop.times.idle)
        if var rest = input {
            input = nil
            receiveHead(&rest)
        }
        releaseReads()
    }

    /// Closes the sending side and drops what still comes: closing at once would reset the connection and
    /// could take the response with it (RFC 9112 §9.6).
    func linger() {
        phase = .lingering
        input = nil
        setDeadline(loop.times.linger)
        context?.close(mode: .output, promise: nil)
        releaseReads()
    }

    /// Closes once everything written is sent.
    func closeAfterWrites() {
        guard let context else { return end() }
        if context.channel.isWritable, !hasUnsentBytes(context) {
            close()
        } else {
            // NIO half-closes after the pending writes; the deadline bounds a client that does not read.
            phase = .lingering
            setDeadline(loop.times.bodyIdle)
            context.close(mode: .output, promise: nil)
            releaseReads()
        }
    }

    private func hasUnsentBytes(_ context: ChannelHandlerContext) -> Bool {
        ((try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0) > 0
    }

    func close() {
        end()
        context?.close(promise: nil)
    }

    /// Closes so that the client can't take what it has got for a complete response.
    func cut() {
        if case .body(.untilClose) = exchange.response {
            // Without framing a FIN would be a proper end.
            _ = (context?.channel as? any SocketOptionProvider)?.setSoLinger(Glibc.linger(l_onoff: 1, l_linger: 0))
        }
        close()
    }

    /// Releases everything. Safe to call again.
    private func end() {
        if case .closed = phase { return }
        phase = .closed
        input = nil
        exchange.identity = nil
        exchange.outgoing = nil
        if let upstream {
            self.upstream = nil
            upstream.abandon()
        }
        loop.remove(self)
    }

    /// A deadline of the current phase has passed.
    func deadlinePassed() {
        switch phase {
        case .head: input == nil ? close() : refuse(.headTimeout)
        // The questions have deadlines of their own; this one is a last resort.
        case .deciding: refuse(.overloaded)
        case .collecting: bodyDeadlinePassed()
        case .answering: refuse(.localTimeout)
        case .forwarding: forwardingDeadlinePassed()
        case .lingering, .closed: close()
        }
    }

    private func bodyDeadlinePassed() {
        if exchange.bodyBytes >= loop.settings.limits.minimumBodyBytes {
            exchange.bodyBytes = 0
            setDeadline(loop.times.bodyIdle)
        } else {
            refuse(.bodyTimeout)
        }
    }

    private func forwardingDeadlinePassed() {
        if !exchange.requestBody.isComplete, !readsHeld, upstream != nil { return bodyDeadlinePassed() }
        if case .none = exchange.response { return failUpstream(.gatewayTimeout) }
        cut()
    }
}
