public import Tenancy

/// `[[route]]`: a host and path, the organization it serves, and the application behind it.
public struct RouteDeclaration: Sendable, Equatable {
    public enum Host: Hashable, Sendable, CustomStringConvertible {
        /// Lower case, without a port.
        case exact(String)
        /// `{organization}.apps.example.com`: one label, an organization's slug, before the suffix
        /// `apps.example.com`. An exact host wins over it.
        case organizationLabel(suffix: String)

        /// As in the file.
        public var description: String {
            switch self {
            case .exact(let host): host
            case .organizationLabel(let suffix): "{organization}.\(suffix)"
            }
        }
    }

    /// Of its host in the file.
    public var line: Int
    public var host: Host
    /// Canonical; matches itself and what is below it, on a segment boundary. `/` is everything.
    public var path: String
    /// `nil` exactly for `.organizationLabel`.
    public var organization: OrganizationID?
    /// `nil` exactly for `.organizationLabel`.
    public var organizationSlug: String?
    /// At least one.
    public var upstreams: [UpstreamAddress]
    /// Any of them is enough; empty is every member.
    public var requireRoles: [RoleID]
    /// Canonical, within `path`; one that ends in `/` is everything below, otherwise exactly this path.
    public var publicPaths: [String]
    /// Extra headers, sorted by name. Their names are removed from what clients send, on all routes.
    public var headers: [RouteHeader]
    public var keepsRepeatedSlashes: Bool
    public var keepsEncodedSlashes: Bool
    /// The IdP must have authenticated the person less than this ago.
    public var maximumSignInAge: Duration?
    /// OIDC `acr` or SAML AuthnContextClassRef values of which the sign-in must have one; empty: any sign-in.
    public var authenticationContexts: [String]
    public var upstreamSettings: UpstreamSettings
    /// Whether trailer fields are forwarded, in both directions.
    public var keepsTrailers: Bool
    /// What replaces headers of the application's responses, sorted by name.
    public var responseHeaders: [ResponseHeader]
}
