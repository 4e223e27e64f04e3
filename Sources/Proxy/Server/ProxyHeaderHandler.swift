import NIOCore

/// Reads the PROXY header that a listed peer must send first, and then lets the connection begin as that
/// of whom it names.
final class ProxyHeaderHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let loop: LoopState
    private let peer: Peer
    private let newcomer: Newcomer
    private let usesTLS: Bool
    private var received = ByteBuffer()
    private var isDone = false

    init(loop: LoopState, peer: Peer, newcomer: Newcomer, usesTLS: Bool) {
        self.loop = loop
        self.peer = peer
        self.newcomer = newcomer
        self.usesTLS = usesTLS
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return context.fireChannelRead(data) }
        var bytes = unwrapInboundIn(data)
        received.writeBuffer(&bytes)
        switch received.withUnsafeReadableBytes({ ProxyHeader.parse(ByteView($0)) }) {
        case .incomplete: break
        case .malformed: refuse(context)
        case .complete(let count, let addresses):
            isDone = true
            received.moveReaderIndex(forwardBy: count)
            proceed(context, addresses)
        }
    }

    private func proceed(_ context: ChannelHandlerContext, _ addresses: ProxyHeader.Addresses?) {
        let peer = addresses.map { self.peer.speaking(for: $0, trusted: loop.settings.trustedProxies) } ?? self.peer
        do {
            try loop.count(peer, context.channel)
            if usesTLS {
                try loop.serveTLS(context.channel, peer, newcomer)
            } else {
                loop.remove(newcomer)
                try loop.serveHTTP1(context.channel, peer)
            }
        } catch {
            return context.close(promise: nil)
        }
        if received.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(received)) }
        received = ByteBuffer()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    /// Whoever is listed and does not send the header is no proxy of ours, or one that is set up wrongly.
    private func refuse(_ context: ChannelHandlerContext) {
        isDone = true
        loop.onRefusal(loop.nextRequestID().text, Refusal.proxyHeader.rawValue)
        guard !usesTLS else { return context.close(promise: nil) }
        let text: StaticString = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(staticString: text))).assumeIsolated().whenComplete { _ in
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelInactive(context: ChannelHandlerContext) {
        loop.remove(newcomer)
        context.fireChannelInactive()
    }
}
