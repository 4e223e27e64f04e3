import ConfigurationFile
import Fetch
import Proxy
import SignOn
import Tenancy

/// The configuration in the words of each part.
extension Configuration {
    var signOnSettings: SignOnSettings {
        SignOnSettings(
            externalOrigin: externalURL.text, idleTimeout: session.idleTimeout, lifetime: session.lifetime,
            storeGrace: session.storeGrace, customClaims: session.customClaims,
            signInsPerMinutePerAddress: limits.signInsPerMinutePerAddress,
            discoveriesPerMinutePerAddress: limits.discoveriesPerMinutePerAddress, auditRetention: audit.retention,
            routes: routePlan)
    }

    /// Tenants' pages have the scheme and port of `external_url`: one listener serves them all.
    private var routePlan: RoutePlan {
        RoutePlan(
            hosts: routes.map { route in
                switch route.host {
                case .exact(let host): .exact(host, organizationSlug: route.organizationSlug ?? "")
                case .organizationLabel(let suffix): .organizationLabel(suffix: suffix)
                }
            }, scheme: externalURL.scheme.rawValue,
            port: externalURL.port == externalURL.scheme.defaultPort ? nil : externalURL.port)
    }

    func routeTable() throws -> RouteTable {
        try RouteTable(
            routes: routes.enumerated().map { index, route in Self.route(route, id: "route-\(index + 1)") },
            externalHost: externalURL.host, externalPort: externalURL.port)
    }

    private static func route(_ route: RouteDeclaration, id: String) -> Route {
        let host: Route.Host =
            switch route.host {
            case .exact(let host): .exact(host)
            case .organizationLabel(let suffix): .organizationLabel(suffix: suffix)
            }
        return Route(
            id: id, host: host, path: route.path, organizationSlug: route.organizationSlug,
            upstreams: route.upstreams.compactMap { upstream in
                if case .http(let host, let port) = upstream { Route.Upstream(host: host, port: port) } else { nil }
            }, publicPaths: route.publicPaths, requireRoles: route.requireRoles.map(\.rawValue),
            signInDemand: route.maximumSignInAge == nil && route.authenticationContexts.isEmpty
                ? nil : Route.SignInDemand(maximumAge: route.maximumSignInAge, contexts: route.authenticationContexts),
            headers: route.headers.map { header in
                Route.ExtraHeader(
                    name: header.name,
                    template: header.template.map { part in
                        switch part {
                        case .text(let text): .text(text)
                        case .placeholder(let placeholder): .placeholder(placeholder.rawValue)
                        }
                    })
            }, keepsRepeatedSlashes: route.keepsRepeatedSlashes, keepsEncodedSlashes: route.keepsEncodedSlashes)
    }

    func proxySettings(loops: Int) -> ProxySettings {
        ProxySettings(
            listen: listen.map(Self.listenAddress), loops: loops, secureCookies: externalURL.scheme == .https,
            trustedProxies: TrustedProxies(networks: trustedProxies.compactMap { Proxy.AddressRange($0.description) }),
            limits: proxyLimits(loops: loops))
    }

    private func proxyLimits(loops: Int) -> ProxyLimits {
        var proxied = ProxyLimits()
        proxied.maximumHeadBytes = limits.requestHeadBytes
        proxied.maximumFields = limits.requestHeadFields
        proxied.maximumTargetBytes = limits.requestTargetBytes
        proxied.maximumLocalBodyBytes = limits.localBodyBytes
        proxied.maximumConnections = limits.connections
        proxied.maximumIdleUpstreamConnections = limits.upstreamKeepAliveConnectionsPerLoop
        proxied.maximumCachedSessions = max(1, limits.sessionCacheEntries / max(1, loops))
        proxied.headDeadline = limits.requestHeadTimeout
        proxied.idle = limits.idleTimeout
        proxied.upstreamConnect = limits.upstreamConnectTimeout
        proxied.upstreamResponse = limits.upstreamResponseTimeout
        return proxied
    }

    static func listenAddress(_ address: ConfigurationFile.ListenAddress) -> Proxy.ListenAddress {
        switch address {
        case .tcp(let host, let port): .tcp(host: host, port: port)
        case .unix(let path): .unix(path: path)
        }
    }

    var allowedNetworks: [Fetch.AddressRange] {
        fetch.allowNetworks.compactMap { Fetch.AddressRange(bytes: $0.address.bytes, prefixLength: $0.prefixLength) }
    }
}
