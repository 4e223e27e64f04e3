import OIDC
import SAML
import Tenancy

/// Why a step of a sign-in went no further. The person sees a fixed sentence for the `audience`; the
/// operator finds `label` in the log and the audit trail under the request id.
public enum SignOnRefusal: Error, Sendable, Equatable {
    case tenancy(Refusal)
    /// The rules, to an exchange by somebody who is signed in.
    case exchange(Refusal)
    case oidc(OIDCRefusal)
    case saml(SAMLRefusal)
    /// No such flow, hand-off or parked response: expired, used before, or made up.
    case flowUnknown
    /// The flow belongs to another browser (login CSRF, a leaked address).
    case flowOfAnotherBrowser
    /// The callback's connection is not the flow's (IdP mix-up).
    case connectionMismatch
    /// The callback's protocol is not the connection's.
    case wrongProtocol
    /// The assertion was seen before.
    case replayed
    /// The browser does not keep our cookies; going on would be a loop.
    case cookiesBlocked
    /// The page demands a stronger or fresher sign-in, was asked for it, and the IdP's answer does not show it.
    case stepUpNotMet
    case rateLimited
    /// A parameter that does not fit its form; the name is one of ours.
    case badParameter(String)
    /// The page asked for is not on a host that we serve.
    case unknownReturnAddress
    /// The form's CSRF token is missing or wrong.
    case forgedForm
    /// The store could not be asked: nothing is known, nothing is changed.
    case storeUnavailable
    case identityProviderMetadata(String)

    /// What kind of page the person gets.
    public enum Audience: String, Sendable, CaseIterable {
        /// Starting again may help.
        case tryAgain
        /// The person may not come in here.
        case notAllowed
        /// The sign-in does not lead into the organization that was chosen. Says as much of one that does not exist: whoever
        /// asks may not learn which organizations there are.
        case noWayIn
        /// The IdP did not do what the page demands of a sign-in.
        case stepUp
        /// The IdP or its settings are at fault: the administrator has to look.
        case identityProvider
        case badRequest
        case tooMany
        case unavailable
        case notFound
        case cookies
    }

    public var audience: Audience {
        switch self {
        case .tenancy(let refusal):
            switch refusal {
            case .unknownConnection, .unknownExternalConnection, .unknownOrganization: .notFound
            case .sessionExpired, .evidenceMismatch: .tryAgain
            default: .notAllowed
            }
        case .exchange(let refusal):
            switch refusal {
            // They know the organization, and are shut out there.
            case .memberSuspended, .memberDeleted: .notAllowed
            default: .noWayIn
            }
        // The IdP said no, most often because the person did.
        case .oidc(.authorizationError): .tryAgain
        case .oidc, .saml, .identityProviderMetadata: .identityProvider
        case .flowUnknown, .flowOfAnotherBrowser, .connectionMismatch, .replayed: .tryAgain
        case .wrongProtocol, .badParameter, .unknownReturnAddress, .forgedForm: .badRequest
        case .cookiesBlocked: .cookies
        case .stepUpNotMet: .stepUp
        case .rateLimited: .tooMany
        case .storeUnavailable: .unavailable
        }
    }

    /// HTTP status of the page.
    public var status: Int {
        switch audience {
        case .tryAgain, .badRequest, .cookies: 400
        case .notAllowed, .noWayIn, .stepUp: 403
        case .notFound: 404
        case .tooMany: 429
        case .identityProvider: 400
        case .unavailable: 503
        }
    }

    /// Bounded: for logs, metrics and the audit trail.
    public var label: String {
        switch self {
        case .tenancy(let refusal), .exchange(let refusal): refusal.rawValue
        case .oidc(let refusal): refusal.label
        case .saml(let refusal): "saml_" + refusal.label
        case .flowUnknown: "flow_unknown"
        case .flowOfAnotherBrowser: "flow_of_another_browser"
        case .connectionMismatch: "connection_mismatch"
        case .wrongProtocol: "wrong_protocol"
        case .replayed: "replayed"
        case .cookiesBlocked: "cookies_blocked"
        case .stepUpNotMet: "step_up_not_met"
        case .rateLimited: "rate_limited"
        case .badParameter(let name): "bad_parameter_" + name
        case .unknownReturnAddress: "unknown_return_address"
        case .forgedForm: "forged_form"
        case .storeUnavailable: "store_unavailable"
        case .identityProviderMetadata(let label): "identity_provider_metadata_" + label
        }
    }
}
