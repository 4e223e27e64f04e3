/// What the configuration can say and this version does not do. Such a key is refused, not ignored: a
/// file that asks for TLS must not be served without it. A version that serves one of these removes it
/// from `features`; nothing else here changes.
enum NotServedYet: String, CaseIterable {
    case postgresqlStore, tls, adminTLS, httpsUpstream, unixUpstream, unixListen, requestBodyBytes, connectionsPerPeer

    static let features: Set<NotServedYet> = [
        .postgresqlStore, .tls, .adminTLS, .httpsUpstream, .unixUpstream, .unixListen, .requestBodyBytes, .connectionsPerPeer,
    ]

    /// What to write instead, after "is not served by this version: remove it".
    private var sentence: String {
        switch self {
        case .postgresqlStore: "a PostgreSQL store is not served by this version: remove it and use sqlite:/path"
        case .tls: "[tls] is not served by this version: remove it and let a proxy that trusted_proxies lists end TLS"
        case .adminTLS: "admin.tls is not served by this version: remove it and listen on a loopback address"
        case .httpsUpstream: "an https upstream is not served by this version: remove it and use http://host:port"
        case .unixUpstream: "a unix socket upstream is not served by this version: remove it and use http://host:port"
        case .unixListen: "a unix socket listener is not served by this version: remove it and use ADDRESS:PORT"
        case .requestBodyBytes: "`request_body_bytes` is not served by this version: remove it; bodies for upstreams have no limit yet"
        case .connectionsPerPeer: "`connections_per_peer` is not served by this version: remove it; `connections` limits them all"
        }
    }

    /// Whether it is served; if not, a problem at `line` says so.
    @discardableResult
    static func check(_ feature: NotServedYet, at line: Int, _ problems: ProblemList) -> Bool {
        guard features.contains(feature) else { return true }
        problems.error(line, feature.sentence)
        return false
    }
}
