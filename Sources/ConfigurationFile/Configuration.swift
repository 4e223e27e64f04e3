// Configuration owns `gateway.conf`: its keys, their defaults and bounds, and every rule that can be
// checked by looking at the file and the files that it names. Text comes in; one immutable value comes
// out, or all problems at once with their lines.
//
// It knows no socket, no store, no clock and no protocol. It does not read IdP metadata documents
// (SAML does), and what the file declares is imported by Storage.

public import Tenancy

/// Everything that `gateway.conf` says, checked, with defaults filled in.
public struct Configuration: Sendable, Equatable {
    /// Origin of sign-in, callbacks and JWKS; `iss` of assertions.
    public var externalURL: Origin
    public var listen: [ListenAddress]
    public var store: StoreLocation
    /// Permission bits of unix sockets that are listened on.
    public var unixSocketMode: UInt32
    /// Peers whose `X-Forwarded-*` counts; empty is nobody.
    public var trustedProxies: [Network]
    /// Whether that of whoever can open a unix socket counts.
    public var trustsUnixSockets: Bool
    /// Peers that begin each connection with a PROXY header.
    public var proxyProtocolFrom: [Network]
    /// `nil`: plain HTTP.
    public var tls: TLSSettings?
    /// `nil`: no management API, dashboard, metrics and health.
    public var admin: Admin?
    /// `[admin] project_id`, else derived from `external_url`. Ids of declared things are derived from it.
    public var projectID: String
    public var session: SessionSettings
    public var limits: Limits
    public var audit: AuditSettings
    public var fetch: FetchSettings
    public var log: LogSettings
    /// What is imported into the store.
    public var declaration: Declaration
    /// In file order.
    public var routes: [RouteDeclaration]
}
