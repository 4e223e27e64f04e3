/// The claims of an ID token that passed OpenID Connect Core §3.1.3.7 in full. Only
/// `validate(_:expecting:)` makes one.
struct ValidatedIDToken: Sendable, Equatable {
    let issuer: String
    /// `sub`.
    let subject: String
    let claims: [String: JSONValue]
    /// Seconds since 1970.
    let authTime: Int64?
    let sessionID: String?
    let acr: String?

    fileprivate init(
        issuer: String, subject: String, claims: [String: JSONValue], authTime: Int64?, sessionID: String?, acr: String?
    ) {
        self.issuer = issuer
        self.subject = subject
        self.claims = claims
        self.authTime = authTime
        self.sessionID = sessionID
        self.acr = acr
    }
}

extension ValidatedIDToken {
    /// Checks what a token whose signature is right claims.
    static func validate(
        _ token: VerifiedJWS, expecting expectations: IDTokenExpectations
    ) -> Result<ValidatedIDToken, IDTokenRefusal> {
        // RFC 8725 §3.11: a token of another kind, signed with the same keys, must not pass.
        if let type = token.type, !["jwt", "application/jwt"].contains(type.lowercased()) {
            return .failure(.wrongType)
        }
        guard
            case .success(.object(let members)) = JSONValue.parse(token.payload, maximumBytes: Bounds.maximumTokenBytes)
        else { return .failure(.malformed) }
        let claims = IDTokenClaims(members: members)
        do throws(IDTokenRefusal) {
            guard haveSameBytes(try claims.requiredString("iss"), expectations.issuer) else { throw .wrongIssuer }
            try claims.checkAudience(expectations.clientID)
            try claims.checkTimes(now: expectations.now)
            guard let nonce = try claims.string("nonce"), haveSameBytes(nonce, expectations.nonce) else {
                throw .wrongNonce
            }
            try claims.checkHash("at_hash", of: expectations.accessToken, token.algorithm, else: .wrongAccessTokenHash)
            try claims.checkHash("c_hash", of: expectations.code, token.algorithm, else: .wrongCodeHash)
            return .success(
                ValidatedIDToken(
                    issuer: expectations.issuer, subject: try claims.subject("sub"),
                    // OpenID Connect Core §5.3.2: a claim that is null is one that was not made.
                    claims: members.filter { $0.value != .null },
                    authTime: try claims.authTime(notBefore: expectations.loginNotBefore, now: expectations.now),
                    sessionID: try claims.string("sid", maximumBytes: Bounds.maximumSubjectBytes),
                    acr: try claims.string("acr", maximumBytes: Bounds.maximumAuthenticationContextBytes)))
        } catch {
            return .failure(error)
        }
    }
}
