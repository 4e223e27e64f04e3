/// A route with its paths in canonical form.
final class CompiledRoute: Sendable {
    let route: Route
    /// Canonical, without a final slash; empty for everything.
    let prefix: [UInt8]
    let rules: CanonicalPath.Rules
    let upstreams: [UpstreamTarget]
    /// In milliseconds; `nil`: those of the loop.
    let connectTimeout, responseTimeout, idleTimeout: Int64?
    let responseRules: ResponseRules?
    /// Fields about the client's certificate: what stands before and after its subject.
    let certificateFields: [(before: [UInt8], after: [UInt8])]
    private let publicPaths: [[UInt8]]

    init(route: Route, prefix: [UInt8], publicPaths: [[UInt8]], rules: CanonicalPath.Rules, upstreams: [UpstreamTarget]) {
        self.route = route
        self.prefix = prefix
        self.publicPaths = publicPaths
        self.rules = rules
        self.upstreams = upstreams
        responseRules = ResponseRules(route.responseHeaders)
        connectTimeout = route.timeouts.connect?.milliseconds
        responseTimeout = route.timeouts.response?.milliseconds
        idleTimeout = route.timeouts.idle?.milliseconds
        certificateFields = route.headers.filter(\.isOfConnection).map { Self.certificateField($0) }
    }

    private static func certificateField(_ header: Route.ExtraHeader) -> (before: [UInt8], after: [UInt8]) {
        var before = Array("\(header.name): ".utf8)
        var after: [UInt8] = []
        var isBefore = true
        for part in header.template {
            switch part {
            case .text(let text): if isBefore { before += text.utf8 } else { after += text.utf8 }
            case .placeholder: isBefore = false
            }
        }
        return (before, after + [0x0D, 0x0A])
    }

    func isPublic(_ path: ByteView) -> Bool {
        for candidate in publicPaths {
            if candidate.last == 0x2F ? path.hasPrefix(candidate) : path.equals(candidate) { return true }
        }
        return false
    }
}

/// The routes of one host.
final class HostRoutes: Sendable {
    private let routes: [CompiledRoute]
    private let prefixes: PrefixIndex
    private let readings: PrefixIndex

    init(_ routes: [CompiledRoute]) {
        self.routes = routes
        prefixes = PrefixIndex(routes.map(\.prefix))
        readings = PrefixIndex(routes.map { PathReading.of(prefix: $0.prefix) })
    }

    /// The route with the longest prefix that covers a canonical path.
    func match(path: ByteView) -> CompiledRoute? { prefixes.match(path).map { routes[$0] } }

    /// The route with the longest prefix whose reading covers the reading of a path.
    func match(reading: ByteView) -> CompiledRoute? { readings.match(reading).map { routes[$0] } }
}
