extension DemoIdentityProvider {
    /// A well-formed request to the authorization endpoint, of a known client.
    struct AuthorizationRequest {
        enum Prompt: String, CaseIterable { case none, login, consent, selectAccount = "select_account" }

        var clientID: String
        var redirectURI: String
        var state: String?
        var scopes: Set<String>
        var nonce: String?
        var codeChallenge: String
        var prompts: Set<Prompt>
        /// Seconds.
        var maximumAge: Int64?
        var loginHint: String?
    }

    /// Why a request is refused. Only after client and redirect URI are known to be right may a browser be
    /// sent back with the error (RFC 6749 §4.1.2.1).
    enum AuthorizationRefusal: Error {
        /// Shown as a page.
        case page(String)
        /// Sent back: redirect URI, state, error code, description.
        case redirect(uri: String, state: String?, error: String, description: String)
    }

    func parseAuthorization(_ parameters: FormFields) -> Result<AuthorizationRequest, AuthorizationRefusal> {
        guard !parameters.repeatsAName else { return .failure(.page("A parameter is repeated.")) }
        guard let clientID = parameters["client_id"],
            let client = state.withLock({ $0.clients.first { $0.id == clientID } })
        else { return .failure(.page("The client is not known here.")) }
        guard let redirectURI = parameters["redirect_uri"], client.redirectURIs.contains(redirectURI) else {
            return .failure(.page("The redirect URI is not registered for this client."))
        }
        let state = parameters["state"]
        func refuse(_ error: String, _ description: String) -> Result<AuthorizationRequest, AuthorizationRefusal> {
            .failure(.redirect(uri: redirectURI, state: state, error: error, description: description))
        }
        if parameters["request"] != nil { return refuse("request_not_supported", "request is not supported") }
        if parameters["request_uri"] != nil { return refuse("request_uri_not_supported", "request_uri is not supported") }
        guard parameters["response_type"] == "code" else { return refuse("unsupported_response_type", "only code") }
        guard parameters["response_mode"] ?? "query" == "query" else { return refuse("invalid_request", "response_mode") }
        let scopes = Set((parameters["scope"] ?? "").split(separator: " ").map(String.init))
        guard scopes.contains("openid") else { return refuse("invalid_scope", "openid is missing") }
        // RFC 9700 §2.1.1: PKCE for all clients; `plain` would show the verifier to whoever sees the request.
        guard parameters["code_challenge_method"] == "S256", let challenge = parameters["code_challenge"],
            Base64URL.decode(challenge)?.count == 32
        else { return refuse("invalid_request", "PKCE with S256 is required") }
        let words = (parameters["prompt"] ?? "").split(separator: " ").map(String.init)
        let prompts = Set(words.compactMap(AuthorizationRequest.Prompt.init(rawValue:)))
        guard prompts.count == Set(words).count, !prompts.contains(.none) || prompts.count == 1 else {
            return refuse("invalid_request", "prompt")
        }
        var maximumAge: Int64?
        if let text = parameters["max_age"] {
            guard let age = Int64(text), age >= 0 else { return refuse("invalid_request", "max_age") }
            maximumAge = age
        }
        return .success(
            AuthorizationRequest(
                clientID: clientID, redirectURI: redirectURI, state: state, scopes: scopes, nonce: parameters["nonce"],
                codeChallenge: challenge, prompts: prompts, maximumAge: maximumAge, loginHint: parameters["login_hint"]))
    }
}
