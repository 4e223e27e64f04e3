import NIOCore
import NIOTLS

/// Sits behind a TLS client handler until the handshake has ended, well or not, and tells so once.
final class HandshakeWatcher: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    /// Protocol agreed on by ALPN, if any.
    private var outcome: Result<String?, any Error>?
    private var waiting: ((Result<String?, any Error>) -> Void)?

    /// Calls `body` once, perhaps at once.
    func whenDone(_ body: @escaping (Result<String?, any Error>) -> Void) {
        if let outcome { body(outcome) } else { waiting = body }
    }

    private func end(_ result: Result<String?, any Error>) {
        guard outcome == nil else { return }
        outcome = result
        let waiting = self.waiting
        self.waiting = nil
        waiting?(result)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .handshakeCompleted(let negotiated)? = event as? TLSUserEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        // Nothing on the path of responses that is not needed there.
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
        end(.success(negotiated))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(.failure(error))
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.failure(ChannelError.eof))
        context.fireChannelInactive()
    }
}
