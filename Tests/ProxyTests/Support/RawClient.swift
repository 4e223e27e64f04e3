import NIOCore
import NIOPosix
import NIOSSL
import X509

/// A TCP client that sends exactly the bytes it is given.
final class RawClient: Sendable {
    struct Response: Sendable {
        var status: Int
        var head: String
        var body: [UInt8]
        var headers: [(name: String, value: String)]
        func values(_ name: String) -> [String] { headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value) }
        func value(_ name: String) -> String? { values(name).first }
        var text: String { String(decoding: body, as: UTF8.self) }
    }
    struct Closed: Error {}

    let channel: any Channel
    private let collector: NIOLoopBound<Collector>

    /// With `tls` the bytes go through a handshake first, which names `serverName`; `before` is sent before that.
    static func connect(port: Int, tls: NIOSSLContext? = nil, serverName: String? = nil, before: [UInt8] = []) async throws -> RawClient {
        try await connect(to: SocketAddress(ipAddress: "127.0.0.1", port: port), tls: tls, serverName: serverName, before: before)
    }

    static func connect(
        to address: SocketAddress, tls: NIOSSLContext? = nil, serverName: String? = nil, before: [UInt8] = []
    ) async throws -> RawClient {
        let group = MultiThreadedEventLoopGroup.singleton
        let loop = group.next()
        let collector = try await loop.submit { NIOLoopBound(Collector(), eventLoop: loop) }.get()
        let channel = try await ClientBootstrap(group: loop)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: tls, serverHostname: serverName))
                    }
                    try channel.pipeline.syncOperations.addHandler(collector.value)
                    if !before.isEmpty { try channel.pipeline.syncOperations.addHandler(Preamble(before), position: .first) }
                }
            }
            .connect(to: address).get()
        return RawClient(channel: channel, collector: collector)
    }

    private init(channel: any Channel, collector: NIOLoopBound<Collector>) {
        self.channel = channel
        self.collector = collector
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }

    /// Without waiting until it is written.
    func enqueue(_ bytes: [UInt8]) { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }

    func close() async {
        // With it, TLS would wait for five seconds after the other side's close_notify.
        try? await channel.setOption(.allowRemoteHalfClosure, value: false).get()
        try? await channel.close()
    }

    func halfClose() async throws { try await channel.close(mode: .output) }

    func setReading(_ reads: Bool) async throws { try await channel.setOption(.autoRead, value: reads).get() }

    /// Waits until `condition` holds for what has arrived, or the other side has closed.
    func wait(until condition: @escaping @Sendable ([UInt8]) -> Bool) async throws -> (bytes: [UInt8], closed: Bool) {
        let collector = self.collector
        return try await channel.eventLoop.flatSubmit { collector.value.wait(channel: self.channel, condition) }.get()
    }

    func take(_ count: Int) async throws {
        let collector = self.collector
        try await channel.eventLoop.submit { collector.value.received.removeFirst(count) }.get()
    }

    /// Everything until the other side closes.
    func readToEnd() async throws -> [UInt8] { try await wait { _ in false }.bytes }

    /// The next response, 1xx ones included.
    func readResponse(toHead isHead: Bool = false) async throws -> Response {
        let (bytes, closed) = try await wait { Self.parse($0, isHead: isHead, closed: false) != nil }
        guard let (response, used) = Self.parse(bytes, isHead: isHead, closed: closed) else { throw Closed() }
        try await take(used)
        return response
    }

    /// Common name of the server's certificate.
    func peerName() async throws -> String? {
        let channel = self.channel
        return try await channel.eventLoop.submit {
            guard let bytes = try channel.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self).peerCertificate?.toDERBytes()
            else { return nil }
            return try Certificate(derEncoded: bytes).subject.description.split(separator: "CN=").last.map(String.init)
        }.get()
    }

    func isClosedByPeer() async throws -> Bool { try await wait { !$0.isEmpty }.closed }

    private static func parse(_ bytes: [UInt8], isHead: Bool, closed: Bool) -> (Response, Int)? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
        var lines = head.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
        let status = Int(lines.removeFirst().split(separator: " ").dropFirst().first ?? "") ?? 0
        let headers = lines.map(\.nameAndValue)
        var response = Response(status: status, head: head, body: [], headers: headers)
        if isHead || status < 200 || status == 204 || status == 304 { return (response, end.upperBound) }
        if response.value("transfer-encoding") != nil {
            guard let (body, used) = Chunks.decode(Array(bytes[end.upperBound...])) else { return nil }
            response.body = body
            return (response, end.upperBound + used)
        }
        if let length = response.value("content-length").flatMap({ Int($0) }) {
            guard bytes.count - end.upperBound >= length else { return nil }
            response.body = Array(bytes[end.upperBound..<(end.upperBound + length)])
            return (response, end.upperBound + length)
        }
        guard closed else { return nil }
        response.body = Array(bytes[end.upperBound...])
        return (response, bytes.count)
    }
}

