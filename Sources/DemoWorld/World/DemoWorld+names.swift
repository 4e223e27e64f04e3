extension DemoWorld {
    /// The ports of everything, all on loopback.
    public struct Ports: Sendable, Equatable {
        /// The gateway's; browsers see it in every address.
        public var gateway: Int
        /// The gateway's admin listener; `nil`: none.
        public var admin: Int?
        /// The demo's own servers. 0 lets the kernel choose.
        public var oidc: Int
        public var saml: Int
        public var wiki: Int
        public var tickets: Int

        public init(gateway: Int, admin: Int? = nil, oidc: Int = 0, saml: Int = 0, wiki: Int = 0, tickets: Int = 0) {
            self.gateway = gateway
            self.admin = admin
            self.oidc = oidc
            self.saml = saml
            self.wiki = wiki
            self.tickets = tickets
        }

        /// The gateway's `external_url`.
        public var gatewayOrigin: String { "http://auth.localhost:\(gateway)" }
        /// The issuer of Acme's OpenID provider.
        public var issuer: String { "http://login.acme.localhost:\(oidc)" }
        /// Initech's SAML identity provider.
        public var samlOrigin: String { "http://login.initech.localhost:\(saml)" }

        /// Where the gateway waits for the answer to a sign-in with a connection. For SAML it is the ACS URL, and
        /// the service provider's entity ID as well.
        public func callback(_ connectionID: String) -> String { "\(gatewayOrigin)/v1/b2b/sso/callback/\(connectionID)" }
    }

    /// Ids that the configuration states, because the identity providers must know the addresses that contain them.
    public static let oidcConnectionID = "oidc-connection-live-0ac3e001-0000-8000-8000-000000000001"
    public static let samlConnectionID = "saml-connection-live-0101ec40-0000-8000-8000-000000000002"
    public static let externalConnectionID = "external-connection-live-061083e0-0000-8000-8000-000000000003"
    public static let projectID = "project-live-de300000-0000-8000-8000-000000000004"
    public static let publicToken = "public-token-live-de300000-0000-8000-8000-000000000005"
    /// The gateway at Acme's OpenID provider.
    public static let clientID = "gateway-demo"
}
