import NIOCore
import NIOHPACK
import NIOSSL

/// An HTTP/2 client that sends exactly the frames, and in them the header bytes, that it is given.
final class FrameClient: Sendable {
    enum Kind {
        static let data: UInt8 = 0
        static let headers: UInt8 = 1
        static let reset: UInt8 = 3
        static let settings: UInt8 = 4
        static let ping: UInt8 = 6
        static let goAway: UInt8 = 7
        static let windowUpdate: UInt8 = 8
        static let continuation: UInt8 = 9
    }

    enum Flag {
        static let endStream: UInt8 = 1
        static let acknowledge: UInt8 = 1
        static let endHeaders: UInt8 = 4
    }

    struct Frame: Sendable {
        var kind: UInt8
        var flags: UInt8
        var stream: UInt32
        var payload: [UInt8]
        /// The first four bytes: an error code, or the increment of a window.
        var word: UInt32 { payload.prefix(4).reduce(0) { $0 << 8 | UInt32($1) } }
    }

    /// What became of one stream.
    struct Result: Sendable {
        var interim: [Int] = []
        var status = 0
        var headers: [(name: String, value: String)] = []
        var body: [UInt8] = []
        var trailers: [(name: String, value: String)] = []
        var ended = false
        /// Error code of RST_STREAM.
        var reset: UInt32?
        /// The connection closed before anything of these.
        var connectionClosed = false
        var text: String { String(decoding: body, as: UTF8.self) }
        func values(_ name: String) -> [String] { headers.filter { $0.name == name }.map(\.value) }
        /// The request was not served.
        var isRefused: Bool { reset != nil || connectionClosed || status >= 400 }
    }

    let raw: RawClient

    private init(raw: RawClient) { self.raw = raw }

    /// Connects and sends the preface; `window`: SETTINGS_INITIAL_WINDOW_SIZE; `acknowledges`: the server's settings.
    static func connect(port: Int, pki: TestPKI, window: UInt32? = nil, acknowledges: Bool = true) async throws -> FrameClient {
        let raw = try await RawClient.connect(port: port, tls: try pki.clientContext(protocols: ["h2"]), serverName: "wiki.acme.example")
        let client = FrameClient(raw: raw)
        let settings = window.map { [0, 4] + Self.bytes($0) } ?? []
        try await raw.send(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + Self.frame(Kind.settings, 0, 0, settings))
        if acknowledges {
            // The server's own settings hold from then on.
            _ = try await client.wait { frames in frames.contains { $0.kind == Kind.settings && $0.flags == 0 } }
            try await client.send(Kind.settings, Flag.acknowledge, 0)
        }
        return client
    }

