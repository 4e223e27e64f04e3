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

    func routeTable() throws(RouteTableError) -> RouteTable {
        try RouteTable(
            routes: routes.enumerated().map { index, route in Self.route(route, id: Self.routeID(index)) },
            externalHost: externalURL.host, externalPort: externalURL.port)
    }

    private static func routeID(_ index: Int) -> String { "route-\(index + 1)" }

    /// What `check` reports beside the problems of the file: routes that the data plane can't tell apart, or does not take.
    var routeProblem: Problem? {
        do throws(RouteTableError) {
            _ = try routeTable()
            return nil
        } catch {
            func line(_ id: String) -> Int { routes.indices.first { Self.routeID($0) == id }.map { routes[$0].line } ?? 1 }
            return switch error {
            case .duplicate(let id):
                Problem(
                    line: line(id),
                    "`path`: to an application that decodes escapes and cuts off `;…` it is the path of an earlier route of this host: give one of them another path, or remove it"
                )
            case .host(let id): Problem(line: line(id), "`host`: it can't be served")
            case .path(let id): Problem(line: line(id), "`path`: it can't be served")
            case .publicPath(let id): Problem(line: line(id), "`public_paths`: one of them can't be served")
            case .headerName(let id): Problem(line: line(id), "`headers`: one of the names can't be sent")
            case .responseHeader(let id): Problem(line: line(id), "`response_headers`: one of them can't be sent")
            case .upstream(let id): Problem(line: line(id), "`upstream`: one of them is no address that can be connected to")
            case .authorities(let id): Problem(line: line(id), "`upstream_ca`: it can't be read")
            case .organization(let id): Problem(line: line(id), "`organization`: it is missing, or stands beside {organization}")
            case .externalHost: Problem(line: 1, "`external_url`: its host can't be served")
            }
        }
    }

    private static func route(_ route: RouteDeclaration, id: String) -> Route {
        let host: Route.Host =
            switch route.host {
            case .exact(let host): .exact(host)
            case .organizationLabel(let suffix): .organizationLabel(suffix: suffix)
            }
        return Route(
            id: id, host: host, path: route.path, organizationSlug: route.organizationSlug,
            upstreams: route.upstreams.map { upstream($0, route.upstreamSettings) }, publicPaths: route.publicPaths,
            requireRoles: route.requireRoles.map(\.rawValue),
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
            }, keepsRepeatedSlashes: route.keepsRepeatedSlashes, keepsEncodedSlashes: route.keepsEncodedSlashes,
            keepsTrailers: route.keepsTrailers,
            responseHeaders: route.responseHeaders.map { Route.ResponseHeader(name: $0.name, value: $0.value) },
            timeouts: UpstreamTimeouts(
                connect: route.upstreamSettings.connectTimeout, response: route.upstreamSettings.responseTimeout,
                idle: route.upstreamSettings.idleTimeout))
    }

    private static func upstream(_ address: UpstreamAddress, _ settings: UpstreamSettings) -> Upstream {
        let check = settings.healthCheck.map { check in
            HealthCheck(
                path: check.path, interval: check.interval, timeout: check.timeout, healthy: check.healthy, unhealthy: check.unhealthy)
        }
        switch address {
        case .http(let host, let port): return Upstream(host: host, port: port, healthCheck: check, speaksHTTP2: settings.speaksHTTP2)
        case .https(let host, let port):
            let trust: Upstream.Trust = settings.authorities.map { .authorities(pem: Array($0.utf8)) } ?? .system
            return Upstream(host: host, port: port, tls: trust, healthCheck: check, speaksHTTP2: settings.speaksHTTP2)
        case .unix(let path): return Upstream(address: .unix(path: path), healthCheck: check, speaksHTTP2: settings.speaksHTTP2)
        }
    }

    func proxySettings(loops: Int) throws -> ProxySettings {
        ProxySettings(
            listen: listen.map(Self.listenAddress), loops: loops, secureCookies: externalURL.scheme == .https,
            trustedProxies: TrustedProxies(networks: Self.ranges(trustedProxies), includesUnixSockets: trustsUnixSockets),
            proxyProtocolPeers: Self.ranges(proxyProtocolFrom), unixSocketMode: unixSocketMode, tls: try tlsContext(),
            limits: proxyLimits(loops: loops), accessLog: accessLog)
    }

    private var accessLog: AccessLogSettings? {
        let fraction: Double =
            switch log.access {
            case .off: 0
            case .sampled: log.sample
            case .all: 1
            }
        guard fraction > 0 else { return nil }
        return AccessLogSettings(fraction: fraction) { JSONLogHandler.write($0) }
    }

    func adminSettings(_ admin: Admin) throws -> ProxySettings {
        ProxySettings(
            listen: admin.listen.map(Self.listenAddress), loops: 1, secureCookies: externalURL.scheme == .https,
            unixSocketMode: unixSocketMode, tls: try adminTLSContext())
    }

    private static func ranges(_ networks: [Network]) -> [Proxy.AddressRange] {
        networks.compactMap { Proxy.AddressRange($0.description) }
    }

    private func proxyLimits(loops: Int) -> ProxyLimits {
        var proxied = ProxyLimits()
        proxied.maximumHeadBytes = limits.requestHeadBytes
        proxied.maximumFields = limits.requestHeadFields
        proxied.maximumTargetBytes = limits.requestTargetBytes
        proxied.maximumLocalBodyBytes = limits.localBodyBytes
        proxied.maximumConnections = limits.connections
        proxied.maximumStreams = limits.http2Streams
        proxied.maximumStreamResetsPerMinute = limits.http2ResetsPerMinute
        proxied.maximumControlFramesPerMinute = limits.http2ControlFramesPerMinute
        proxied.maximumIdleUpstreamConnections = limits.upstreamKeepAliveConnectionsPerLoop
        proxied.maximumCachedSessions = max(1, limits.sessionCacheEntries / max(1, loops))
        proxied.headDeadline = limits.requestHeadTimeout
        proxied.idle = limits.idleTimeout
        proxied.upstreamConnect = limits.upstreamConnectTimeout
        proxied.upstreamResponse = limits.upstreamResponseTimeout
        proxied.upstreamBodyIdle = limits.upstreamIdleTimeout
        proxied.maximumBodyBytes = limits.requestBodyBytes
        proxied.maximumConnectionsPerPeer = limits.connectionsPerPeer
        proxied.bodyIdle = limits.bodyTimeout
        proxied.minimumBodyBytes = max(1, limits.minimumBodyBytesPerSecond * Int(limits.bodyTimeout.components.seconds))
        return proxied
    }

    static func listenAddress(_ address: ConfigurationFile.ListenAddress) -> Proxy.ListenAddress {
        switch address {
        case .tcp(let host, let port): .tcp(host: host, port: port)
        case .unix(let path): .unix(path: path)
        case .systemd(let name): .inherited(name: name)
        }
    }

    var allowedNetworks: [Fetch.AddressRange] {
        fetch.allowNetworks.compactMap { Fetch.AddressRange(bytes: $0.address.bytes, prefixLength: $0.prefixLength) }
    }
}
