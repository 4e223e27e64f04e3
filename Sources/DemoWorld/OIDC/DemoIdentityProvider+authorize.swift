extension DemoIdentityProvider {
    /// The authorization endpoint. GET shows the sign-in page; its buttons POST `user` to the same URL.
    func authorize(_ request: DemoRequest) -> DemoReply {
        let isPost = request.method == "POST"
        guard isPost || request.method == "GET" || request.method == "HEAD" else { return .methodNotAllowed("GET, POST") }
        guard let query = request.query, let form = isPost ? request.form : FormFields() else {
            return Page.refusal("The request is malformed.", accent: settings.accent)
        }
        // OpenID Connect Core §3.1.2.1: parameters may come by POST as well. `user` counts only there.
        let choice = form["user"]
        let parameters = FormFields(query.pairs + form.pairs.filter { $0.name != "user" })
        switch parseAuthorization(parameters) {
        case .failure(.page(let text)):
            return Page.refusal(text, accent: settings.accent)
        case .failure(.redirect(let uri, let state, let error, let description)):
            return sendBack(to: uri, state: state, [.init("error", error), .init("error_description", description)])
        case .success(let authorization):
            return proceed(authorization, choice: choice, parameters: parameters, request: request)
        }
    }

    private func proceed(
        _ authorization: AuthorizationRequest, choice: String?, parameters: FormFields, request: DemoRequest
    ) -> DemoReply {
        let session = currentSession(of: request, for: authorization)
        if let choice {
            guard !choice.isEmpty else {
                return refuse(authorization, "access_denied", "nobody was chosen")
            }
            guard let user = user(choice) else { return Page.refusal("No such user.", accent: settings.accent) }
            return signIn(user, keeping: session, for: authorization)
        }
        if authorization.prompts.contains(.none) {
            guard let session, let user = user(session.login) else {
                return refuse(authorization, "login_required", "nobody is signed in")
            }
            return signIn(user, keeping: session, for: authorization)
        }
        // With select_account the person chooses anew, but a sign-in that is still good is not repeated.
        let offered = authorization.prompts.contains(.selectAccount) ? nil : session.flatMap { user($0.login) }
        return signInPage(authorization, parameters: parameters, offered: offered)
    }

    /// The browser's session, if it satisfies `prompt` and `max_age`.
    private func currentSession(of request: DemoRequest, for authorization: AuthorizationRequest) -> Session? {
        guard !authorization.prompts.contains(.login), let cookie = request.cookie(Self.sessionCookie),
            let session = state.withLock({ $0.sessions[cookie] })
        else { return nil }
        if let maximumAge = authorization.maximumAge, environment.seconds - session.authenticatedAt > maximumAge { return nil }
        return session
    }

    private func signIn(_ user: DemoUser, keeping current: Session?, for authorization: AuthorizationRequest) -> DemoReply {
        let now = environment.seconds
        let kept = current.flatMap { $0.login == user.login ? $0 : nil }
        let session = kept ?? Session(id: environment.token(), login: user.login, authenticatedAt: now)
        let code = environment.token()
        let grant = Grant(
            clientID: authorization.clientID, redirectURI: authorization.redirectURI, scopes: authorization.scopes,
            nonce: authorization.nonce, codeChallenge: authorization.codeChallenge, login: user.login, session: session,
            expiresAt: now + settings.codeLifetime)
        state.withLock { $0.grants.insert(grant, for: code) }
        var reply = sendBack(to: authorization.redirectURI, state: authorization.state, [.init("code", code)])
        if kept == nil {
            let cookie = environment.token()
            state.withLock { $0.sessions.insert(session, for: cookie) }
            reply.fields.append(.init("Set-Cookie", "\(Self.sessionCookie)=\(cookie); Path=/; HttpOnly; SameSite=Lax"))
        }
        return reply
    }

    private func refuse(_ authorization: AuthorizationRequest, _ error: String, _ description: String) -> DemoReply {
        sendBack(
            to: authorization.redirectURI, state: authorization.state,
            [.init("error", error), .init("error_description", description)])
    }

    private func sendBack(to uri: String, state: String?, _ parameters: [FormFields.Pair]) -> DemoReply {
        var parameters = parameters
        if let state { parameters.append(.init("state", has(.wrongState) ? state + "x" : state)) }
        if !has(.missingIssuerInResponse) {
            parameters.append(.init("iss", has(.otherIssuerInResponse) ? "http://other.localhost" : issuer))
        }
        return .redirect(to: uri + (uri.contains("?") ? "&" : "?") + FormFields(parameters).encoded)
    }

    func user(_ login: String) -> DemoUser? { settings.users.first { $0.login == login } }

    private func signInPage(
        _ authorization: AuthorizationRequest, parameters: FormFields, offered: DemoUser?
    ) -> DemoReply {
        let others = FormFields(parameters.pairs.filter { $0.name != "prompt" } + [.init("prompt", "select_account")])
        return SignInPage(
            providerName: settings.name, protocolName: "OpenID Connect", accent: settings.accent, users: settings.users,
            action: "/authorize?" + parameters.encoded, offered: offered,
            othersAddress: "/authorize?" + others.encoded, suggestedEmail: authorization.loginHint
        ).reply
    }
}
