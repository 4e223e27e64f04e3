/// Who has signed in, as the provider says in an ID token that passed every check. Only
/// `RelyingParty.complete` makes one.
public struct ValidatedIdentity: Sendable, Equatable {
    public let issuer: String
    /// `sub`, or the claim that the connection names instead. Unique and never reassigned within
    /// the issuer; to be compared as bytes.
    public let subject: String
    /// The claims of the ID token, and those of userinfo that it does not have. Of those that only
    /// concern the exchange itself, `nonce`, `at_hash` and `c_hash` are left out.
    public let claims: [String: JSONValue]
    /// When the person last proved who they are, in seconds since 1970, if the provider says so.
    public let authTime: Int64?
    /// `sid`: the session at the provider, which a back-channel logout names.
    public let sessionID: String?
    /// `acr`: how the person proved who they are.
    public let acr: String?

    /// For `RelyingParty.complete` alone.
    init(idToken: ValidatedIDToken, subject: String, claims: [String: JSONValue]) {
        issuer = idToken.issuer
        self.subject = subject
        self.claims = claims.filter { !["nonce", "at_hash", "c_hash"].contains($0.key) }
        authTime = idToken.authTime
        sessionID = idToken.sessionID
        acr = idToken.acr
    }
}
