/// How a route gets on with its upstreams.
public struct UpstreamSettings: Sendable, Equatable {
    /// PEM certificates of the authorities that vouch for https upstreams; `nil`: the system's.
    public var authorities: String?
    public var healthCheck: HealthCheckSettings?
    /// HTTP/2 and nothing else, with and without TLS.
    public var speaksHTTP2 = false
    /// `nil`: the limit of the same name.
    public var connectTimeout: Duration?
    public var responseTimeout: Duration?
    public var idleTimeout: Duration?

    public init() {}
}

/// `health_check` of a route.
public struct HealthCheckSettings: Sendable, Hashable {
    /// Path, with a query where one is needed; printable ASCII.
    public var path: String
    public var interval: Duration = .seconds(10)
    public var timeout: Duration = .seconds(2)
    /// Answers in a row that make an upstream healthy again.
    public var healthy = 2
    /// Failures in a row that make it unhealthy.
    public var unhealthy = 3

    public init(path: String) { self.path = path }
}
