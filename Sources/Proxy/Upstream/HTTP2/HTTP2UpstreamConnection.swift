import NIOCore
import NIOHPACK
import NIOHTTP2

/// One HTTP/2 connection to an upstream: its limits and its end. What comes on its streams is theirs. Last in its
/// pipeline. Confined to its loop.
final class HTTP2UpstreamConnection: ChannelInboundHandler, DialedHandler {
    typealias InboundIn = HTTP2Frame

    /// Streams that are open at a time, where the upstream allows as many. More requests get another connection:
    /// one lost packet holds up everything on one.
    static let maximumStreams = 256
    /// Streams in all. Their numbers have 31 bits, and the frame layer does not look whether there is a next one.
    static let maximumStreamsInAll = 1 << 28
    /// Bytes of one response that are held while its client does not take them. The window of the connection
    /// opens again whoever takes what, so that nobody who reads slowly holds up anybody else.
    static let streamWindowBytes = 256 * 1024

    private enum Phase {
        /// Until the upstream's SETTINGS, without which it may not speak HTTP/2 at all. → open, closed
        case opening
        /// → leaving, closed
        case open
        /// Takes no new streams. → closed
        case leaving
        case closed
    }

    let pool: UpstreamPool
    let loop: LoopState
    /// Whether a request was answered on it.
    private(set) var wasUsedBefore = false
    /// Loop time at which the last stream ended.
    private(set) var idleSince: Int64
    private let frames: NIOHTTP2Handler
    private var context: ChannelHandlerContext?
    private var phase = Phase.opening
    private var openStreams = 0
    private var streamsInAll = 0
    private var allowedStreams = maximumStreams
    /// Streams above it were never looked at (RFC 9113 §6.8).
    private var lastStream: HTTP2StreamID?
    private var waiting: ((_ isReady: Bool) -> Void)?

    init(pool: UpstreamPool, loop: LoopState) {
        self.pool = pool
        self.loop = loop
        idleSince = loop.now
        frames = NIOHTTP2Handler(
            mode: .client, eventLoop: loop.eventLoop, connectionConfiguration: Self.connectionSettings(loop.settings.limits),
            streamConfiguration: Self.streamSettings
        ) { stream in
            // The upstream was told that it may push nothing.
            stream.close()
        }
    }

    var handlersBefore: [any ChannelHandler] { [frames] }

    private static func connectionSettings(_ limits: ProxyLimits) -> NIOHTTP2Handler.ConnectionConfiguration {
        var settings = NIOHTTP2Handler.ConnectionConfiguration()
        settings.initialSettings = [
            HTTP2Setting(parameter: .enablePush, value: 0),
            HTTP2Setting(parameter: .initialWindowSize, value: streamWindowBytes),
            // Beyond what is accepted: a head that is too large ends one stream, one that the frame layer finds too
            // large ends all.
            HTTP2Setting(parameter: .maxHeaderListSize, value: max(256 * 1024, limits.maximumResponseHeadBytes * 4)),
        ]
        settings.maximumSequentialContinuationFrames = max(16, limits.maximumResponseHeadBytes * 4 / 16_384)
        settings.targetWindowSize = ProxyLimits.connectionWindowBytes
        // See `HTTP2ResponseHead`.
        settings.headerBlockValidation = .disabled
        settings.contentLengthValidation = .disabled
        // The bounds that are meant for strangers: a server that measures its bandwidth sends a PING a round trip, and
        // one that is overloaded refuses streams as fast as they come.
        settings.maximumSequentialEmptyDataFrames = 100
        settings.controlFrameRateLimit.maximumCount = 4_000
        settings.controlFrameRateLimit.windowLength = .seconds(1)
        // What is still on its way for streams that clients have left is no error.
        settings.maximumRecentlyResetStreams = 1_024
        return settings
    }

    private static var streamSettings: NIOHTTP2Handler.StreamConfiguration {
        var settings = NIOHTTP2Handler.StreamConfiguration()
        settings.targetWindowSize = streamWindowBytes
        settings.outboundBufferSizeHighWatermark = 64 * 1024
        settings.outboundBufferSizeLowWatermark = 32 * 1024
        settings.streamResetFrameRateLimit.maximumCount = 4_000
        settings.streamResetFrameRateLimit.windowLength = .seconds(1)
        return settings
    }

