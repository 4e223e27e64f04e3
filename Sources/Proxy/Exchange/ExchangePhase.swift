import NIOCore

/// Where an exchange is.
enum ExchangePhase {
    /// No complete head yet. → any other
    case idle
    /// A complete head waits for the session source. → collecting, answering, forwarding, ended
    case deciding(HeldHead)
    /// A body for the gateway itself is arriving. → answering, ended
    case collecting(LocalCollection)
    /// The local responder works. → ended
    case answering
    /// The request is with an upstream, or with a connection to one that is being opened.
    /// → answering (the upstream failed before its response), tunneling, ended
    case forwarding
    /// After a 101. → ended
    case tunneling(TunnelEnds)
    /// The response is sent, or never will be. → idle, by `reset`
    case ended
}

/// Which directions of a tunnel have ended.
struct TunnelEnds {
    var client = false
    var upstream = false
}

/// A complete head whose decision has to wait.
struct HeldHead {
    let head: ByteBuffer
    var outcomes: LookupOutcomes
}

/// A request for the local responder whose body is still arriving.
struct LocalCollection {
    let request: LocalRequest
    var body: [UInt8] = []
}

/// What the transport does with bytes of a request body.
enum BodyUse {
    /// Nothing is decided yet, or the upstream connection is being opened: keeps them.
    case wait
    /// Hands them over.
    case take
    /// Nobody reads them.
    case discard
}

/// The request under way.
struct RequestProgress {
    enum Response {
        case none
        /// The head is written; the body follows.
        case body
        case complete
    }

    var id = RequestID(high: 0, low: 0)
    var isHead = false
    /// May be sent a second time: idempotent and without a body.
    var isRepeatable = false
    var wasRepeated = false
    var framing = BodyFraming.none
    /// The whole body was handed over.
    var bodyIsComplete = true
    var response = Response.none
    /// Body bytes since the deadline was last set.
    var bodyBytes = 0
    /// Bytes of the body so far, and of the response's.
    var bytesIn = 0
    var bytesOut = 0
    /// Status that the client gets; 0 while there is none.
    var status = 0
    /// What the access log will say; `nil` for a request without a line.
    var record: AccessRecord?
    /// What an upstream has to answer to become a WebSocket.
    var webSocketAccept: [UInt8]?
    var identity: CachedIdentity?
    var route: CompiledRoute?
    /// Head for an upstream whose connection is being opened.
    var outgoing: ByteBuffer?
    /// Whose connection that is.
    var awaited: UpstreamPool?
    /// Upstreams that could not be reached for this request.
    var unreachable: [UpstreamPool] = []
}
