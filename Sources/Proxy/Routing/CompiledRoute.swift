/// A route with its paths in canonical form.
final class CompiledRoute: Sendable {
    let route: Route
    /// Canonical, without a final slash; empty for everything.
    let prefix: [UInt8]
    let rules: CanonicalPath.Rules
    /// Indices in the table's `upstreams`.
    let upstreamIndices: [Int]
    private let publicPaths: [[UInt8]]

    init(route: Route, prefix: [UInt8], publicPaths: [[UInt8]], rules: CanonicalPath.Rules, upstreamIndices: [Int]) {
        self.route = route
        self.prefix = prefix
        self.publicPaths = publicPaths
        self.rules = rules
        self.upstreamIndices = upstreamIndices
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
