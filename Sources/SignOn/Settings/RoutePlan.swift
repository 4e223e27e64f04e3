import Tenancy

/// Which hosts belong to which organization: all that sign-on needs to know about routes.
public struct RoutePlan: Sendable, Equatable {
    public enum Host: Sendable, Equatable {
        case exact(String, organizationSlug: String)
        /// `{organization}.suffix`
        case organizationLabel(suffix: String)
    }

    /// In file order.
    public var hosts: [Host]
    /// Scheme of every tenant origin.
    public var scheme: String
    /// Port as the browser sees it; `nil` where it is the scheme's own.
    public var port: Int?

    private let slugByHost: [String: String]
    private let suffixes: Set<String>
    private let firstHostBySlug: [String: String]
    private let firstSuffix: String?
    /// Exact hosts that stand before the first label host win for their organization.
    private let slugsBeforeSuffix: Set<String>

    public init(hosts: [Host], scheme: String, port: Int?) {
        self.hosts = hosts
        self.scheme = scheme
        self.port = port
        var slugByHost: [String: String] = [:]
        var suffixes: Set<String> = []
        var firstHostBySlug: [String: String] = [:]
        var firstSuffix: String?
        var before: Set<String> = []
        for host in hosts {
            switch host {
            case .exact(let name, let slug):
                slugByHost[name] = slug
                if firstHostBySlug[slug] == nil { firstHostBySlug[slug] = name }
                if firstSuffix == nil { before.insert(slug) }
            case .organizationLabel(let suffix):
                suffixes.insert(suffix)
                if firstSuffix == nil { firstSuffix = suffix }
            }
        }
        self.slugByHost = slugByHost
        self.suffixes = suffixes
        self.firstHostBySlug = firstHostBySlug
        self.firstSuffix = firstSuffix
        slugsBeforeSuffix = before
    }

    /// The slug that a canonical host (lower case, no port) stands for, or `nil` without a route.
    public func organizationSlug(ofHost host: String) -> String? {
        if let slug = slugByHost[host] { return slug }
        guard let dot = host.firstIndex(of: "."), Self.isSlug(host[..<dot]) else { return nil }
        return suffixes.contains(String(host[host.index(after: dot)...])) ? String(host[..<dot]) : nil
    }

    /// A lower-case DNS label. Anything else before the suffix, such as `1249763844?`, would make an address
    /// of another host for a browser.
    private static func isSlug(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
            && label.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }

    public func isRouted(slug: String) -> Bool { firstSuffix != nil || firstHostBySlug[slug] != nil }

    /// Organizations of a slice that have a route.
    func routedOrganizations(in world: World) -> Set<OrganizationID> {
        Set(world.organizations.values.filter { isRouted(slug: $0.slug) }.map(\.id))
    }

    /// Host of the organization's first route in file order.
    public func firstHost(ofSlug slug: String) -> String? {
        if let host = firstHostBySlug[slug], firstSuffix == nil || slugsBeforeSuffix.contains(slug) { return host }
        return firstSuffix.map { "\(slug).\($0)" } ?? firstHostBySlug[slug]
    }

    /// `scheme://host[:port]` as the browser sees it.
    public func origin(ofHost host: String) -> String {
        port.map { "\(scheme)://\(host):\($0)" } ?? "\(scheme)://\(host)"
    }
}
