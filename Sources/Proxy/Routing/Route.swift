/// A host and path, the organization it serves, and the upstreams behind it. Immutable; a reload makes
/// new ones. What the proxy does not use itself (roles, header templates) it hands to the session source.
public final class Route: Sendable {
    public enum Host: Sendable, Hashable {
        case exact(String)
        /// `{organization}.suffix`: the first label is the organization's slug.
        case organizationLabel(suffix: String)
    }

    /// A field that the session source adds. The proxy needs the name, to remove it from clients; and it writes
    /// those that are about the connection itself.
    public struct ExtraHeader: Sendable, Hashable {
        public enum Part: Sendable, Hashable {
            case text(String)
            case placeholder(String)
        }
        /// The only placeholder that is the proxy's own: the subject of the client's verified certificate
        /// (RFC 4514, percent-encoded where it is not printable ASCII, and `%` itself).
        public static let certificateSubject = "client_certificate_subject"

        public let name: String
        public let template: [Part]
        /// Whether the proxy writes it, from what it knows of the connection. The session source does not.
        public var isOfConnection: Bool { template.contains(.placeholder(Self.certificateSubject)) }
        public init(name: String, template: [Part]) {
            self.name = name
            self.template = template
        }
    }

    /// What the route demands of the sign-in itself. Only the session source knows how a person signed in.
    public struct SignInDemand: Sendable, Hashable {
        public let maximumAge: Duration?
        /// Any of them; empty: none.
        public let contexts: [String]
        public init(maximumAge: Duration?, contexts: [String]) {
            self.maximumAge = maximumAge
            self.contexts = contexts
        }
    }

    /// What replaces a header of the application's responses; with an empty value it is only removed.
    public struct ResponseHeader: Sendable, Hashable {
        public let name: String
        public let value: String
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public let id: String
    public let host: Host
    /// Prefix that ends at a segment boundary: `/app` covers `/app` and `/app/x`, not `/apple`.
    public let path: String
    /// `nil` exactly for `organizationLabel`.
    public let organizationSlug: String?
    public let upstreams: [Upstream]
    /// Whether trailer fields go on, in both directions.
    public let keepsTrailers: Bool
    public let responseHeaders: [ResponseHeader]
    public let timeouts: UpstreamTimeouts
    /// Case-sensitive. With a final `/` everything below, otherwise exactly this path.
    public let publicPaths: [String]
    /// Any of them; empty: every member.
    public let requireRoles: [String]
    /// `nil`: any sign-in.
    public let signInDemand: SignInDemand?
    public let headers: [ExtraHeader]
    public let keepsRepeatedSlashes: Bool
    public let keepsEncodedSlashes: Bool

    public init(
        id: String, host: Host, path: String = "/", organizationSlug: String?, upstreams: [Upstream],
        publicPaths: [String] = [], requireRoles: [String] = [], signInDemand: SignInDemand? = nil,
        headers: [ExtraHeader] = [], keepsRepeatedSlashes: Bool = false, keepsEncodedSlashes: Bool = false,
        keepsTrailers: Bool = false, responseHeaders: [ResponseHeader] = [], timeouts: UpstreamTimeouts = UpstreamTimeouts()
    ) {
        self.id = id
        self.host = host
        self.path = path
        self.organizationSlug = organizationSlug
        self.upstreams = upstreams
        self.keepsTrailers = keepsTrailers
        self.responseHeaders = responseHeaders
        self.timeouts = timeouts
        self.publicPaths = publicPaths
        self.requireRoles = requireRoles
        self.signInDemand = signInDemand
        self.headers = headers
        self.keepsRepeatedSlashes = keepsRepeatedSlashes
        self.keepsEncodedSlashes = keepsEncodedSlashes
    }
}