    // MARK: Opening

    /// Calls `body` once, later or at once: whether the upstream has begun to speak HTTP/2.
    func whenReady(within timeout: TimeAmount, _ body: @escaping (_ isReady: Bool) -> Void) {
        switch phase {
        case .opening: break
        case .open, .leaving: return body(true)
        case .closed: return body(false)
        }
        waiting = body
        loop.eventLoop.assumeIsolated().scheduleTask(in: timeout) { [weak self] in
            if case .opening? = self?.phase { self?.close() }
        }
    }

    private func endOpening(isReady: Bool) {
        let waiting = self.waiting
        self.waiting = nil
        waiting?(isReady)
    }

    // MARK: Streams

    var isIdle: Bool { openStreams == 0 }

    var hasFreeStream: Bool {
        guard case .open = phase, context?.channel.isActive == true else { return false }
        return openStreams < allowedStreams
    }

    /// Opens a stream, for which there must be room. `body` is called later; with `nil` if the connection is gone.
    func openStream(_ body: @escaping (HTTP2UpstreamStream?) -> Void) {
        let stream = HTTP2UpstreamStream(connection: self)
        openStreams += 1
        streamsInAll += 1
        if streamsInAll >= Self.maximumStreamsInAll { leave() }
        guard let multiplexer = try? frames.syncMultiplexer() else {
            return loop.eventLoop.assumeIsolated().execute {
                stream.end()
                body(nil)
            }
        }
        let promise = loop.eventLoop.makePromise(of: (any Channel).self)
        let bound = NIOLoopBound(stream, eventLoop: loop.eventLoop)
        multiplexer.createStreamChannel(promise: promise) { channel in
            channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(bound.value) }
        }
        promise.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel) where channel.isActive && self.lastStream == nil: body(stream)
            case .success, .failure:
                stream.discard()
                stream.end()
                body(nil)
            }
        }
    }

    func streamEnded() {
        openStreams -= 1
        idleSince = loop.now
        if openStreams == 0, case .leaving = phase { close() }
        pool.streamEnded()
    }

    func noteAnswered() { wasUsedBefore = true }

    /// Whether the upstream has said that it has not looked at this stream. `nil`: it was never on the wire.
    func hasPassedOver(_ id: HTTP2StreamID?) -> Bool {
        guard let id else { return true }
        return lastStream.map { id > $0 } ?? false
    }

    // MARK: The end

    /// Takes no new streams, and closes when those under way have ended.
    func leave() {
        guard case .open = phase else { return }
        phase = .leaving
        if openStreams == 0 { close() }
        pool.lostConnection(self)
    }

    func close() {
        guard phase != .closed else { return }
        phase = .closed
        context?.close(promise: nil)
        endOpening(isReady: false)
        pool.lostConnection(self)
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        // The frame layer keeps the end of a channel to itself that was never active.
        close()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data).payload {
        case .settings(.settings(let settings)):
            for setting in settings where setting.parameter == .maxConcurrentStreams {
                allowedStreams = min(setting.value, Self.maximumStreams)
            }
            if case .opening = phase {
                phase = .open
                endOpening(isReady: true)
            } else {
                pool.streamsAllowed()
            }
        case .goAway(let last, _, _):
            // It can come twice, with less the second time.
            lastStream = last
            leave()
        case .settings(.ack), .data, .headers, .priority, .rstStream, .pushPromise, .ping, .windowUpdate, .alternativeService, .origin:
            break
        }
    }

    /// Errors of the connection; the frame layer has sent its GOAWAY already.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // One stream's error is that stream's end alone, and the stream has been told.
        if error is NIOHTTP2Errors.StreamError || error is NIOHTTP2Errors.StreamClosed
            || error is NIOHTTP2Errors.TrailersWithoutEndStream
        {
            return
        }
        // Of one stream or of the connection: who sends such a thing gets nothing new to do.
        if error is NIOHTTP2Errors.BadStreamStateTransition || error is NIOHTTP2Errors.FlowControlViolation { return leave() }
        close()
    }

    func channelInactive(context: ChannelHandlerContext) {
        close()
        context.fireChannelInactive()
    }
}
