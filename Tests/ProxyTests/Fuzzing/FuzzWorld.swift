import NIOCore

@testable import Proxy

/// Routes, peers and an identity for the fuzzed requests. Limits are small, so that inputs reach them.
final class FuzzWorld {
    struct Place {
        let id: String
        let host: Route.Host
        let path: String
        var keepsRepeatedSlashes = false
        var keepsEncodedSlashes = false
    }

    /// More than are compared one by one on `a.example`.
    static let places = [
        Place(id: "all", host: .exact("a.example"), path: "/"),
        Place(id: "keep", host: .exact("a.example"), path: "/keep", keepsEncodedSlashes: true),
        Place(id: "double", host: .exact("a.example"), path: "/double/", keepsRepeatedSlashes: true),
        Place(id: "admin", host: .exact("a.example"), path: "/admin"),
        Place(id: "comma", host: .exact("a.example"), path: "/admin/a,b"),
        Place(id: "below", host: .exact("a.example"), path: "/keep/admin"),
        Place(id: "port", host: .exact("b"), path: "/app"),
        Place(id: "label", host: .organizationLabel(suffix: "apps.example"), path: "/"),
    ]
    static let listenPort = 8_080
    static let externalPort = 8_443

    let limits: ProxyLimits
    let table: RouteTable
    let strangePeer: Peer
    let trustedPeer: Peer
    let identity: CachedIdentity
    private let trusted: TrustedProxies

    init() {
        var limits = ProxyLimits()
        limits.maximumHeadBytes = 600
        limits.maximumTargetBytes = 160
        limits.maximumFields = 12
        self.limits = limits
        let routes = Self.places.map { place in
            let isLabel = if case .organizationLabel = place.host { true } else { false }
            return Route(
                id: place.id, host: place.host, path: place.path, organizationSlug: isLabel ? nil : "org-" + place.id,
                upstreams: [.init(host: "127.0.0.1", port: 1)], headers: [.init(name: "Remote-User", template: [])],
                keepsRepeatedSlashes: place.keepsRepeatedSlashes, keepsEncodedSlashes: place.keepsEncodedSlashes)
        }
        do {
            table = try RouteTable(routes: routes, externalHost: "auth.example", externalPort: Self.externalPort)
            let local = try SocketAddress(ipAddress: "10.0.0.1", port: Self.listenPort)
            trusted = TrustedProxies(networks: ["10.0.0.0/8", "::1"].compactMap { AddressRange($0) })
            strangePeer = Peer(remote: try SocketAddress(ipAddress: "192.0.2.7", port: 1), local: local, scheme: .http, trusted: trusted)
            trustedPeer = Peer(remote: try SocketAddress(ipAddress: "10.0.0.9", port: 1), local: local, scheme: .http, trusted: trusted)
        } catch {
            fatalError("the world of the fuzzed requests: \(error)")
        }
        let headers = IdentityHeaders(
            block: Array("X-Gateway-Member: m1\r\nX-Gateway-Roles: \r\nRemote-User: alice\r\n".utf8), refreshAt: 0, expiresAt: 0,
            graceUntil: 0, tags: [])
        identity = CachedIdentity(
            key: IdentityKey(tokenHash: nil, route: ObjectIdentifier(routes[0]), originHash: 0), route: routes[0], scheme: .http,
            authority: [], organizationSlug: "", headers: headers, generation: 0)
    }

    func settings(secure: Bool) -> ProxySettings {
        ProxySettings(listen: [], loops: 1, secureCookies: secure, trustedProxies: trusted, limits: limits)
    }

    /// Written out apart from `AddressRange`.
    static func isTrusted(_ address: ReferenceAddress) -> Bool {
        address.isIPv4 && address.groups[6] >> 8 == 10 || address.groups == [0, 0, 0, 0, 0, 0, 0, 1]
    }
}
