/// One process of an application: where it is, whether it speaks TLS, and how its health is looked after.
/// Two upstreams that are equal share their connections, whatever routes they belong to.
public struct Upstream: Sendable, Hashable {
    public enum Address: Sendable, Hashable {
        /// IP address (IPv6 without brackets) or DNS name.
        case tcp(host: String, port: Int)
        /// Absolute path of a socket.
        case unix(path: String)
    }

    /// Whose certificates are believed. There is no way to believe everybody.
    public enum Trust: Sendable, Hashable {
        /// The authorities of this machine (`/etc/ssl/certs`).
        case system
        /// Certificates in PEM, and no others.
        case authorities(pem: [UInt8])
    }

    public let address: Address
    /// `nil`: without TLS. Otherwise the host of `address` is sent as SNI and must be in the certificate.
    public let tls: Trust?
    public let healthCheck: HealthCheck?
    /// HTTP/2 and nothing else: by ALPN with TLS, otherwise by prior knowledge (RFC 9113 §3.3).
    public let speaksHTTP2: Bool

    public init(address: Address, tls: Trust? = nil, healthCheck: HealthCheck? = nil, speaksHTTP2: Bool = false) {
        self.address = address
        self.tls = tls
        self.healthCheck = healthCheck
        self.speaksHTTP2 = speaksHTTP2
    }

    public init(host: String, port: Int, tls: Trust? = nil, healthCheck: HealthCheck? = nil, speaksHTTP2: Bool = false) {
        self.init(address: .tcp(host: host, port: port), tls: tls, healthCheck: healthCheck, speaksHTTP2: speaksHTTP2)
    }

    /// As an operator writes it.
    public var description: String {
        switch address {
        case .tcp(let host, let port): "\(tls == nil ? "http" : "https")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}

/// A request that asks an upstream again and again whether it works.
public struct HealthCheck: Sendable, Hashable {
    /// Path, and query where one is needed.
    public let path: String
    /// From the end of one request to the beginning of the next.
    public let interval: Duration
    /// For connecting, asking and the status line together.
    public let timeout: Duration
    /// So many 2xx or 3xx in a row make an upstream healthy again.
    public let healthy: Int
    /// So many failures in a row make it unhealthy.
    public let unhealthy: Int

    public init(path: String, interval: Duration, timeout: Duration, healthy: Int, unhealthy: Int) {
        self.path = path
        self.interval = interval
        self.timeout = timeout
        self.healthy = healthy
        self.unhealthy = unhealthy
    }
}

/// A route's own patience with its upstreams; `nil`: that of `ProxyLimits`.
public struct UpstreamTimeouts: Sendable, Hashable {
    /// For one address of one upstream, TLS included.
    public var connect: Duration?
    /// From the end of a request to the head of its response.
    public var response: Duration?
    /// Without progress of a response body or a tunnel.
    public var idle: Duration?

    public init(connect: Duration? = nil, response: Duration? = nil, idle: Duration? = nil) {
        self.connect = connect
        self.response = response
        self.idle = idle
    }
}
