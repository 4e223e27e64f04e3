import NIOCore

/// Where to listen.
public enum ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// `host` is an IPv4 or IPv6 address; port 0 takes a free one.
    case tcp(host: String, port: Int)
    case unix(path: String)
    /// A socket that another process has opened: `ProxyServer.start` gets them, by their names.
    case inherited(name: String)

    /// `0.0.0.0:443`, `[::1]:8080`, `unix:/run/gateway.sock`, `systemd:web`.
    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        case .inherited(let name): "systemd:\(name)"
        }
    }
}

/// How the data plane listens and behaves. Routes are given apart, since they are replaced at a reload.
public struct ProxySettings: Sendable {
    public var listen: [ListenAddress]
    /// Event loops, one thread each.
    public var loops: Int
    /// True when `external_url` is https: the session cookie then has the prefix `__Host-`.
    public var secureCookies: Bool
    /// Peers whose `X-Forwarded-*` fields are believed. Empty: nobody's.
    public var trustedProxies: TrustedProxies
    /// Peers that must begin each connection with a PROXY header; anybody else's is a bad request.
    public var proxyProtocolPeers: [AddressRange]
    /// Permission bits of unix sockets that are listened on.
    public var unixSocketMode: UInt32
    /// `nil`: plain HTTP. Unix sockets are always plain.
    public var tls: TLSContext?
    public var limits: ProxyLimits
    /// `nil`: no access log.
    public var accessLog: AccessLogSettings?

    public init(
        listen: [ListenAddress], loops: Int = System.coreCount, secureCookies: Bool,
        trustedProxies: TrustedProxies = TrustedProxies(), proxyProtocolPeers: [AddressRange] = [],
        unixSocketMode: UInt32 = 0o660, tls: TLSContext? = nil, limits: ProxyLimits = ProxyLimits(),
        accessLog: AccessLogSettings? = nil
    ) {
        self.listen = listen
        self.loops = loops
        self.secureCookies = secureCookies
        self.trustedProxies = trustedProxies
        self.proxyProtocolPeers = proxyProtocolPeers
        self.unixSocketMode = unixSocketMode
        self.tls = tls
        self.limits = limits
        self.accessLog = accessLog
    }
}

/// Peers that may say who the client is.
public struct TrustedProxies: Sendable, Equatable {
    public var networks: [AddressRange]
    /// Whether whoever can open a unix socket that the gateway listens on is believed.
    public var includesUnixSockets: Bool

    public init(networks: [AddressRange] = [], includesUnixSockets: Bool = false) {
        self.networks = networks
        self.includesUnixSockets = includesUnixSockets
    }

    func contains(_ address: IPAddress) -> Bool { networks.contains { $0.contains(address) } }
}

/// Every bound of the data plane. Deadlines are checked once in `timerResolution` and may pass that much
/// later.
public struct ProxyLimits: Sendable {
    /// Bytes of a request head, request line included. Beyond: 431. At most 1 MiB is used.
    public var maximumHeadBytes = 32 * 1024
    /// Fields of a request or response head. Beyond: 431 or 502.
    public var maximumFields = 100
    /// Bytes of a request target. Beyond: 414.
    public var maximumTargetBytes = 16 * 1024
    /// Bytes of a response head from an upstream. Beyond: 502.
    public var maximumResponseHeadBytes = 64 * 1024
    /// Bytes of a body for the gateway itself. Beyond: 413.
    public var maximumLocalBodyBytes = 1024 * 1024
    /// Bytes of a body for an upstream, which is never held. Beyond: 413. `nil`: any number.
    public var maximumBodyBytes: Int?
    /// Bytes of all such bodies held by one loop. Beyond: 503.
    public var maximumLocalBodyBytesPerLoop = 64 * 1024 * 1024
    /// Requests that one loop has the local responder work on. Beyond: 503.
    public var maximumLocalRequestsPerLoop = 2_048
    /// Questions that one loop has the session source work on. Beyond: 503.
    public var maximumLookupsPerLoop = 4_096
    /// Client connections of the process. Beyond: closed at once.
    public var maximumConnections = 100_000
    /// Client connections of one address (of one /64 in IPv6); trusted proxies are exempt. Beyond: closed at once.
    public var maximumConnectionsPerPeer = 1_000
    /// Connections of one loop to one upstream. Beyond: 503.
    public var maximumUpstreamConnections = 4_096
    /// Unused connections that one loop keeps to one upstream.
    public var maximumIdleUpstreamConnections = 1_024
    /// Cached sessions of one loop, about 2 KiB each.
    public var maximumCachedSessions = 100_000
    /// Cached anonymous proofs of one loop.
    public var maximumCachedAnonymous = 10_000
    /// Informational responses before the final one. Beyond: 502.
    public var maximumInterimResponses = 16
    /// Streams that one HTTP/2 connection may have open. Beyond: refused.
    public var maximumStreams = 100
    /// Streams that one HTTP/2 connection may reset, or break, in a minute (CVE-2023-44487). Beyond: closed.
    public var maximumStreamResetsPerMinute = 400
    /// PING, SETTINGS and PRIORITY frames of one HTTP/2 connection in a minute (CVE-2019-9512, -9515). Beyond: closed.
    public var maximumControlFramesPerMinute = 400
    /// Bytes of request bodies that one HTTP/2 connection may have on their way to streams that don't take them.
    static let connectionWindowBytes = 1024 * 1024
    /// Bytes of a request body that must arrive within `bodyIdle` while the gateway is reading.
    public var minimumBodyBytes = 64

    /// From the first byte of a head (or the start of a connection) to its end. Then: 408 or closed.
    public var headDeadline: Duration = .seconds(10)
    /// Between requests of a connection.
    public var idle: Duration = .seconds(75)
    /// Without progress of a request body, or of a client that reads its response.
    public var bodyIdle: Duration = .seconds(75)
    /// For one address of an upstream, TLS included. Then: the next one, or 502.
    public var upstreamConnect: Duration = .seconds(5)
    /// How long an answer for an upstream's name is used before the name is looked up again.
    public var upstreamNameInterval: Duration = .seconds(30)
    /// From the end of a request to the head of its response. Then: 504.
    public var upstreamResponse: Duration = .seconds(60)
    /// Without progress of a response body from an upstream. Generous, for event streams.
    public var upstreamBodyIdle: Duration = .seconds(600)
    /// How long an unused upstream connection is kept.
    public var upstreamKeepAlive: Duration = .seconds(30)
    /// How long a request waits for the session source. Then the answer counts as unknown.
    public var sessionLookup: Duration = .seconds(10)
    /// How long a request waits for the local responder. Then: 504.
    public var localResponse: Duration = .seconds(60)
    /// How long the rest of an unwanted request body is read and dropped before the connection closes.
    public var linger: Duration = .seconds(2)
    /// How often deadlines are looked at.
    public var timerResolution: Duration = .milliseconds(500)

    public init() {}
}

extension Duration {
    /// Whole milliseconds, saturating, never negative.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0 else { return 0 }
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
        guard !overflow, scaled < Int64.max / 4 else { return Int64.max / 4 }
        return scaled + attoseconds / 1_000_000_000_000_000
    }
}
