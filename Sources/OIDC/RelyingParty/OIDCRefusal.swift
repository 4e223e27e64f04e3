/// Why a sign-in did not begin or was not completed. No value holds anything that the provider or
/// the browser wrote, so `label` is bounded: fit for metrics and for a log.
public enum OIDCRefusal: Error, Sendable, Equatable {
    case provider(ProviderRefusal)
    case request(AuthorizationRequestRefusal)
    case callback(CallbackRefusal)
    /// The provider answered the authorization request with an error.
    case authorizationError(ProviderError)
    case tokenResponse(TokenResponseRefusal)
    /// The token endpoint answered with an error.
    case tokenError(ProviderError)
    case signature(JWSRefusal)
    case idToken(IDTokenRefusal)
    case userinfo(UserinfoRefusal)

    /// Lower-case words joined by underscores, one of `allLabels`.
    public var label: String {
        switch self {
        case .provider(let refusal): "oidc_provider_" + refusal.rawValue
        case .request(let refusal): "oidc_request_" + refusal.rawValue
        case .callback(let refusal): "oidc_callback_" + refusal.rawValue
        case .authorizationError(let error): "oidc_authorization_error_" + error.rawValue
        case .tokenResponse(let refusal): "oidc_token_response_" + refusal.rawValue
        case .tokenError(let error): "oidc_token_error_" + error.rawValue
        case .signature(let refusal): "oidc_signature_" + refusal.rawValue
        case .idToken(let refusal): "oidc_id_token_" + refusal.rawValue
        case .userinfo(let refusal): "oidc_userinfo_" + refusal.rawValue
        }
    }

    /// Every label that there is.
    public static var allLabels: [String] {
        let refusals: [OIDCRefusal] =
            ProviderRefusal.allCases.map(provider) + AuthorizationRequestRefusal.allCases.map(request)
            + CallbackRefusal.allCases.map(callback) + ProviderError.allCases.map(authorizationError)
            + TokenResponseRefusal.allCases.map(tokenResponse) + ProviderError.allCases.map(tokenError)
            + JWSRefusal.allCases.map(signature) + IDTokenRefusal.allCases.map(idToken)
            + UserinfoRefusal.allCases.map(userinfo)
        return refusals.map(\.label)
    }
}