extension String {
    /// A field line, split at its first colon.
    var nameAndValue: (name: String, value: String) {
        let colon = firstIndex(of: ":") ?? endIndex
        return (String(prefix(upTo: colon)), String(suffix(from: colon).dropFirst()).trimmedSpaces)
    }

    var trimmedSpaces: String {
        var view = Substring(self)
        while view.first == " " { view.removeFirst() }
        while view.last == " " { view.removeLast() }
        return String(view)
    }
}

/// A naive reading of the chunked coding, independent of the one under test.
enum Chunks {
    static func decode(_ bytes: [UInt8]) -> (body: [UInt8], used: Int)? {
        decodeWithTrailers(bytes).map { ($0.body, $0.used) }
    }

    static func decodeWithTrailers(_ bytes: [UInt8]) -> (body: [UInt8], trailers: String, used: Int)? {
        var body: [UInt8] = []
        var index = 0
        while true {
            guard let lineEnd = bytes[index...].firstRange(of: [13, 10]) else { return nil }
            guard let size = Int(String(decoding: bytes[index..<lineEnd.lowerBound], as: UTF8.self), radix: 16) else { return nil }
            index = lineEnd.upperBound
            if size == 0 {
                let rest = bytes[index...]
                if rest.starts(with: [13, 10]) { return (body, "", index + 2) }
                guard let end = rest.firstRange(of: [13, 10, 13, 10]) else { return nil }
                return (body, String(decoding: bytes[index..<end.lowerBound], as: UTF8.self) + "\r\n", end.upperBound)
            }
            guard bytes.count >= index + size + 2 else { return nil }
            body += bytes[index..<(index + size)]
            index += size + 2
        }
    }
}

/// Sends some bytes as soon as it can, below whatever else is in the pipeline.
private final class Preamble: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
        context.fireChannelActive()
    }
}

private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    var received: [UInt8] = []
    private var closed = false
    private var waiting: (condition: @Sendable ([UInt8]) -> Bool, promise: EventLoopPromise<(bytes: [UInt8], closed: Bool)>)?

    func wait(channel: any Channel, _ condition: @escaping @Sendable ([UInt8]) -> Bool) -> EventLoopFuture<(bytes: [UInt8], closed: Bool)> {
        let promise = channel.eventLoop.makePromise(of: (bytes: [UInt8], closed: Bool).self)
        waiting = (condition, promise)
        check()
        return promise.futureResult
    }

    private func check() {
        guard let waiting, closed || waiting.condition(received) else { return }
        self.waiting = nil
        waiting.promise.succeed((received, closed))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += unwrapInboundIn(data).readableBytesView
        check()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.inputClosed) = event as? ChannelEvent {
            closed = true
            check()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelInactive(context: ChannelHandlerContext) {
        closed = true
        check()
    }
}
