/// `[limits]`: what one client, one request or one upstream may cost.
public struct Limits: Sendable, Equatable {
    /// Request line and fields together, in bytes; 431 beyond.
    public var requestHeadBytes = 32 * 1024
    /// Number of fields; 431 beyond.
    public var requestHeadFields = 100
    /// The request target alone, in bytes; 414 beyond.
    public var requestTargetBytes = 8 * 1024
    /// From the first byte of a head, or the opening of a connection, to the end of the head.
    public var requestHeadTimeout: Duration = .seconds(10)
    /// A connection on which nothing happens is closed.
    public var idleTimeout: Duration = .seconds(75)
    /// Body of a request that goes to an upstream, in bytes; `nil` is unlimited, since it is never held
    /// in memory. 413 beyond.
    public var requestBodyBytes: Int?
    /// Body of a request that the gateway answers itself (a SAML response, an API call), in bytes: held in
    /// memory as a whole. 413 beyond.
    public var localBodyBytes = 1024 * 1024
    /// Open client connections; further ones wait in the system's queue.
    public var connections = 50_000
    /// Open client connections of one peer address; trusted proxies are exempt.
    public var connectionsPerPeer = 1_000
    /// Streams that one HTTP/2 connection may have open; further ones are refused.
    public var http2Streams = 100
    /// Streams that one HTTP/2 connection may cancel or break in a minute; it is closed beyond.
    public var http2ResetsPerMinute = 400
    /// PING, SETTINGS and PRIORITY frames of one HTTP/2 connection in a minute; it is closed beyond.
    public var http2ControlFramesPerMinute = 400
    /// Without progress of a request body, or of a client that takes a response; 408 or closed beyond.
    public var bodyTimeout: Duration = .seconds(30)
    /// Of a request body, on average over `bodyTimeout`; 408 below. 0: any progress will do.
    public var minimumBodyBytesPerSecond = 50
    /// To one upstream address; the next address is tried, then 502.
    public var upstreamConnectTimeout: Duration = .seconds(5)
    /// From the end of the request to the end of the response's head; 504 beyond.
    public var upstreamResponseTimeout: Duration = .seconds(60)
    /// How long requests under way may take after the process was asked to stop.
    public var drainTimeout: Duration = .seconds(20)
    /// Without a byte of a response body, or of a WebSocket in either direction; closed beyond.
    public var upstreamIdleTimeout: Duration = .seconds(600)
    /// Idle connections that one event loop keeps open to one upstream address.
    public var upstreamKeepAliveConnectionsPerLoop = 1_024
    /// Starts of a sign-in from one client address in a minute; 429 beyond. An office behind one address
    /// signs in together in the morning.
    public var signInsPerMinutePerAddress = 600
    /// Questions by e-mail which connections there are (R3), from one client address in a minute.
    public var discoveriesPerMinutePerAddress = 60
    /// Sessions that all event loops together keep ready, some 2 KiB each; the rest is looked up in the store.
    public var sessionCacheEntries = 50_000

    public init() {}
}
