extension DemoIdentityProvider {
    public enum SigningAlgorithm: Sendable, CaseIterable { case rs256, es256 }

    /// Where `email`, `name` and `groups` are found.
    public enum ClaimPlacement: Sendable {
        /// In the ID token and in userinfo.
        case everywhere
        /// In userinfo alone, as OpenID Connect Core §5.4 has it for the code flow.
        case userinfoOnly
    }

    /// A relying party.
    public struct Client: Sendable {
        public var id: String
        let secretDigest: SecretDigest
        /// Compared byte by byte.
        public var redirectURIs: [String]

        public init(id: String, secret: String, redirectURIs: [String]) {
            self.id = id
            self.secretDigest = SecretDigest(secret)
            self.redirectURIs = redirectURIs
        }
    }

    public struct Settings: Sendable {
        /// What the pages call it.
        public var name: String
        var accent: Accent = .acme
        public var users: [DemoUser]
        public var clients: [Client]
        public var algorithm: SigningAlgorithm
        public var claimPlacement: ClaimPlacement
        /// Seconds.
        public var codeLifetime: Int64 = 60
        /// Seconds; of ID tokens and access tokens.
        public var tokenLifetime: Int64 = 300
        /// `max-age`, in seconds, of the key set and of the discovery document.
        public var cacheLifetime: Int64 = 300

        public init(
            name: String = "Acme", users: [DemoUser] = DemoWorld.acmeUsers, clients: [Client],
            algorithm: SigningAlgorithm = .rs256, claimPlacement: ClaimPlacement = .everywhere
        ) {
            self.name = name
            self.users = users
            self.clients = clients
            self.algorithm = algorithm
            self.claimPlacement = claimPlacement
        }
    }
}
