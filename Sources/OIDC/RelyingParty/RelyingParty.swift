/// One client of one provider: begins sign-ins and completes them.
public struct RelyingParty: Sendable {
    public struct Settings: Sendable, Equatable {
        /// When the userinfo endpoint is asked besides the ID token.
        public enum UserinfoPolicy: String, Sendable, CaseIterable {
            /// If the ID token lacks the e-mail address or one of `wantedClaims`.
            case whenNeeded = "when-needed"
            case always
            case never
        }

        /// Compared byte by byte with what the provider states.
        public var issuer: String
        public var clientID: String
        /// `nil` for a public client, which PKCE alone protects.
        public var clientSecret: ClientSecret?
        /// This connection's own callback (a redirect URI shared by two connections allows mix-up).
        public var redirectURI: String
        /// Asked for besides `openid email profile`.
        public var scopes: [String]
        /// The only algorithms in which an ID token is taken.
        public var algorithms: [SignatureAlgorithm]
        public var userinfo: UserinfoPolicy
        /// The claim that says who somebody is, where it is not `sub`.
        public var subjectClaim: String?
        /// Claims that rules of the connection look at.
        public var wantedClaims: [String]

        public init(
            issuer: String, clientID: String, clientSecret: ClientSecret?, redirectURI: String, scopes: [String] = [],
            algorithms: [SignatureAlgorithm] = SignatureAlgorithm.defaults, userinfo: UserinfoPolicy = .whenNeeded,
            subjectClaim: String? = nil, wantedClaims: [String] = []
        ) {
            self.issuer = issuer
            self.clientID = clientID
            self.clientSecret = clientSecret
            self.redirectURI = redirectURI
            self.scopes = scopes
            self.algorithms = algorithms
            self.userinfo = userinfo
            self.subjectClaim = subjectClaim
            self.wantedClaims = wantedClaims
        }
    }

    public let settings: Settings
    let providers: ProviderDirectory
    let clock: @Sendable () -> Int64
    let randomBytes: @Sendable (Int) -> [UInt8]

    /// - Parameters:
    ///   - clock: milliseconds since 1970.
    ///   - randomBytes: that many bytes of a cryptographically secure generator.
    public init(
        settings: Settings, providers: ProviderDirectory, clock: @escaping @Sendable () -> Int64,
        randomBytes: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.settings = settings
        self.providers = providers
        self.clock = clock
        self.randomBytes = randomBytes
    }
}
