extension DemoIdentityProvider {
    /// What an authorization code stands for.
    struct Grant {
        var clientID: String
        var redirectURI: String
        var scopes: Set<String>
        var nonce: String?
        /// S256 (RFC 7636 §4.2).
        var codeChallenge: String
        var login: String
        var session: Session
        /// Seconds since 1970.
        var expiresAt: Int64
        /// The access token that it was redeemed for. Set: the code is used up.
        var redeemedFor: String?
    }

    struct AccessToken {
        var login: String
        var scopes: Set<String>
        /// Seconds since 1970.
        var expiresAt: Int64
    }
}
