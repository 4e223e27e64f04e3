import NIOCore
import NIOHPACK
import NIOPosix
import NIOSSL
import Synchronization

@testable import Proxy

/// An HTTP/2 upstream that answers with exactly the frames, and in them the header bytes, that it is told, and
/// records what it has got.
final class FrameUpstream: Sendable {
    struct Request: Sendable {
        /// Number of the connection it came on, from 0, and of the stream.
        var connection: Int
        var stream: UInt32
        var fields: [(name: String, value: String)] = []
        var indexing: [String: HPACKIndexing] = [:]
        var body: [UInt8] = []
        var trailers: [(name: String, value: String)] = []
        var path: String { values(":path").first ?? "" }
        func values(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }
    }

    enum Event: Sendable, Equatable {
        case opened(connection: Int)
        case head(path: String)
        case ended(path: String)
        case reset(path: String, code: UInt32)
        case closed(connection: Int)
    }

    typealias Fields = [(String, String)]

    enum Action: Sendable {
        case head(Fields, ends: Bool = false)
        /// As they are, on the request's stream.
        case block([UInt8], ends: Bool)
        case data(String, ends: Bool = false)
        case trailers(Fields)
        case reset(UInt32)
        case goAway(last: UInt32)
        case settings([(UInt16, UInt32)])
        case raw([UInt8])
        /// So many bytes, as fast as their windows open.
        case stream(Int)
        case close
    }

    struct Answers: Sendable {
        /// When the head has arrived.
        var atHead: @Sendable (Request) -> [Action] = { _ in [] }
        /// When the request is complete.
        var atEnd: @Sendable (Request) -> [Action] = { _ in FrameUpstream.ok }
    }

    static let ok: [Action] = [.head([(":status", "200")]), .data("ok", ends: true)]

    let port: Int
    let events: EventLog<Event>
    private let channel: any Channel
    private let log: Log

    final class Log: Sendable {
        let requests = Mutex<[Request]>([])
        let connections = Atomic<Int>(0)
        let streamed = Atomic<Int>(0)
        let received = Atomic<Int>(0)
        let channels = Mutex<[any Channel]>([])
    }

