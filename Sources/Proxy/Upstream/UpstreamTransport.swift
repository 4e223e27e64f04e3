import NIOCore

/// What carries an exchange to an upstream: an HTTP/1.1 connection, or a stream of HTTP/2. A choice of two and
/// no protocol: the first is on the path of every request.
enum UpstreamTransport {
    case connection(UpstreamConnection)
    case stream(HTTP2UpstreamStream)

    @inline(__always)
    static func === (left: UpstreamTransport?, right: UpstreamTransport) -> Bool {
        switch (left, right) {
        case (.connection(let left)?, .connection(let right)): left === right
        case (.stream(let left)?, .stream(let right)): left === right
        case (.connection?, .stream), (.stream?, .connection), (nil, _): false
        }
    }

    var pool: UpstreamPool {
        switch self {
        case .connection(let connection): connection.pool
        case .stream(let stream): stream.pool
        }
    }

    /// Head of the request under way, in the form of HTTP/1.1.
    var request: ByteBuffer {
        get {
            switch self {
            case .connection(let connection): connection.request
            case .stream(let stream): stream.request
            }
        }
        nonmutating set {
            switch self {
            case .connection(let connection): connection.request = newValue
            case .stream(let stream): stream.request = newValue
            }
        }
    }

    /// Whether an earlier request was answered on the same connection.
    var wasUsedBefore: Bool {
        switch self {
        case .connection(let connection): connection.wasUsedBefore
        case .stream(let stream): stream.wasUsedBefore
        }
    }

    /// Whether both directions may be silent for long, as in a call that streams both ways.
    var isLongLived: Bool {
        switch self {
        case .connection: false
        case .stream: true
        }
    }

    // MARK: Requests

    /// Sends the head in `request`: at once where it is the whole request, otherwise the caller flushes.
    @inline(__always)
    func begin(for receiver: any ResponseReceiver, isHead: Bool, isWhole: Bool, keepsTrailers: Bool, webSocketAccept: [UInt8]?) {
        switch self {
        case .connection(let connection):
            connection.begin(
                for: receiver, isHead: isHead, isWhole: isWhole, keepsTrailers: keepsTrailers, webSocketAccept: webSocketAccept)
        case .stream(let stream): stream.begin(for: receiver, isHead: isHead, isWhole: isWhole, keepsTrailers: keepsTrailers)
        }
    }

    func writeBody(_ data: ByteBuffer, _ framing: BodyFraming) {
        switch self {
        case .connection(let connection): connection.writeBody(data, framing)
        case .stream(let stream): stream.write(data)
        }
    }

    /// `trailers`: cleaned field lines.
    func endBody(_ framing: BodyFraming, trailers: [UInt8]) {
        switch self {
        case .connection(let connection): connection.endBody(framing, trailers: trailers)
        case .stream(let stream): stream.endBody(trailers: trailers)
        }
    }

    @inline(__always)
    func flush() {
        switch self {
        case .connection(let connection): connection.flush()
        case .stream(let stream): stream.flush()
        }
    }

    var takesMore: Bool {
        switch self {
        case .connection(let connection): connection.takesMore
        case .stream(let stream): stream.takesMore
        }
    }

    // MARK: Responses

    func holdReads() {
        switch self {
        case .connection(let connection): connection.holdReads()
        case .stream(let stream): stream.holdReads()
        }
    }

    func releaseReads() {
        switch self {
        case .connection(let connection): connection.releaseReads()
        case .stream(let stream): stream.releaseReads()
        }
    }

    // MARK: The end

    /// The receiver is no longer interested.
    func abandon() {
        switch self {
        case .connection(let connection): connection.abandon()
        case .stream(let stream): stream.abandon()
        }
    }

    /// As `abandon`, since the response does not come.
    func abandonUnanswered() {
        switch self {
        case .connection(let connection): connection.abandonUnanswered()
        case .stream(let stream): stream.abandonUnanswered()
        }
    }

    /// It was taken for a request and is not used for one.
    func discard() {
        switch self {
        case .connection(let connection): connection.discard()
        case .stream(let stream): stream.discard()
        }
    }

    // MARK: Tunnels, which a stream never becomes

    func writeTunnel(_ data: ByteBuffer) {
        if case .connection(let connection) = self { connection.write(data) }
    }

    func endTunnelOutput() {
        if case .connection(let connection) = self { connection.endOutput() }
    }

    func closeTunnelAfterWrites() {
        if case .connection(let connection) = self { connection.closeAfterWrites() }
    }
}
