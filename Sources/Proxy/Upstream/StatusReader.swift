import NIOCore

/// Asks in HTTP/1.1.
final class StatusReader: ChannelInboundHandler, HealthQuestion {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// `HTTP/1.1 200 `
    private static let statusLineBytes = 13

    private var context: ChannelHandlerContext?
    private var received: [UInt8] = []
    private var end: ((Int?) -> Void)?
    private var hasEnded = false

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func ask(_ path: String, host: String, isSecure: Bool, end: @escaping (Int?) -> Void) {
        guard let context, !hasEnded else { return end(nil) }
        self.end = end
        let request = "GET \(path) HTTP/1.1\r\nHost: \(host)\r\nUser-Agent: \(Self.userAgent)\r\nConnection: close\r\n\r\n"
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: request)), promise: nil)
    }

    private func finish(_ status: Int?) {
        hasEnded = true
        let end = self.end
        self.end = nil
        end?(status)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasEnded else { return }
        received += unwrapInboundIn(data).readableBytesView.prefix(Self.statusLineBytes)
        guard received.count >= Self.statusLineBytes else { return }
        finish(received.withUnsafeBytes { Self.status(ByteView($0)) })
    }

    private static func status(_ line: ByteView) -> Int? {
        guard line.slice(0, 7).equals("HTTP/1."), line[8] == 0x20, let status = FieldSectionParser.decimal(line.slice(9, 12)),
            line[12] == 0x20 || line[12] == 0x0D
        else { return nil }
        return Int(status)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelInactive(context: ChannelHandlerContext) {
        finish(nil)
        context.fireChannelInactive()
    }
}