    /// `opensWindows`: gives back what request bodies use up.
    static func start(
        settings: [(UInt16, UInt32)] = [], tls: NIOSSLContext? = nil, opensWindows: Bool = true, unixPath: String? = nil,
        _ answers: Answers = Answers()
    ) async throws -> FrameUpstream {
        let log = Log()
        let events = EventLog<Event>()
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                let number = log.connections.add(1, ordering: .relaxed).oldValue
                log.channels.withLock { $0.append(channel) }
                return channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.addHandler(
                        Handler(
                            log: log, events: events, number: number, settings: settings,
                            opensWindows: opensWindows, answers: answers))
                }
            }
        let channel =
            if let unixPath {
                try await bootstrap.bind(unixDomainSocketPath: unixPath).get()
            } else {
                try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
            }
        return FrameUpstream(channel: channel, log: log, events: events)
    }

    private init(channel: any Channel, log: Log, events: EventLog<Event>) {
        self.channel = channel
        self.log = log
        self.events = events
        port = channel.localAddress?.port ?? 0
    }

    /// Complete ones.
    var requests: [Request] { log.requests.withLock { $0 } }
    var connectionCount: Int { log.connections.load(ordering: .relaxed) }
    var streamedBytes: Int { log.streamed.load(ordering: .relaxed) }
    var receivedBytes: Int { log.received.load(ordering: .relaxed) }

    /// Sends frames of the connection or of a stream.
    func send(_ bytes: [UInt8], connection: Int = 0) async throws {
        let channel = log.channels.withLock { $0[connection] }
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    /// Connections that are open stay.
    func stopListening() async { try? await channel.close() }

    func stop() async {
        try? await channel.close()
        for child in log.channels.withLock({ $0 }) { try? await child.close() }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

        private let log: Log
        private let events: EventLog<Event>
        private let number: Int
        private let settings: [(UInt16, UInt32)]
        private let opensWindows: Bool
        private let answers: Answers
        private var bytes: [UInt8] = []
        private var hasPreface = false
        private var decoder = HPACKDecoder(allocator: ByteBufferAllocator())
        private var open: [UInt32: Request] = [:]
        private var block: [UInt8] = []
        private var toStream: [UInt32: Int] = [:]
        private var windows: [UInt32: Int] = [0: 65_535]
        private var initialWindow = 65_535

        init(
            log: Log, events: EventLog<Event>, number: Int, settings: [(UInt16, UInt32)], opensWindows: Bool, answers: Answers
        ) {
            self.log = log
            self.events = events
            self.number = number
            self.settings = settings
            self.opensWindows = opensWindows
            self.answers = answers
        }

        func channelActive(context: ChannelHandlerContext) {
            events.add(.opened(connection: number))
            write(FrameClient.frame(FrameClient.Kind.settings, 0, 0, Self.payload(settings)), context)
        }

        private static func payload(_ settings: [(UInt16, UInt32)]) -> [UInt8] {
            settings.flatMap { [UInt8($0.0 >> 8), UInt8($0.0 & 0xFF)] + FrameClient.bytes($0.1) }
        }

        private func write(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            bytes += unwrapInboundIn(data).readableBytesView
            if !hasPreface {
                guard bytes.count >= Self.preface.count else { return }
                guard bytes.starts(with: Self.preface) else { return context.close(promise: nil) }
                bytes.removeFirst(Self.preface.count)
                hasPreface = true
            }
            let frames = FrameClient.frames(bytes)
            bytes.removeFirst(frames.reduce(0) { $0 + 9 + $1.payload.count })
            for frame in frames { receive(frame, context) }
        }

        private func receive(_ frame: FrameClient.Frame, _ context: ChannelHandlerContext) {
            switch frame.kind {
            case FrameClient.Kind.settings where frame.flags == 0:
                for index in stride(from: 0, to: frame.payload.count, by: 6) where frame.payload[index + 1] == 4 {
                    initialWindow = frame.payload[(index + 2)..<(index + 6)].reduce(0) { $0 << 8 | Int($1) }
                }
                write(FrameClient.frame(FrameClient.Kind.settings, FrameClient.Flag.acknowledge, 0, []), context)
            case FrameClient.Kind.ping where frame.flags == 0:
                write(FrameClient.frame(FrameClient.Kind.ping, FrameClient.Flag.acknowledge, 0, frame.payload), context)
            case FrameClient.Kind.windowUpdate:
                windows[frame.stream, default: initialWindow] += Int(frame.word)
                stream(context)
            case FrameClient.Kind.headers, FrameClient.Kind.continuation: receiveHeaders(frame, context)
            case FrameClient.Kind.data: receiveData(frame, context)
            case FrameClient.Kind.reset:
                guard let request = open.removeValue(forKey: frame.stream) else { return }
                toStream[frame.stream] = nil
                events.add(.reset(path: request.path, code: frame.word))
            default: break
            }
        }

        private func receiveHeaders(_ frame: FrameClient.Frame, _ context: ChannelHandlerContext) {
            block += frame.payload
            guard frame.flags & FrameClient.Flag.endHeaders != 0 else { return }
            var buffer = ByteBuffer(bytes: block)
            block = []
            guard let fields = try? decoder.decodeHeaders(from: &buffer) else { return context.close(promise: nil) }
            if open[frame.stream] == nil {
                var request = Request(connection: number, stream: frame.stream)
                request.fields = fields.map { ($0.name, $0.value) }
                for field in fields { request.indexing[field.name] = field.indexable }
                open[frame.stream] = request
                windows[frame.stream] = initialWindow
                events.add(.head(path: request.path))
                perform(answers.atHead(request), frame.stream, context)
            } else {
                open[frame.stream]?.trailers = fields.map { ($0.name, $0.value) }
            }
            if frame.flags & FrameClient.Flag.endStream != 0 { end(frame.stream, context) }
        }

        private func receiveData(_ frame: FrameClient.Frame, _ context: ChannelHandlerContext) {
            log.received.add(frame.payload.count, ordering: .relaxed)
            open[frame.stream]?.body += frame.payload
            if opensWindows, !frame.payload.isEmpty {
                for stream in [0, frame.stream] {
                    write(
                        FrameClient.frame(FrameClient.Kind.windowUpdate, 0, stream, FrameClient.bytes(UInt32(frame.payload.count))), context
                    )
                }
            }
            if frame.flags & FrameClient.Flag.endStream != 0 { end(frame.stream, context) }
        }

        private func end(_ stream: UInt32, _ context: ChannelHandlerContext) {
            guard let request = open[stream] else { return }
            log.requests.withLock { $0.append(request) }
            events.add(.ended(path: request.path))
            perform(answers.atEnd(request), stream, context)
        }

        private func perform(_ actions: [Action], _ stream: UInt32, _ context: ChannelHandlerContext) {
            // What belongs together arrives together.
            var out: [UInt8] = []
            for action in actions {
                switch action {
                case .head(let fields, let ends): out += Self.headers(stream, fields, ends: ends)
                case .block(let block, let ends): out += FrameClient.headers(stream, block, endsStream: ends)
                case .data(let text, let ends):
                    out += FrameClient.frame(FrameClient.Kind.data, ends ? FrameClient.Flag.endStream : 0, stream, Array(text.utf8))
                case .trailers(let fields): out += Self.headers(stream, fields, ends: true)
                case .reset(let code): out += FrameClient.frame(FrameClient.Kind.reset, 0, stream, FrameClient.bytes(code))
                case .goAway(let last):
                    out += FrameClient.frame(FrameClient.Kind.goAway, 0, 0, FrameClient.bytes(last) + FrameClient.bytes(0))
                case .settings(let settings): out += FrameClient.frame(FrameClient.Kind.settings, 0, 0, Self.payload(settings))
                case .raw(let bytes): out += bytes
                case .stream(let count): toStream[stream] = count
                case .close:
                    write(out, context)
                    return context.close(promise: nil)
                }
            }
            if !out.isEmpty { write(out, context) }
            self.stream(context)
        }

        static func headers(_ stream: UInt32, _ fields: Fields, ends: Bool) -> [UInt8] {
            FrameClient.headers(stream, FrameClient.block(fields.map { (Array($0.0.utf8), Array($0.1.utf8)) }), endsStream: ends)
        }

        private func stream(_ context: ChannelHandlerContext) {
            for (stream, rest) in toStream {
                var left = rest
                while left > 0, let all = windows[0], let own = windows[stream] {
                    let count = min(left, min(all, own), 16_384)
                    guard count > 0 else { break }
                    left -= count
                    windows[0] = all - count
                    windows[stream] = own - count
                    log.streamed.add(count, ordering: .relaxed)
                    let flags = left == 0 ? FrameClient.Flag.endStream : 0
                    write(FrameClient.frame(FrameClient.Kind.data, flags, stream, Array(repeating: 0x78, count: count)), context)
                }
                toStream[stream] = left == 0 ? nil : left
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        func channelInactive(context: ChannelHandlerContext) { events.add(.closed(connection: number)) }
    }
}
