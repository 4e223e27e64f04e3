import Crypto
import FoundationEssentials

extension DemoIdentityProvider {
    /// The token endpoint (RFC 6749 §4.1.3).
    func token(_ request: DemoRequest) -> DemoReply {
        guard let form = request.form, !form.repeatsAName else { return .tokenError("invalid_request") }
        guard let client = authenticatedClient(request, form) else {
            var reply = DemoReply.tokenError("invalid_client", status: 401)
            reply.fields.append(.init("WWW-Authenticate", "Basic realm=\"token\""))
            return reply
        }
        guard form["grant_type"] == "authorization_code" else { return .tokenError("unsupported_grant_type") }
        guard let code = form["code"] else { return .tokenError("invalid_request") }
        let accessToken = environment.token()
        guard
            let grant = redeem(
                code, accessToken: accessToken, client: client, redirectURI: form["redirect_uri"],
                verifier: form["code_verifier"])
        else { return .tokenError("invalid_grant") }
        guard let user = user(grant.login), let idToken = try? idToken(for: user, grant: grant, accessToken: accessToken)
        else { return .json(.object(["error": "server_error"]), status: 500) }
        return .json(
            .object([
                "access_token": .string(accessToken), "token_type": "Bearer", "expires_in": .integer(settings.tokenLifetime),
                "id_token": .string(idToken), "scope": .string(grant.scopes.sorted().joined(separator: " ")),
            ]))
    }

    /// `nil`: refused. Every condition is one of RFC 6749 §4.1.3 or RFC 7636 §4.6.
    private func redeem(
        _ code: String, accessToken: String, client: Client, redirectURI: String?, verifier: String?
    ) -> Grant? {
        let now = environment.seconds
        return state.withLock { state in
            guard var grant = state.grants[code] else { return nil }
            if let earlier = grant.redeemedFor {
                // §4.1.2: somebody has the code who should not; what it was redeemed for ends.
                state.accessTokens.remove(earlier)
                return nil
            }
            guard grant.clientID == client.id, grant.redirectURI == redirectURI, now < grant.expiresAt, let verifier,
                (43...128).contains(verifier.utf8.count),
                Base64URL.encode(SHA256.hash(data: Array(verifier.utf8))) == grant.codeChallenge
            else {
                // One attempt is all a code is good for, so that a verifier can't be guessed.
                state.grants.remove(code)
                return nil
            }
            grant.redeemedFor = accessToken
            state.grants.insert(grant, for: code)
            state.accessTokens.insert(
                AccessToken(login: grant.login, scopes: grant.scopes, expiresAt: now + settings.tokenLifetime),
                for: accessToken)
            return grant
        }
    }

    /// By header or by form, not both (RFC 6749 §2.3: "MUST NOT use more than one authentication method").
    private func authenticatedClient(_ request: DemoRequest, _ form: FormFields) -> Client? {
        let id: String
        let secret: String
        if let header = request.value(of: "authorization") {
            guard form["client_secret"] == nil, let pair = Self.basicCredentials(header) else { return nil }
            (id, secret) = pair
            if let named = form["client_id"], named != id { return nil }
        } else {
            guard let formID = form["client_id"], let formSecret = form["client_secret"] else { return nil }
            (id, secret) = (formID, formSecret)
        }
        let client = state.withLock { $0.clients.first { $0.id == id } }
        guard let client, client.secretDigest.matches(secret) else { return nil }
        return client
    }

    /// RFC 6749 §2.3.1: both parts are form-encoded before they are joined.
    private static func basicCredentials(_ header: String) -> (id: String, secret: String)? {
        let words = header.split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "basic", let bytes = Data(base64Encoded: String(words[1])),
            let text = String(validating: bytes, as: UTF8.self)
        else { return nil }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let pair = FormFields("\(parts[0])=\(parts[1])")?.pairs, pair.count == 1 else { return nil }
        return (pair[0].name, pair[0].value)
    }

    /// The userinfo endpoint (OpenID Connect Core §5.3).
    func userinfo(_ request: DemoRequest) -> DemoReply {
        let words = (request.value(of: "authorization") ?? "").split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer",
            let token = state.withLock({ $0.accessTokens[String(words[1])] }), environment.seconds < token.expiresAt,
            let user = user(token.login)
        else {
            var reply = DemoReply.json(.object(["error": "invalid_token"]), status: 401)
            reply.fields.append(.init("WWW-Authenticate", "Bearer error=\"invalid_token\""))
            return reply
        }
        var claims = personalClaims(of: user, scopes: token.scopes)
        claims["sub"] = .string(has(.userinfoOfOtherSubject) ? user.subject + "-other" : user.subject)
        return .json(.object(claims))
    }
}

extension DemoReply {
    fileprivate static func tokenError(_ error: String, status: Int = 400) -> DemoReply {
        .json(.object(["error": .string(error)]), status: status)
    }
}
