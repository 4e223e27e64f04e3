import NIOCore

/// What carries an exchange to a client: an HTTP/1.1 connection, or a stream of HTTP/2. Called on its loop.
///
/// For one request: `begin`; any number of `sendInterim`; then `sendHead`, `sendBody` …, `sendEnd`, or one
/// `sendWhole`; then `exchangeEnded`. `sendRefusal` or `cut` may come instead at any point, and end it.
protocol ClientTransport: AnyObject {
    /// Whether the client takes more of the response now.
    var takesMore: Bool { get }
    /// For the access log.
    var protocolName: StaticString { get }
    /// Between two requests, with nothing received.
    var isIdle: Bool { get }

    /// The head was understood. What it says about the connection and the body on the wire is for the transport.
    /// `keepsTrailers`: trailer fields of the request are handed over with `endBody`.
    func begin(_ head: RequestHead, keepsTrailers: Bool)

    // MARK: Request body

    var holdsReads: Bool { get }
    func holdReads()
    func releaseReads()
    /// What the exchange does with the body has changed (`Exchange.bodyUse`).
    func resumeBody()

    // MARK: Response

    /// An informational response. Borrowed bytes.
    func sendInterim(_ head: ResponseHead, _ bytes: ByteView)
    /// The final head. Borrowed bytes. False: can't be passed on.
    func sendHead(_ head: ResponseHead, _ bytes: ByteView, _ framing: BodyFraming) -> Bool
    func sendBody(_ data: ByteBuffer)
    func sendEnd()
    func flush()
    /// A response of the gateway itself, with an id for it.
    func sendWhole(_ response: LocalResponse)
    /// A bare status, with which the connection (or stream) ends.
    func sendRefusal(_ refusal: Refusal)

    /// Field lines after the body, before `sendEnd`.
    func sendTrailers(_ lines: [UInt8])

    // MARK: Tunnels

    /// Sends a 101 and takes bytes for bytes from now on, which go to `Exchange.tunnelSent`. Borrowed bytes.
    /// False: the protocol has no such thing.
    func beginTunnel(_ head: ResponseHead, _ bytes: ByteView) -> Bool
    func sendTunnel(_ data: ByteBuffer)
    /// Nothing more is sent; the client may go on.
    func endTunnel()

    // MARK: The end

    /// The response is complete.
    func exchangeEnded()
    /// Ends so that the client can't take what it has got for a complete response.
    func cut()
    func close()
    /// The deadline has passed while no request was under way.
    func deadlinePassed()
}

/// A protocol without tunnels.
extension ClientTransport {
    func beginTunnel(_ head: ResponseHead, _ bytes: ByteView) -> Bool { false }
    func sendTunnel(_ data: ByteBuffer) {}
    func endTunnel() {}
}
