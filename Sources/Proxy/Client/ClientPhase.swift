import NIOCore

/// Where a client connection is with its one request under way.
enum ClientPhase {
    /// Waits for a head or the rest of one. → any other
    case head
    /// A complete head waits for the session source. → head's successors
    case deciding(HeldHead)
    /// A body for the gateway itself is arriving. → answering, lingering, closed
    case collecting(LocalCollection)
    /// The local responder works. → head, lingering, closed
    case answering
    /// The request is with an upstream, or with a connection to one that is being opened.
    /// → head, answering (the upstream failed before its response), lingering, closed
    case forwarding
    /// The last response is sent; what still comes is dropped. → closed
    case lingering
    case closed
}

/// A complete head whose decision has to wait.
struct HeldHead {
    let buffer: ByteBuffer
    let headEnd: Int
    var outcomes: LookupOutcomes
}

/// A request for the local responder whose body is still arriving.
struct LocalCollection {
    let request: LocalRequest
    var decoder: BodyDecoder
    var body: [UInt8] = []
}

/// The request under way on a client connection.
struct Exchange {
    enum ResponseProgress {
        case none
        /// The head is written; the body follows in this framing.
        case body(ResponseHeadWriter.Framing)
        case complete
    }

    var id = RequestID(high: 0, low: 0)
    var isHead = false
    var isHTTP10 = false
    /// Whether the connection goes on after the response.
    var persists = false
    /// May be sent a second time: idempotent and without a body.
    var isRepeatable = false
    var wasRepeated = false
    /// The client waits for a 100 before it sends the body.
    var expectsContinue = false
    var framing = BodyFraming.none
    var requestBody = BodyDecoder(.none)
    var response = ResponseProgress.none
    /// Body bytes since the deadline was last set.
    var bodyBytes = 0
    var identity: CachedIdentity?
    var route: CompiledRoute?
    /// Head for an upstream whose connection is being opened.
    var outgoing: ByteBuffer?
    /// Upstreams that could not be reached for this request.
    var unreachable: [Route.Upstream] = []
}
