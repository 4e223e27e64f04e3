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

    /// Whether the prefix covers `path`, at a segment boundary.
    func covers(_ path: ByteView) -> Bool {
        path.hasPrefix(prefix) && (path.count == prefix.count || path[prefix.count] == 0x2F)
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
    /// Up to so many routes are compared one by one.
    static let maximumCompared = 4

    /// Longest prefix first.
    private let ordered: [CompiledRoute]
    private let index: ByteKeyTable
    private let longestPrefix: Int

    init(_ routes: [CompiledRoute]) {
        ordered = routes.sorted { $0.prefix.count > $1.prefix.count }
        longestPrefix = ordered.first?.prefix.count ?? 0
        index = ByteKeyTable(ordered.enumerated().map { ($1.prefix, Int32(truncatingIfNeeded: $0)) })
    }

    /// The route with the longest prefix that covers a canonical path.
    func match(path: ByteView) -> CompiledRoute? {
        if ordered.count <= Self.maximumCompared {
            for candidate in ordered where candidate.covers(path) { return candidate }
            return nil
        }
        // One pass: at each segment boundary the hash of what lies before it is looked up.
        var hash = ByteHash()
        var found: Int32?
        var position = 0
        while position <= min(path.count, longestPrefix) {
            if position == path.count || path[position] == 0x2F,
                let hit = index.find(path.slice(0, position), hash: hash.value)
            {
                found = hit
            }
            hash.add(path[position])
            position += 1
        }
        return found.map { ordered[Int($0)] }
    }
}
