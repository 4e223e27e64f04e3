import Crypto
import FoundationEssentials

extension RelyingParty {
    /// The address to send the browser to, and what to keep until it comes back (OpenID Connect
    /// Core §3.1.2.1, RFC 7636).
    /// - Parameters:
    ///   - state: unguessable and used for this flow only; it comes back in the callback.
    ///   - loginHint: handed to the provider; it proves nothing.
    ///   - additionalScopes: asked for besides those of the settings; which ones a start may add
    ///     has been decided by the caller.
    ///   - forceLogin: the provider must ask the person again, and `complete` refuses an answer
    ///     whose signed `auth_time` does not show that.
    ///   - contexts: `acr` values to ask for, the preferred one first; printable ASCII without spaces. The provider need not
    ///     comply: whoever asks looks at `ValidatedIdentity.acr`.
    public func begin(
        state: String, loginHint: String?, additionalScopes: [String], forceLogin: Bool, contexts: [String] = []
    ) async -> Result<(url: String, pending: PendingAuthorization), OIDCRefusal> {
        guard let scope = Self.scope(settings.scopes + additionalScopes) else {
            return .failure(.request(.scopeMalformed))
        }
        if let loginHint, !Self.isAcceptableLoginHint(loginHint) { return .failure(.request(.loginHintMalformed)) }
        let metadata: ProviderMetadata
        switch await providers.metadata(issuer: settings.issuer) {
        case .success(let found): metadata = found
        case .failure(let refusal): return .failure(.provider(refusal))
        }
        guard let nonce = randomText(), let codeVerifier = randomText() else {
            return .failure(.request(.randomnessUnavailable))
        }
        let pending = PendingAuthorization(
            state: state, nonce: nonce, codeVerifier: codeVerifier, redirectURI: settings.redirectURI,
            issuer: settings.issuer, begunAt: clock(), forcesLogin: forceLogin)
        let parameters = authorizationParameters(pending, scope: scope, loginHint: loginHint, contexts: contexts)
        let endpoint = metadata.authorizationEndpoint
        let url = endpoint.text + (endpoint.hasQuery ? "&" : "?") + FormEncoding.encode(parameters)
        return .success((url, pending))
    }

    private func authorizationParameters(
        _ pending: PendingAuthorization, scope: String, loginHint: String?, contexts: [String]
    ) -> [(name: String, value: String)] {
        // Never `plain`: the verifier itself must not pass through the browser.
        let codeChallenge = Base64URL.encode(Array(SHA256.hash(data: Array(pending.codeVerifier.utf8))))
        var parameters: [(name: String, value: String)] = [
            ("response_type", "code"), ("client_id", settings.clientID), ("redirect_uri", pending.redirectURI),
            ("scope", scope), ("state", pending.state), ("nonce", pending.nonce),
            ("code_challenge", codeChallenge), ("code_challenge_method", "S256"),
        ]
        if let loginHint { parameters.append(("login_hint", loginHint)) }
        if pending.forcesLogin {
            // `max_age` makes `auth_time` in the ID token mandatory (§3.1.2.1).
            parameters += [("prompt", "login"), ("max_age", "0")]
        } else if !contexts.isEmpty {
            // A sign-in that the provider remembers would be answered with as it was.
            parameters.append(("prompt", "login"))
        }
        if !contexts.isEmpty { parameters.append(("acr_values", contexts.joined(separator: " "))) }
        return parameters
    }

    /// `openid email profile` and the others, each once; `nil` if one is not a scope token (RFC 6749
    /// §3.3: printable ASCII without space, `"` and `\`), or there are too many.
    private static func scope(_ others: [String]) -> String? {
        var scopes = ["openid", "email", "profile"]
        for scope in others where !scopes.contains(scope) {
            let isToken = scope.utf8.allSatisfy { byte in
                (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
            }
            guard isToken, (1...Bounds.maximumScopeBytes).contains(scope.utf8.count) else { return nil }
            scopes.append(scope)
        }
        return scopes.count <= Bounds.maximumScopes ? scopes.joined(separator: " ") : nil
    }

    private static func isAcceptableLoginHint(_ text: String) -> Bool {
        (1...Bounds.maximumLoginHintBytes).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }

    private func randomText() -> String? {
        let bytes = randomBytes(Bounds.randomByteCount)
        return bytes.count == Bounds.randomByteCount ? Base64URL.encode(bytes) : nil
    }
}
