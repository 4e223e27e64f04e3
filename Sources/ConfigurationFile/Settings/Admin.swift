public import Tenancy

/// `[admin]`: management API, dashboard, metrics, health.
public struct Admin: Sendable, Equatable {
    public var listen: [ListenAddress]
    /// As written; `nil` where `Configuration.projectID` is derived.
    public var projectID: String?
    /// Basic-auth password of the management API.
    public var secret: Secret
    /// Identifies the project in browser-facing calls; not a secret.
    public var publicToken: String?
    /// For API clients that finish a sign-in themselves; compared byte by byte.
    public var redirectURLs: [String]
    /// Browser origins that may call `/sdk/v1` with the public token.
    public var allowedOrigins: [Origin]
    public var tls: TLSSettings?

    /// For comparing all the rest.
    public var withoutTLS: Admin {
        var copy = self
        copy.tls = nil
        return copy
    }
}
