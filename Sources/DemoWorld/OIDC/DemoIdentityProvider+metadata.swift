extension DemoIdentityProvider {
    /// OpenID Connect Discovery §4.2.
    func discovery() -> DemoReply {
        let algorithm = state.withLock { $0.keys.first?.algorithm.rawValue } ?? "RS256"
        let metadata: [String: JSONValue] = [
            "issuer": .string(has(.discoveryNamesOtherIssuer) ? "http://other.localhost" : issuer),
            "authorization_endpoint": .string(issuer + "/authorize"),
            "token_endpoint": .string(issuer + "/token"),
            "userinfo_endpoint": .string(issuer + "/userinfo"),
            "jwks_uri": .string(issuer + "/jwks"),
            "response_types_supported": .array(["code"]),
            "response_modes_supported": .array(["query"]),
            "grant_types_supported": .array(["authorization_code"]),
            "subject_types_supported": .array(["public"]),
            "id_token_signing_alg_values_supported": .array([.string(algorithm)]),
            "token_endpoint_auth_methods_supported": .array(["client_secret_basic", "client_secret_post"]),
            "code_challenge_methods_supported": .array(["S256"]),
            "scopes_supported": .array(["openid", "email", "profile", "groups"]),
            "claims_supported": .array([
                "sub", "email", "email_verified", "name", "groups", "auth_time", "nonce", "at_hash", "sid",
            ]),
            "prompt_values_supported": .array(["none", "login", "select_account"]),
            "authorization_response_iss_parameter_supported": true,
            "request_parameter_supported": false,
            "request_uri_parameter_supported": false,
        ]
        return .json(.object(metadata), cacheControl: "public, max-age=\(settings.cacheLifetime)")
    }

    /// The published keys (RFC 7517 §5).
    func keySet() -> DemoReply {
        let keys = state.withLock { $0.keys }
        guard let published = try? keys.map({ try $0.publicJWK() }) else {
            return .json(.object(["error": "server_error"]), status: 500)
        }
        return .json(.object(["keys": .array(published)]), cacheControl: "public, max-age=\(settings.cacheLifetime)")
    }
}
