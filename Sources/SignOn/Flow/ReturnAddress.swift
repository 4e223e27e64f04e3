/// Where a person goes after the sign-in: an absolute address on a routed host, taken apart once and
/// put together from the parts, so that what was checked is what the browser gets.
public struct ReturnAddress: Sendable, Equatable, Codable {
    /// Bytes of path and query that a flow keeps. Longer ones are cut back to the site's root.
    public static let maximumTargetBytes = 2048

    /// Canonical host, without port.
    public let host: String
    /// Rooted path with query.
    public let target: String

    /// A path on a host that the caller has already found to be routed. `nil` unless `target` starts
    /// with one `/` that no `/` or `\` follows (the open redirects of the kind `//evil`, `/\evil`,
    /// `/%09/evil`), is printable ASCII without space or backslash, and within bounds.
    public init?(host: String, target: String) {
        let bytes = Array(target.utf8)
        guard bytes.count <= Self.maximumTargetBytes, bytes.first == UInt8(ascii: "/") else { return nil }
        if bytes.count > 1, bytes[1] == UInt8(ascii: "/") { return nil }
        guard bytes.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "#") })
        else { return nil }
        self.host = host
        self.target = target
    }

    /// `origin + target`, exactly as `RoutePlan.origin(ofHost:)` writes the origin of a routed host.
    public init?(absolute text: String, routes: RoutePlan) {
        let prefix = routes.scheme + "://"
        // Printable ASCII first: a combining mark would join with what is before it to one character, and be
        // dropped with it.
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), text.utf8.starts(with: prefix.utf8) else { return nil }
        let rest = text.dropFirst(prefix.count)
        let authority = rest.prefix { $0 != "/" }
        let host = authority.prefix { $0 != ":" }
        guard routes.organizationSlug(ofHost: String(host)) != nil,
            prefix + authority == routes.origin(ofHost: String(host))
        else { return nil }
        let target = rest.dropFirst(authority.count)
        self.init(host: String(host), target: target.isEmpty ? "/" : String(target))
    }
}
