import NIOCore
import NIOHTTP2

/// One HTTP/2 connection of a client: its limits, how long it may be idle, and its end. What comes on its
/// streams is theirs. Confined to its loop.
final class HTTP2Connection: Registered {
    private enum Phase {
        case open
        /// GOAWAY is sent; streams under way end. → closed
        case draining
        case closed
    }

    var registryIndex = -1
    private(set) var deadline: Int64
    private let channel: any Channel
    private let loop: LoopState
    private let peer: Peer
    private var phase = Phase.open
    private var openStreams = 0
    /// The highest id of a stream that was taken on.
    private var lastStream = HTTP2StreamID.rootStream

    init(_ channel: any Channel, loop: LoopState, peer: Peer) {
        self.channel = channel
        self.loop = loop
        self.peer = peer
        deadline = loop.now + loop.times.head + loop.times.resolution
    }

    /// In the order of the pipeline.
    var handlers: [any ChannelHandler] {
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let frames = NIOHTTP2Handler(
            mode: .server, eventLoop: loop.eventLoop, connectionConfiguration: Self.connectionSettings(loop.settings.limits),
            streamConfiguration: Self.streamSettings(loop.settings.limits)
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                let connection = bound.value
                let exchange = Exchange(loop: connection.loop, peer: connection.peer)
                try stream.pipeline.syncOperations.addHandler(HTTP2Stream(exchange: exchange, connection: connection))
                connection.loop.add(exchange)
            }
        }
        return [frames, ConnectionEnd(connection: self)]
    }

    private static func connectionSettings(_ limits: ProxyLimits) -> NIOHTTP2Handler.ConnectionConfiguration {
        var settings = NIOHTTP2Handler.ConnectionConfiguration()
        settings.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: limits.maximumStreams),
            HTTP2Setting(parameter: .maxHeaderListSize, value: max(64 * 1024, limits.maximumHeadBytes * 2)),
        ]
        settings.maximumBufferedControlFrames = limits.maximumControlFramesPerMinute
        settings.controlFrameRateLimit.maximumCount = limits.maximumControlFramesPerMinute
        settings.controlFrameRateLimit.windowLength = .minutes(1)
        // One stream that nobody reads must not close the window of all.
        settings.targetWindowSize = ProxyLimits.connectionWindowBytes
        return settings
    }

    private static func streamSettings(_ limits: ProxyLimits) -> NIOHTTP2Handler.StreamConfiguration {
        var settings = NIOHTTP2Handler.StreamConfiguration()
        settings.outboundBufferSizeHighWatermark = 64 * 1024
        settings.outboundBufferSizeLowWatermark = 32 * 1024
        settings.streamResetFrameRateLimit.maximumCount = limits.maximumStreamResetsPerMinute
        settings.streamResetFrameRateLimit.windowLength = .minutes(1)
        settings.streamErrorRateLimit.maximumCount = limits.maximumStreamResetsPerMinute
        settings.streamErrorRateLimit.windowLength = .minutes(1)
        return settings
    }

    /// The one that has just been opened included.
    var hasTooManyStreams: Bool { openStreams > loop.settings.limits.maximumStreams }

    // MARK: The end

    /// Takes no new streams, and closes when those under way have ended. A request that crosses the GOAWAY has a
    /// higher id than it names, so that the client knows that nobody has seen it (RFC 9113 §6.8). Naming the highest
    /// id there is, to take those as well, is not possible: without open streams the frame layer then takes nothing.
    func drain() {
        guard case .open = phase else { return }
        phase = .draining
        deadline = loop.now + loop.times.linger + loop.times.resolution
        sendGoAway().assumeIsolated().whenComplete { _ in self.closeIfDrained() }
    }

    private func sendGoAway() -> EventLoopFuture<Void> {
        channel.writeAndFlush(
            HTTP2Frame(streamID: .rootStream, payload: .goAway(lastStreamID: lastStream, errorCode: .noError, opaqueData: nil)))
    }

    /// Behind everything that is written, which closing at once would drop.
    private func closeIfDrained() {
        guard openStreams == 0, case .draining = phase else { return }
        sendGoAway().assumeIsolated().whenComplete { [channel] _ in channel.close(promise: nil) }
    }

    func close() { channel.close(promise: nil) }

    func deadlinePassed() {
        guard openStreams == 0 else { return }
        switch phase {
        case .open: drain()
        // The client does not read.
        case .draining, .closed: close()
        }
    }

    func streamOpened(_ id: HTTP2StreamID?) {
        openStreams += 1
        if let id { lastStream = max(lastStream, id) }
    }

    func streamClosed() {
        openStreams -= 1
        guard openStreams == 0 else { return }
        deadline = loop.now + (phase == .open ? loop.times.idle : loop.times.linger) + loop.times.resolution
        closeIfDrained()
    }

    private func fail(_ error: any Error) {
        // The frame layer takes the last stream's end for the connection's, and fails the window update that follows
        // it. What was written goes out before the connection is closed.
        if case .draining = phase, error is NIOHTTP2Errors.IOOnClosedConnection { return }
        close()
    }

    private func end() {
        phase = .closed
        loop.remove(self)
    }

    /// Last in the pipeline.
    private final class ConnectionEnd: ChannelInboundHandler {
        typealias InboundIn = HTTP2Frame

        private let connection: HTTP2Connection

        init(connection: HTTP2Connection) { self.connection = connection }

        /// Errors of the connection; the frame layer has sent its GOAWAY already.
        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            // One stream's error is that stream's end alone.
            if error is NIOHTTP2Errors.StreamError { return }
            connection.fail(error)
        }

        func channelInactive(context: ChannelHandlerContext) {
            connection.end()
            context.fireChannelInactive()
        }

        func handlerRemoved(context: ChannelHandlerContext) { connection.end() }
    }
}
