/// Why the token endpoint's answer was not taken.
public enum TokenResponseRefusal: String, Error, Sendable, Equatable, CaseIterable {
    /// The provider takes neither `client_secret_basic` nor `client_secret_post`.
    case clientAuthenticationNotSupported = "client_authentication_not_supported"
    /// No answer. Whether the code was redeemed is unknown; it is not sent again.
    case unavailable
    /// Neither a token response nor an error of RFC 6749 §5.
    case malformed
    /// `token_type` is not `Bearer`.
    case tokenTypeNotSupported = "token_type_not_supported"
    case idTokenMissing = "id_token_missing"
}
