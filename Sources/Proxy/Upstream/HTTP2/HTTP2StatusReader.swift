import NIOCore
import NIOHPACK
import NIOHTTP2

/// Asks in HTTP/2, on the first stream.
final class HTTP2StatusReader: ChannelInboundHandler, HealthQuestion {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    private static let stream = HTTP2StreamID(1)

    private let frames: NIOHTTP2Handler
    private var context: ChannelHandlerContext?
    private var end: ((Int?) -> Void)?
    /// The preface, before which nothing may be sent, is written.
    private var isActive = false
    private var question: HPACKHeaders?
    private var hasEnded = false

    init() {
        var settings = NIOHTTP2Handler.ConnectionConfiguration()
        settings.initialSettings = [HTTP2Setting(parameter: .enablePush, value: 0)]
        // Without streams of their own frames come here.
        frames = NIOHTTP2Handler(mode: .client, connectionConfiguration: settings)
    }

    var handlersBefore: [any ChannelHandler] { [frames] }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        // The frame layer keeps the end of a channel to itself that was never active.
        finish(nil)
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        isActive = true
        send()
        context.fireChannelActive()
    }

    func ask(_ path: String, host: String, isSecure: Bool, end: @escaping (Int?) -> Void) {
        guard !hasEnded else { return end(nil) }
        self.end = end
        question = HPACKHeaders([
            (":method", "GET"), (":scheme", isSecure ? "https" : "http"), (":path", path), (":authority", host),
            ("user-agent", Self.userAgent),
        ])
        send()
    }

    private func send() {
        guard isActive, let question, let context else { return }
        self.question = nil
        let frame = HTTP2Frame(streamID: Self.stream, payload: .headers(.init(headers: question, endStream: true)))
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }

    private func finish(_ status: Int?) {
        hasEnded = true
        let end = self.end
        self.end = nil
        end?(status)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        guard !hasEnded, frame.streamID == Self.stream else { return }
        switch frame.payload {
        case .headers(let head):
            let status = head.headers.first(name: ":status").flatMap { Int($0) }
            // An informational response is not the answer.
            if let status, status < 200 { return }
            finish(status)
        case .rstStream: finish(nil)
        case .data, .priority, .settings, .pushPromise, .ping, .goAway, .windowUpdate, .alternativeService, .origin: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelInactive(context: ChannelHandlerContext) {
        finish(nil)
        context.fireChannelInactive()
    }
}
