import NIOCore

/// Whoever a response is for: a client connection, or one stream of it. Called on its loop.
///
/// For one request: `upstreamOpened` or `upstreamUnreachable`; then any number of interim heads, one
/// `responseHead`, `responseBody` …, and `responseEnd`, or `upstreamFailed` at any point, which is the last.
/// `responsePause` follows whatever one read has brought, unless it was the end.
protocol ResponseReceiver: AnyObject {
    /// Whether a connection that `pool` was asked for is still wanted: the receiver may be with another request.
    func wantsUpstream(of pool: UpstreamPool) -> Bool
    /// Whether the client takes more of the body now.
    var takesMore: Bool { get }

    func upstreamOpened(_ transport: UpstreamTransport)
    func upstreamUnreachable(_ failure: UpstreamPool.Failure, _ pool: UpstreamPool)
    /// An informational response other than 100 and 101. Borrowed bytes.
    func interimHead(_ head: ResponseHead, _ bytes: ByteView)
    /// The final head. Borrowed bytes. False: can't be passed on.
    func responseHead(_ head: ResponseHead, _ bytes: ByteView, _ framing: BodyFraming) -> Bool
    func responseBody(_ data: ByteBuffer)
    /// Field lines after the body, cleaned; just before `responseEnd`.
    func responseTrailers(_ lines: [UInt8])
    func responseEnd()
    /// All that has arrived for now has been handed over. Afterwards the loop's scratch memory is empty.
    func responsePause()

    /// A 101 that the request has asked for. Borrowed bytes. False: can't be passed on. From here on only
    /// what follows below is called, and `responsePause`.
    func switched(_ head: ResponseHead, _ bytes: ByteView) -> Bool
    func tunnelReceived(_ data: ByteBuffer)
    /// The upstream sends nothing more.
    func tunnelInputEnded()
    func tunnelClosed()

    func upstreamFailed(_ failure: UpstreamFailure, _ transport: UpstreamTransport)
    /// The upstream takes request bytes again.
    func upstreamWritable()
}
