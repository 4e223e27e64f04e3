/// Why routes can't be served. `route` is the id of the offending one.
public enum RouteTableError: Error, Equatable {
    case externalHost
    case host(route: String)
    case path(route: String)
    case publicPath(route: String)
    case headerName(route: String)
    /// Name or value of a response header.
    case responseHeader(route: String)
    case upstream(route: String)
    /// The authorities that vouch for an upstream can't be read.
    case authorities(route: String)
    /// Two routes with the same host and path, or with paths that are one for an application that decodes.
    case duplicate(route: String)
    /// `organizationSlug` is missing, or given beside a host label.
    case organization(route: String)
}

/// The routes of a process, by canonical host and path prefix. Immutable; a reload makes a new one.
public final class RouteTable: Sendable {
    public let routes: [Route]
    let names: HeaderNames
    /// Each upstream once.
    let upstreams: [UpstreamTarget]
    let externalPort: UInt16?
    private let externalHost: [UInt8]
    private let hostIndex: ByteKeyTable
    private let suffixIndex: ByteKeyTable
    private let hosts: [HostRoutes]

    /// - Parameters:
    ///   - externalHost: host of `external_url`, without port.
    ///   - externalPort: its port, also where it is the scheme's own.
    public init(routes: [Route], externalHost: String, externalPort: Int? = nil) throws(RouteTableError) {
        guard let external = CanonicalHost.canonical(externalHost) else { throw .externalHost }
        self.routes = routes
        self.externalHost = external
        self.externalPort = externalPort.flatMap { UInt16(exactly: $0) }
        var builder = Builder()
        for route in routes { try builder.add(route) }
        names = HeaderNames.request(extra: builder.headerNames)
        upstreams = builder.upstreams
        hosts = builder.groups.map { HostRoutes($0) }
        hostIndex = ByteKeyTable(builder.exact.map { ($0.key, $0.value) })
        suffixIndex = ByteKeyTable(builder.suffixes.map { ($0.key, $0.value) })
    }

    struct HostMatch {
        let routes: HostRoutes
        /// Bytes of the host's first label where it is the organization's slug; otherwise 0.
        let labelBytes: Int
    }

    /// The routes of a canonical host, an exact one before one with a label.
    func match(host: ByteView) -> HostMatch? {
        if let index = hostIndex.find(host, hash: ByteHash.of(host)) {
            return HostMatch(routes: hosts[Int(index)], labelBytes: 0)
        }
        guard !suffixIndex.isEmpty, let dot = host.firstIndex(of: 0x2E, from: 0), Self.isLabel(host.slice(0, dot)) else { return nil }
        let suffix = host.slice(dot + 1, host.count)
        guard let index = suffixIndex.find(suffix, hash: ByteHash.of(suffix)) else { return nil }
        return HostMatch(routes: hosts[Int(index)], labelBytes: dot)
    }

    /// Upstream hosts that are no addresses.
    var upstreamNames: Set<String> {
        Set(
            upstreams.compactMap { target in
                if target.fixedAddress == nil, case .tcp(let host, _) = target.upstream.address { host } else { nil }
            })
    }

    func isExternalHost(_ host: ByteView) -> Bool { host.equals(externalHost) }

    /// A lower-case DNS label, which is what a slug is.
    private static func isLabel(_ view: ByteView) -> Bool {
        guard view.count >= 1, view.count <= 63, view[0] != 0x2D, view[view.count - 1] != 0x2D else { return false }
        for index in 0..<view.count where !(view[index].isDigit || view[index].isLetter || view[index] == 0x2D) { return false }
        return true
    }

    private struct Builder {
        var groups: [[CompiledRoute]] = []
        var exact: [[UInt8]: Int32] = [:]
        var suffixes: [[UInt8]: Int32] = [:]
        var upstreams: [UpstreamTarget] = []
        private var knownUpstreams: [Upstream: UpstreamTarget] = [:]
        private var contexts = TLSContexts()
        var headerNames: [String] = []
        private var seen: Set<[UInt8]> = []

        mutating func add(_ route: Route) throws(RouteTableError) {
            let rules = CanonicalPath.Rules(
                keepsRepeatedSlashes: route.keepsRepeatedSlashes, keepsEncodedSlashes: route.keepsEncodedSlashes)
            guard var prefix = CanonicalPath.canonical(route.path, rules: rules) else { throw .path(route: route.id) }
            // `/app/` and `/app` are one prefix; that of everything is empty.
            while prefix.last == 0x2F { prefix.removeLast() }
            var publicPaths: [[UInt8]] = []
            for path in route.publicPaths {
                guard let canonical = CanonicalPath.canonical(path, rules: rules) else { throw .publicPath(route: route.id) }
                publicPaths.append(canonical)
            }
            for header in route.headers {
                guard !header.name.isEmpty, header.name.utf8.allSatisfy(\.isToken), Self.isWritable(header) else {
                    throw .headerName(route: route.id)
                }
                headerNames.append(header.name)
            }
            for header in route.responseHeaders where !HeaderBlock.isWellFormed(name: header.name, value: header.value) {
                throw .responseHeader(route: route.id)
            }
            let compiled = CompiledRoute(
                route: route, prefix: prefix, publicPaths: publicPaths, rules: rules,
                upstreams: try targets(of: route))
            let group = try self.group(of: route)
            // Two prefixes that an application can't tell apart are one.
            guard seen.insert(Array("\(group)/".utf8) + PathReading.of(prefix: prefix)).inserted else { throw .duplicate(route: route.id) }
            groups[Int(group)].append(compiled)
        }

        /// A field of the proxy's own has its placeholder once, no other, and text that can stand in a field.
        private static func isWritable(_ header: Route.ExtraHeader) -> Bool {
            guard header.isOfConnection else { return true }
            var placeholders = 0
            for part in header.template {
                switch part {
                case .placeholder: placeholders += 1
                case .text(let text): if !text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return false }
                }
            }
            return placeholders == 1
        }

        private mutating func targets(of route: Route) throws(RouteTableError) -> [UpstreamTarget] {
            guard !route.upstreams.isEmpty else { throw .upstream(route: route.id) }
            var targets: [UpstreamTarget] = []
            for upstream in route.upstreams {
                if let known = knownUpstreams[upstream] {
                    targets.append(known)
                    continue
                }
                let target: UpstreamTarget
                do {
                    target = try UpstreamTarget(upstream, index: upstreams.count, contexts: &contexts)
                } catch {
                    switch error {
                    case .address: throw .upstream(route: route.id)
                    case .authorities: throw .authorities(route: route.id)
                    }
                }
                knownUpstreams[upstream] = target
                upstreams.append(target)
                targets.append(target)
            }
            return targets
        }

        private mutating func group(of route: Route) throws(RouteTableError) -> Int32 {
            switch route.host {
            case .exact(let host):
                guard route.organizationSlug != nil else { throw .organization(route: route.id) }
                guard let key = CanonicalHost.canonical(host) else { throw .host(route: route.id) }
                if let known = exact[key] { return known }
                exact[key] = Int32(truncatingIfNeeded: groups.count)
            case .organizationLabel(let suffix):
                guard route.organizationSlug == nil else { throw .organization(route: route.id) }
                guard let key = CanonicalHost.canonical(suffix) else { throw .host(route: route.id) }
                if let known = suffixes[key] { return known }
                suffixes[key] = Int32(truncatingIfNeeded: groups.count)
            }
            groups.append([])
            return Int32(truncatingIfNeeded: groups.count - 1)
        }
    }
}
