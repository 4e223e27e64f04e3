import Tenancy

extension SignOnRefusal {
    /// Why a step went no further, for an operator.
    public var operatorSentence: String {
        switch self {
        case .tenancy(let refusal), .exchange(let refusal): refusal.explanation.text
        case .oidc: "The answer of the OpenID provider was not accepted; the label says what was wrong with it."
        case .saml: "The SAML response was not accepted; the label says what was wrong with it."
        case .flowUnknown: "No such sign-in is under way: it took too long, was finished already, or never began. The person starts again."
        case .flowOfAnotherBrowser:
            "The sign-in was begun in another browser: a copied address, or somebody who wanted another to be signed in as them."
        case .connectionMismatch: "The answer came to another connection than the one that was asked."
        case .wrongProtocol: "The connection does not speak the protocol of this address."
        case .replayed: "The response was used before."
        case .cookiesBlocked: "The browser keeps no cookies of the application's host."
        case .stepUpNotMet:
            "The page demands a fresher or stronger sign-in than the identity provider's answer shows; see max_age and acr of the route."
        case .rateLimited: "Too many sign-ins came from this client address; see [limits]."
        case .badParameter: "A parameter of the address is missing or malformed."
        case .unknownReturnAddress: "The page to return to is on no host that is served."
        case .forgedForm: "The form came without its token, or from another site's page."
        case .storeUnavailable: "The store could not be asked."
        case .identityProviderMetadata: "The metadata of the SAML identity provider could not be had; the label says why."
        }
    }

    /// The sentence for a label of an audit event; `nil` for one that is not a refusal's.
    public static func operatorSentence(ofLabel label: String) -> String? {
        if let refusal = Refusal(rawValue: label) { return refusal.explanation.text }
        let plain: [SignOnRefusal] = [
            .flowUnknown, .flowOfAnotherBrowser, .connectionMismatch, .wrongProtocol, .replayed, .cookiesBlocked, .stepUpNotMet,
            .rateLimited,
            .unknownReturnAddress, .forgedForm, .storeUnavailable,
        ]
        if let refusal = plain.first(where: { $0.label == label }) { return refusal.operatorSentence }
        let families: [(prefix: String, SignOnRefusal)] = [
            ("oidc_", .oidc(.callback(.malformed))), ("saml_", .saml(.tooLarge)),
            ("identity_provider_metadata_", .identityProviderMetadata("")),
            ("bad_parameter_", .badParameter("")),
        ]
        return families.first { label.hasPrefix($0.prefix) }.map { "\($0.1.operatorSentence) (\(label))" }
    }
}
