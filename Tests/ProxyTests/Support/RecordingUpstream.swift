import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// An upstream that records every request byte for byte and answers as it is told.
final class RecordingUpstream: Sendable {
    struct Request: Sendable {
        /// Number of the connection it came on, from 0.
        var connection: Int
        var head: String
        var body: [UInt8]
        /// Field lines after a chunked body.
        var trailers = ""
        var line: String { head.split(separator: "\r\n").first.map(String.init) ?? "" }
        var target: String { line.split(separator: " ").dropFirst().first.map(String.init) ?? "" }
        var headers: [(name: String, value: String)] {
            head.split(separator: "\r\n").dropFirst().map { String($0).nameAndValue }
        }
        /// Values of all fields whose name some server could read as `name`.
        func values(_ name: String) -> [String] { headers.filter { Self.normal($0.name) == Self.normal(name) }.map(\.value) }
        static func normal(_ name: String) -> String {
            String(name.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "-" })
        }
    }

    enum Reply: Sendable {
        case text(String)
        case bytes([UInt8])
        /// Written in two steps with a turn of the loop between.
        case parts([String])
        case textThenClose(String)
        /// Closes without a byte.
        case close
        /// A head, and then so many bytes as fast as they are taken.
        case stream(head: String, bytes: Int)
        /// A head after which bytes are neither requests nor responses; what comes is in `tunneled`.
        case tunnel(String)
        /// Nothing.
        case silence
    }

    static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    let port: Int
    private let channel: any Channel
    private let log: Log

    final class Log: Sendable {
        let requests = Mutex<[Request]>([])
        let waiting = Mutex<[(count: Int, continuation: CheckedContinuation<Void, Never>)]>([])
        let streamed = Atomic<Int>(0)
        let received = Atomic<Int>(0)
        let connections = Atomic<Int>(0)
        let tunneled = Mutex<[UInt8]>([])
        let tunnelWaiting = Mutex<[(count: Int, continuation: CheckedContinuation<Void, Never>)]>([])
        let endedInputs = EventLog<Int>()
        let closedConnections = Atomic<Int>(0)
        let channels = Mutex<[any Channel]>([])

        func add(_ request: Request) {
            let count = requests.withLock {
                $0.append(request); return $0.count
            }
            wake(count)
        }

        func addTunneled(_ bytes: [UInt8]) {
            let count = tunneled.withLock {
                $0 += bytes; return $0.count
            }
            let ready = tunnelWaiting.withLock { list in
                let ready = list.filter { $0.count <= count }
                list.removeAll { $0.count <= count }
                return ready
            }
            for waiter in ready { waiter.continuation.resume() }
        }

        func wake(_ count: Int) {
            let ready = waiting.withLock { list in
                let ready = list.filter { $0.count <= count }
                list.removeAll { $0.count <= count }
                return ready
            }
            for waiter in ready { waiter.continuation.resume() }
        }
    }

    /// - Parameters:
    ///   - unixPath: listens there instead of on a port of 127.0.0.1.
    static func start(
        readsBodies: Bool = true, tls: NIOSSLContext? = nil, unixPath: String? = nil,
        _ reply: @escaping @Sendable (Request) -> Reply = { _ in .text(ok) }
    ) async throws -> RecordingUpstream {
        let log = Log()
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                let number = log.connections.add(1, ordering: .relaxed).oldValue
                log.channels.withLock { $0.append(channel) }
                return channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.addHandler(
                        Handler(log: log, number: number, readsBodies: readsBodies, reply: reply))
                }
            }
        let channel =
            if let unixPath {
                try await bootstrap.bind(unixDomainSocketPath: unixPath).get()
            } else {
                try await bootstrap.serverChannelOption(.socketOption(.so_reuseaddr), value: 1).bind(host: "127.0.0.1", port: 0).get()
            }
        return RecordingUpstream(channel: channel, log: log)
    }

    private init(channel: any Channel, log: Log) {
        self.channel = channel
        self.log = log
        port = channel.localAddress?.port ?? 0
    }

    var requests: [Request] { log.requests.withLock { $0 } }
    var streamedBytes: Int { log.streamed.load(ordering: .relaxed) }
    var receivedBytes: Int { log.received.load(ordering: .relaxed) }
    var connectionCount: Int { log.connections.load(ordering: .relaxed) }
    var tunneled: [UInt8] { log.tunneled.withLock { $0 } }
    /// Numbers of connections whose other side sends nothing more.
    var endedInputs: EventLog<Int> { log.endedInputs }

    /// Waits until so many bytes have come through tunnels.
    func tunneled(atLeast count: Int) async -> [UInt8] {
        await withCheckedContinuation { continuation in
            log.tunnelWaiting.withLock { $0.append((count, continuation)) }
            log.addTunneled([])
        }
        return tunneled
    }

    var channels: [any Channel] { log.channels.withLock { $0 } }

    /// Waits until so many requests have arrived.
    func requests(atLeast count: Int) async -> [Request] {
        await withCheckedContinuation { continuation in
            log.waiting.withLock { $0.append((count, continuation)) }
            log.wake(requests.count)
        }
        return requests
    }

    func stop() async {
        try? await channel.close()
        for child in channels { try? await child.close() }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let log: Log
        private let number: Int
        private let readsBodies: Bool
        private let reply: @Sendable (Request) -> Reply
        private var bytes: [UInt8] = []
        private var toStream = 0
        /// In the middle of a body that is not recorded.
        private var ignoresRest = false
        private var isTunnel = false

        init(log: Log, number: Int, readsBodies: Bool, reply: @escaping @Sendable (Request) -> Reply) {
            self.log = log
            self.number = number
            self.readsBodies = readsBodies
            self.reply = reply
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = unwrapInboundIn(data)
            log.received.add(buffer.readableBytes, ordering: .relaxed)
            if ignoresRest { return }
            if isTunnel { return log.addTunneled(Array(buffer.readableBytesView)) }
            bytes += buffer.readableBytesView
            while let request = next() {
                log.add(request)
                answer(reply(request), context)
            }
        }

        private func next() -> Request? {
            guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
            var request = Request(connection: number, head: String(decoding: bytes[..<end.lowerBound], as: UTF8.self), body: [])
            var used = end.upperBound
            if readsBodies {
                if !request.values("transfer-encoding").isEmpty {
                    guard let (body, trailers, length) = Chunks.decodeWithTrailers(Array(bytes[end.upperBound...])) else { return nil }
                    request.body = body
                    request.trailers = trailers
                    used += length
                } else if let length = request.values("content-length").first.flatMap({ Int($0) }) {
                    guard bytes.count - used >= length else { return nil }
                    request.body = Array(bytes[used..<(used + length)])
                    used += length
                }
            }
            bytes.removeFirst(used)
            if !readsBodies, !(request.values("content-length").first ?? "0").elementsEqual("0") { ignoresRest = true }
            return request
        }

        private func answer(_ reply: Reply, _ context: ChannelHandlerContext) {
            switch reply {
            case .text(let text): context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            case .bytes(let bytes): context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
            case .parts(let parts):
                let channel = context.channel
                Task {
                    for part in parts {
                        try await channel.writeAndFlush(ByteBuffer(string: part))
                        for _ in 0..<20 { await Task.yield() }
                    }
                }
            case .textThenClose(let text):
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
                context.close(promise: nil)
            case .close: context.close(promise: nil)
            case .stream(let head, let count):
                context.write(wrapOutboundOut(ByteBuffer(string: head)), promise: nil)
                toStream = count
                stream(context)
            case .tunnel(let head):
                isTunnel = true
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: head)), promise: nil)
                log.addTunneled(bytes)
                bytes = []
            case .silence: break
            }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            guard case .inputClosed? = event as? ChannelEvent else { return }
            log.endedInputs.add(number)
            // An ordinary upstream goes when its client goes.
            if !isTunnel { context.close(promise: nil) }
        }

        private func stream(_ context: ChannelHandlerContext) {
            let log = self.log
            while toStream > 0, context.channel.isWritable {
                let count = min(toStream, 32 * 1024)
                toStream -= count
                let written = context.eventLoop.makePromise(of: Void.self)
                written.futureResult.whenSuccess { log.streamed.add(count, ordering: .relaxed) }
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(repeating: UInt8(ascii: "x"), count: count)), promise: written)
            }
        }

        func channelWritabilityChanged(context: ChannelHandlerContext) { stream(context) }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        func channelInactive(context: ChannelHandlerContext) { log.closedConnections.add(1, ordering: .relaxed) }
    }
}
