/// The `error` of a provider, as one of those that the specifications name. Others, and the text
/// that may come with it, are `other`.
public enum ProviderError: String, Sendable, Equatable, CaseIterable {
    // RFC 6749 §4.1.2.1 and §5.2.
    case invalidRequest = "invalid_request"
    case unauthorizedClient = "unauthorized_client"
    case accessDenied = "access_denied"
    case unsupportedResponseType = "unsupported_response_type"
    case invalidScope = "invalid_scope"
    case serverError = "server_error"
    case temporarilyUnavailable = "temporarily_unavailable"
    case invalidClient = "invalid_client"
    case invalidGrant = "invalid_grant"
    case unsupportedGrantType = "unsupported_grant_type"
    // OpenID Connect Core §3.1.2.6.
    case interactionRequired = "interaction_required"
    case loginRequired = "login_required"
    case accountSelectionRequired = "account_selection_required"
    case consentRequired = "consent_required"
    case requestNotSupported = "request_not_supported"
    case requestURINotSupported = "request_uri_not_supported"
    case registrationNotSupported = "registration_not_supported"
    // OpenID Connect Unmet Authentication Requirements.
    case unmetAuthenticationRequirements = "unmet_authentication_requirements"
    case other

    init(code: String) {
        self = ProviderError(rawValue: code) ?? .other
    }
}