    static func bytes(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * UInt32($0))) } }

    static func frame(_ kind: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8]) -> [UInt8] {
        let count = UInt32(payload.count)
        return Array(bytes(count).dropFirst()) + [kind, flags] + bytes(stream) + payload
    }

    /// Literal fields without indexing and without Huffman coding (RFC 7541 §6.2.2).
    static func block(_ fields: [(name: [UInt8], value: [UInt8])]) -> [UInt8] {
        fields.flatMap { [0] + string($0.name) + string($0.value) }
    }

    private static func string(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count >= 127 else { return [UInt8(bytes.count)] + bytes }
        var rest = bytes.count - 127
        var prefix: [UInt8] = [127]
        while rest >= 128 {
            prefix.append(UInt8(rest % 128 + 128))
            rest /= 128
        }
        return prefix + [UInt8(rest)] + bytes
    }

    // MARK: Requests

    typealias Fields = [(String, String)]

    static func request(
        _ path: String = "/", method: String = "GET", authority: String = "wiki.acme.example", _ more: Fields = []
    ) -> Fields {
        [(":method", method), (":scheme", "https"), (":path", path), (":authority", authority)]
            + [("cookie", "__Host-gateway-session=\(World.token)")] + more
    }

    func send(_ kind: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8] = []) async throws {
        try await raw.send(Self.frame(kind, flags, stream, payload))
    }

    func open(_ stream: UInt32, _ fields: Fields, endsStream: Bool = true) async throws {
        try await open(stream, raw: fields.map { (Array($0.0.utf8), Array($0.1.utf8)) }, endsStream: endsStream)
    }

    func open(_ stream: UInt32, raw fields: [(name: [UInt8], value: [UInt8])], endsStream: Bool = true) async throws {
        try await raw.send(Self.headers(stream, Self.block(fields), endsStream: endsStream))
    }

    /// HEADERS and as many CONTINUATION frames as it takes.
    static func headers(_ stream: UInt32, _ block: [UInt8], endsStream: Bool, frameBytes: Int = 16_384) -> [UInt8] {
        var parts: [[UInt8]] = stride(from: 0, to: block.count, by: frameBytes).map { Array(block[$0..<min(block.count, $0 + frameBytes)]) }
        if parts.isEmpty { parts = [[]] }
        return parts.enumerated().flatMap { index, part in
            var flags: UInt8 = index == parts.count - 1 ? Flag.endHeaders : 0
            if index == 0, endsStream { flags |= Flag.endStream }
            return frame(index == 0 ? Kind.headers : Kind.continuation, flags, stream, part)
        }
    }

    func data(_ stream: UInt32, _ bytes: [UInt8], endsStream: Bool = false) async throws {
        try await send(Kind.data, endsStream ? Flag.endStream : 0, stream, bytes)
    }

    func openWindow(_ stream: UInt32, by increment: UInt32) async throws {
        try await send(Kind.windowUpdate, 0, stream, Self.bytes(increment))
    }

    // MARK: Responses

    /// All whole frames that have arrived.
    static func frames(_ received: [UInt8]) -> [Frame] {
        var frames: [Frame] = []
        var index = 0
        while received.count - index >= 9 {
            let count = received[index..<(index + 3)].reduce(0) { $0 << 8 | Int($1) }
            guard received.count - index >= 9 + count else { break }
            let stream = received[(index + 5)..<(index + 9)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
            frames.append(
                Frame(
                    kind: received[index + 3], flags: received[index + 4], stream: stream,
                    payload: Array(received[(index + 9)..<(index + 9 + count)])))
            index += 9 + count
        }
        return frames
    }

    /// Waits until frames that fulfil `condition` have arrived, or the connection is closed.
    func wait(until condition: @escaping @Sendable ([Frame]) -> Bool) async throws -> (frames: [Frame], closed: Bool) {
        let (bytes, closed) = try await raw.wait { condition(Self.frames($0)) }
        return (Self.frames(bytes), closed)
    }

    /// Waits for the end of a stream.
    func result(_ stream: UInt32) async throws -> Result {
        let (frames, closed) = try await wait { frames in
            frames.contains { $0.stream == stream && ($0.kind == Kind.reset || ($0.kind <= 1 && $0.flags & Flag.endStream != 0)) }
        }
        return try Self.result(stream, frames, closed)
    }

    /// Header blocks of all streams share one table, so that all are decoded in order.
    static func result(_ stream: UInt32, _ frames: [Frame], _ closed: Bool) throws -> Result {
        var decoder = HPACKDecoder(allocator: ByteBufferAllocator())
        var result = Result()
        for frame in frames {
            if frame.kind == Kind.headers {
                var buffer = ByteBuffer(bytes: frame.payload)
                let block = try decoder.decodeHeaders(from: &buffer)
                guard frame.stream == stream else { continue }
                guard let text = block.first(name: ":status") else {
                    result.trailers = block.map { ($0.name, $0.value) }
                    if frame.flags & Flag.endStream != 0 { result.ended = true }
                    continue
                }
                let status = Int(text) ?? 0
                if status < 200 {
                    result.interim.append(status)
                } else {
                    result.status = status
                    result.headers = block.map { ($0.name, $0.value) }
                }
            }
            guard frame.stream == stream else { continue }
            if frame.kind == Kind.data { result.body += frame.payload }
            if frame.kind <= 1, frame.flags & Flag.endStream != 0 { result.ended = true }
            if frame.kind == Kind.reset { result.reset = frame.word }
        }
        result.connectionClosed = closed && !result.ended && result.reset == nil
        return result
    }

    func close() async { await raw.close() }
}
