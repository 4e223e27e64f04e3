/// Why the claims of an ID token, whose signature is right, were not taken.
public enum IDTokenRefusal: String, Error, Sendable, Equatable, CaseIterable {
    /// Not a JSON object by our strict reading, or a claim of the wrong type.
    case malformed
    /// `typ` says that it is another kind of token: an access token, a logout token.
    case wrongType = "wrong_type"
    case wrongIssuer = "wrong_issuer"
    case wrongAudience = "wrong_audience"
    /// `azp` is another client, or absent where there are several audiences.
    case wrongAuthorizedParty = "wrong_authorized_party"
    case expired
    /// `nbf` or `iat` lie in the future.
    case notYetValid = "not_yet_valid"
    /// `iat` is too long ago for a token that was just fetched.
    case tooOld = "too_old"
    case wrongNonce = "wrong_nonce"
    /// `at_hash` is not that of the access token.
    case wrongAccessTokenHash = "wrong_access_token_hash"
    /// `c_hash` is not that of the code.
    case wrongCodeHash = "wrong_code_hash"
    /// `sub`, or the claim that stands for it, is absent, empty, too long, or has control characters.
    case subjectNotAccepted = "subject_not_accepted"
    /// A new sign-in was demanded, and `auth_time` is absent or before it.
    case loginNotRenewed = "login_not_renewed"
}
