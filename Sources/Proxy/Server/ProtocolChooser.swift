import NIOCore
import NIOSSL
import NIOTLS

/// Waits for the end of a TLS handshake and puts the handler of the chosen protocol in its own place.
final class ProtocolChooser: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let loop: LoopState
    private let peer: Peer
    private let newcomer: Newcomer

    init(loop: LoopState, peer: Peer, newcomer: Newcomer) {
        self.loop = loop
        self.peer = peer
        self.newcomer = newcomer
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .some(.handshakeCompleted(let name)) = event as? TLSUserEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        loop.remove(newcomer)
        var peer = self.peer
        let pipeline = context.pipeline.syncOperations
        do {
            peer.certificateSubject = try pipeline.handler(type: NIOSSLServerHandler.self).clientSubject
            if name == "h2" {
                try loop.serveHTTP2(context.channel, peer)
            } else {
                try loop.serveHTTP1(context.channel, peer)
            }
            pipeline.removeHandler(context: context, promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        loop.remove(newcomer)
        context.fireChannelInactive()
    }
}
