import OIDC
import Storage
import Tenancy

/// What a flow keeps between start and callback, under the hash of its `state`.
struct PendingSignIn: Codable, Sendable {
    enum Exchange: Codable, Sendable {
        case oidc(PendingAuthorization)
        /// ID of the AuthnRequest.
        case saml(requestID: String)
    }

    var target: SignInTarget
    var rootConnectionID: ConnectionID
    var exchange: Exchange
    var returnTo: ReturnAddress?
    /// Hash of the flow cookie on the tenant's host.
    var tenantBrowser: StoredHash?
    /// What the page demands of this sign-in.
    var demand: SignInDemand?
    /// When the browser was sent to the IdP.
    var begunAt: Instant
}

/// A checked SAML response, waiting for the cookie that its POST could not bring along.
struct ParkedResponse: Codable, Sendable {
    var evidence: Evidence
    var pending: PendingSignIn
}

/// What `finish` on the tenant's host turns into a session.
struct HandOff: Codable, Sendable {
    var signIn: StoredHash
    var memberID: MemberID
    var organizationID: OrganizationID
    var host: String
    var target: String
    var evidence: Evidence
    var expiresAt: Instant
    /// The browser's cookie came late once already.
    var isSecondTry: Bool
}

/// A `TokenHash` inside a stored payload.
struct StoredHash: Codable, Sendable {
    let hash: TokenHash

    init(_ hash: TokenHash) { self.hash = hash }

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let hash = TokenHash(text: text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not a hash"))
        }
        self.hash = hash
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hash.text)
    }
}
