import Tenancy

/// What the configuration says about sign-on; replaced as one value at a reload.
public struct SignOnSettings: Sendable {
    /// Origin of sign-in and callbacks, `scheme://host[:port]` without a default port.
    public var externalOrigin: String
    /// Longest time between two requests of a session.
    public var idleTimeout: Duration
    /// Absolute limit of a session, from the sign-in on.
    public var lifetime: Duration
    /// How long cached sessions are served while the store can't be asked.
    public var storeGrace: Duration
    /// Claim name → template, in assertions for every organization.
    public var customClaims: [String: String]
    /// Starts and callbacks per client address and minute.
    public var signInsPerMinutePerAddress: Int
    /// Discovery questions per client address and minute.
    public var discoveriesPerMinutePerAddress: Int
    /// Audit events older than this are cleared away.
    public var auditRetention: Duration
    public var routes: RoutePlan

    public init(
        externalOrigin: String, idleTimeout: Duration, lifetime: Duration, storeGrace: Duration,
        customClaims: [String: String] = [:], signInsPerMinutePerAddress: Int, discoveriesPerMinutePerAddress: Int,
        auditRetention: Duration = .seconds(90 * 86_400), routes: RoutePlan
    ) {
        self.externalOrigin = externalOrigin
        self.idleTimeout = idleTimeout
        self.lifetime = lifetime
        self.storeGrace = storeGrace
        self.customClaims = customClaims
        self.signInsPerMinutePerAddress = signInsPerMinutePerAddress
        self.discoveriesPerMinutePerAddress = discoveriesPerMinutePerAddress
        self.auditRetention = auditRetention
        self.routes = routes
    }

    /// Cookies are `Secure` and carry the prefix `__Host-` exactly when the origin is https.
    public var usesSecureCookies: Bool { externalOrigin.hasPrefix("https://") }
}
