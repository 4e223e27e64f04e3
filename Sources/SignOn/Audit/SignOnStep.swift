/// What a request was for, in logs and in the events of refusals.
enum SignOnStep: String, Sendable {
    case signIn = "sign-in"
    case start
    case discovery
    case openIDCallback = "oidc-callback"
    case samlResponse = "saml-response"
    case samlCallback = "saml-callback"
    case finish
    case exchange
    case sessions
    case signOut = "sign-out"

    /// What a refusal at this step is about.
    var auditKind: AuditKind {
        switch self {
        case .signIn, .start, .discovery, .openIDCallback, .samlResponse, .samlCallback, .finish: .signIn
        case .exchange: .exchange
        case .sessions: .sessionsEnded
        case .signOut: .signOut
        }
    }
}
