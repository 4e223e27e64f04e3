import Dispatch
import Glibc
import Synchronization

@testable import Fetch

/// An HTTP/1.1 server on a loopback address: one thread accepts, one thread for each connection reads requests
/// and hands them to `answer`, which writes whatever bytes it likes.
final class LocalServer: Sendable {
    struct Request: Sendable, Equatable {
        /// Request line and fields, without the blank line.
        var head: String
        var body: [UInt8]
    }

    struct Failure: Error {}

    private struct State {
        var open: Set<Int32> = []
        var connections = 0
        var requests: [Request] = []
        var isStopped = false
    }

    let port: UInt16
    /// One element for each request, after `requests` has it.
    let arrivals: AsyncStream<Request>
    /// One element for each connection that ended.
    let departures: AsyncStream<Void>

    private let listener: Int32
    /// Writing to one ends the wait at the other.
    private let (wake, woken): (Int32, Int32)
    private let state = Mutex(State())
    private let threads = DispatchGroup()
    private let arrival: AsyncStream<Request>.Continuation
    private let departure: AsyncStream<Void>.Continuation
    private let answer: @Sendable (Request, LocalConnection) -> Void

    init(ipv6: Bool = false, answer: @escaping @Sendable (Request, LocalConnection) -> Void) throws {
        listener = try ListeningSocket.make(ipv6: ipv6)
        port = try ListeningSocket.port(of: listener)
        (wake, woken) = try ListeningSocket.pair()
        self.answer = answer
        (arrivals, arrival) = AsyncStream.makeStream()
        (departures, departure) = AsyncStream.makeStream()
        threads.enter()
        guard WorkerThread.start({ [self] in acceptAll() }) else { throw Failure() }
    }

    var url: String { "http://127.0.0.1:\(port)/" }
    var requests: [Request] { state.withLock { $0.requests } }

    /// Ends every connection and waits for the threads. Safe to call again.
    /// - Returns: the connections that there were, with those that nobody had accepted yet.
    @discardableResult
    func stop() -> Int {
        let isFirst = state.withLock { state in
            defer { state.isStopped = true }
            for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
            return !state.isStopped
        }
        if isFirst { shutdown(wake, Int32(SHUT_RDWR)) }
        threads.wait()
        if isFirst {
            close(listener)
            close(wake)
            close(woken)
        }
        return state.withLock { $0.connections }
    }

    private func acceptAll() {
        defer { threads.leave() }
        while true {
            var events = [
                pollfd(fd: listener, events: Int16(POLLIN), revents: 0), pollfd(fd: woken, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&events, 2, -1) > 0 else { continue }
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { break }
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                let isServed = state.withLock { state in
                    state.connections += 1
                    if !state.isStopped { state.open.insert(descriptor) }
                    return !state.isStopped
                }
                threads.enter()
                if !isServed || !WorkerThread.start({ [self] in serve(descriptor) }) { end(descriptor) }
            }
            if events[1].revents != 0 { return }
        }
    }

    private func serve(_ descriptor: Int32) {
        var reader = RequestReader(descriptor: descriptor)
        while let request = reader.next() {
            state.withLock { $0.requests.append(request) }
            arrival.yield(request)
            answer(request, LocalConnection(descriptor: descriptor))
        }
        end(descriptor)
    }

    private func end(_ descriptor: Int32) {
        state.withLock { state in
            state.open.remove(descriptor)
            close(descriptor)
        }
        departure.yield()
        threads.leave()
    }
}

/// What an answer can do with its connection.
struct LocalConnection: Sendable {
    let descriptor: Int32

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// `false` when the peer has gone.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// A whole response that leaves the connection open.
    func respond(_ status: String = "200 OK", fields: [String] = [], body: String = "") {
        let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + fields
        send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }

    /// Until the peer closes or the server is stopped.
    func waitForEnd() { _ = isEnded(within: -1) }

    /// Whether the peer closes within so many milliseconds.
    func isEnded(within milliseconds: Int32) -> Bool {
        let peerClosed: Int16 = 0x2000  // POLLRDHUP, which Swift does not import.
        var event = pollfd(fd: descriptor, events: Int16(POLLIN) | peerClosed, revents: 0)
        return poll(&event, 1, milliseconds) > 0
    }

    func end() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}

/// Splits what a connection brings into requests; a body has a `Content-Length`.
struct RequestReader {
    let descriptor: Int32
    private var buffer: [UInt8] = []

    init(descriptor: Int32) { self.descriptor = descriptor }

    mutating func next() -> LocalServer.Request? {
        let separator = Array("\r\n\r\n".utf8)
        while true {
            if let end = buffer.indices.first(where: { buffer[$0...].starts(with: separator) }) {
                let head = String(decoding: buffer[..<end], as: UTF8.self)
                let length =
                    head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
                    .flatMap { Int($0.dropFirst(15).drop { $0 == " " }) } ?? 0
                let start = end + separator.count
                if buffer.count >= start + length {
                    let body = Array(buffer[start..<start + length])
                    buffer.removeFirst(start + length)
                    return LocalServer.Request(head: head, body: body)
                }
            }
            var chunk = [UInt8](repeating: 0, count: 65536)
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            buffer += chunk.prefix(count)
        }
    }
}

/// A listening socket on a loopback address and a port of the system's choice.
enum ListeningSocket {
    static func make(ipv6: Bool = false, backlog: Int32 = 128) throws -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(ipv6 ? AF_INET6 : AF_INET, kind, 0)
        let isBound: Bool
        if ipv6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_addr = in6addr_loopback
            isBound = withUnsafeBytes(of: &address) { bytes in
                bytes.withMemoryRebound(to: sockaddr.self) { bind(descriptor, $0.baseAddress, socklen_t(bytes.count)) == 0 }
            }
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            isBound = withUnsafeBytes(of: &address) { bytes in
                bytes.withMemoryRebound(to: sockaddr.self) { bind(descriptor, $0.baseAddress, socklen_t(bytes.count)) == 0 }
            }
        }
        guard isBound, listen(descriptor, backlog) == 0 else {
            close(descriptor)
            throw LocalServer.Failure()
        }
        return descriptor
    }

    static func pair() throws -> (Int32, Int32) {
        var descriptors: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &descriptors) == 0 else {
            throw LocalServer.Failure()
        }
        return (descriptors[0], descriptors[1])
    }

    static func port(of descriptor: Int32) throws -> UInt16 {
        guard let port = name(of: descriptor, getsockname) else { throw LocalServer.Failure() }
        return port
    }

    /// The port of one end of a socket, from `getsockname` or `getpeername`.
    static func name(
        of descriptor: Int32, _ ask: (Int32, UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<socklen_t>?) -> Int32
    ) -> UInt16? {
        var address = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let result = withUnsafeMutableBytes(of: &address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { ask(descriptor, $0.baseAddress, &length) }
        }
        let family = Int32(address.sin6_family)
        // The port is at the same place in both families.
        return result == 0 && (family == AF_INET || family == AF_INET6) ? UInt16(bigEndian: address.sin6_port) : nil
    }
}
