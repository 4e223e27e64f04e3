/// Text that must not be shown. Its description, debug description and mirror are fixed.
public struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text itself. Hand it only to the peer that it is meant for.
    public let revealed: String

    public init(_ revealed: String) { self.revealed = revealed }

    public var description: String { "[secret]" }
    public var debugDescription: String { "[secret]" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// How to talk to the IdP of a connection. Tenancy carries it and never looks inside.
public enum ConnectionSettings: Sendable, Equatable {
    case oidc(OIDCConnectionSettings)
    case saml(SAMLConnectionSettings)
}

/// `[[connection]]` with `type = "oidc"`.
public struct OIDCConnectionSettings: Sendable, Equatable {
    public enum UserinfoPolicy: String, Sendable, Codable, CaseIterable { case whenNeeded = "when-needed", always, never }

    /// Exactly as the IdP writes it; compared byte by byte (OpenID Connect Discovery §4.3).
    public var issuer: String
    public var clientID: String
    /// `nil`: a public client (PKCE alone).
    public var clientSecret: Secret?
    /// Besides `openid email profile`.
    public var customScopes: [String]
    /// JWS algorithms accepted for ID tokens.
    public var algorithms: [String]
    public var userinfo: UserinfoPolicy
    /// Scopes that a start URL may add; `"*"`: any well-formed one.
    public var queryScopes: [String]
    /// Our name → claim name: `email`, `full_name`, `groups`, and attributes of any other name.
    public var attributeMapping: [String: String]
    /// The claim used as subject instead of `sub`.
    public var subjectClaim: String?

    public init(
        issuer: String, clientID: String, clientSecret: Secret?, customScopes: [String] = [],
        algorithms: [String] = ["RS256", "PS256", "ES256", "ES384", "EdDSA"], userinfo: UserinfoPolicy = .whenNeeded,
        queryScopes: [String] = ["*"], attributeMapping: [String: String] = [:], subjectClaim: String? = nil
    ) {
        self.issuer = issuer
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.customScopes = customScopes
        self.algorithms = algorithms
        self.userinfo = userinfo
        self.queryScopes = queryScopes
        self.attributeMapping = attributeMapping
        self.subjectClaim = subjectClaim
    }
}

/// `[[connection]]` with `type = "saml"`.
public struct SAMLConnectionSettings: Sendable, Equatable {
    public enum IdentityProviderSource: Sendable, Equatable {
        /// Fetched and kept fresh.
        case metadataURL(String)
        /// The document itself, read from `metadata_file`.
        case metadata(String)
        /// Certificates: PEM text, one or more.
        case fields(entityID: String, ssoURL: String, certificates: [String])
    }

    public var identityProvider: IdentityProviderSource
    /// `nil`: the ACS URL.
    public var serviceProviderEntityID: String?
    /// Our name → attribute name: `email`, `full_name`, `groups`, and attributes of any other name.
    public var attributeMapping: [String: String]
    /// An attribute used as subject instead of the NameID.
    public var subjectAttribute: String?
    public var clockSkew: Duration
    public var allowsUnsolicited: Bool
    /// PEM of the RSA key that encrypted assertions are for; published in the SP metadata.
    public var decryptionKey: Secret?

    public init(
        identityProvider: IdentityProviderSource, serviceProviderEntityID: String? = nil,
        attributeMapping: [String: String] = [:], subjectAttribute: String? = nil, clockSkew: Duration = .seconds(60),
        allowsUnsolicited: Bool = false, decryptionKey: Secret? = nil
    ) {
        self.identityProvider = identityProvider
        self.serviceProviderEntityID = serviceProviderEntityID
        self.attributeMapping = attributeMapping
        self.subjectAttribute = subjectAttribute
        self.clockSkew = clockSkew
        self.allowsUnsolicited = allowsUnsolicited
        self.decryptionKey = decryptionKey
    }
}
