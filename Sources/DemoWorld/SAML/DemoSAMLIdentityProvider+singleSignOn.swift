extension DemoSAMLIdentityProvider {
    /// The single sign-on service. GET shows the page with the users; its buttons POST `user` to the same URL.
    func singleSignOn(_ request: DemoRequest) -> DemoReply {
        let isPost = request.method == "POST"
        guard isPost || request.method == "GET" || request.method == "HEAD" else { return .methodNotAllowed("GET, POST") }
        guard let query = request.query, !query.repeatsAName, let form = isPost ? request.form : FormFields(),
            let message = query["SAMLRequest"]
        else { return Page.refusal("The request is malformed.", accent: settings.accent) }
        guard case .success(let authentication) = SAMLAuthenticationRequest.parse(message) else {
            return Page.refusal("The SAML request is malformed.", accent: settings.accent)
        }
        guard authentication.destination ?? singleSignOnURL == singleSignOnURL else {
            return Page.refusal("The SAML request is meant for somebody else.", accent: settings.accent)
        }
        guard let consumer = state.withLock({ $0.serviceProviders[authentication.issuer] }),
            authentication.assertionConsumerURL ?? consumer == consumer
        else { return Page.refusal("The service provider is not registered with this address.", accent: settings.accent) }
        let target = ResponseTarget(
            consumerURL: consumer, serviceProvider: authentication.issuer, inResponseTo: authentication.id,
            relayState: query["RelayState"])
        return answer(authentication, target: target, choice: form["user"], query: query, request: request)
    }

    private func answer(
        _ authentication: SAMLAuthenticationRequest, target: ResponseTarget, choice: String?, query: FormFields,
        request: DemoRequest
    ) -> DemoReply {
        let formats = [nil, Self.persistentFormat, Self.unspecifiedFormat]
        guard formats.contains(authentication.nameIDFormat) else {
            return post(statusResponse(.invalidNameIDPolicy, to: target), to: target)
        }
        let session = authentication.forcesAuthentication ? nil : currentSession(of: request)
        if let choice {
            guard !choice.isEmpty else { return post(statusResponse(.authenticationFailed, to: target), to: target) }
            guard let user = user(choice) else { return Page.refusal("No such user.", accent: settings.accent) }
            return signIn(user, keeping: session, for: target)
        }
        if authentication.isPassive {
            guard let session, let user = user(session.login) else {
                return post(statusResponse(.noPassive, to: target), to: target)
            }
            return signIn(user, keeping: session, for: target)
        }
        let choosesAnew = query["choose"] != nil
        let others = FormFields(query.pairs.filter { $0.name != "choose" } + [.init("choose", "1")])
        return SignInPage(
            providerName: settings.name, protocolName: "SAML", accent: settings.accent, users: settings.users,
            action: "/sso?" + query.encoded, offered: choosesAnew ? nil : session.flatMap { user($0.login) },
            othersAddress: "/sso?" + others.encoded
        ).reply
    }

    private func currentSession(of request: DemoRequest) -> Session? {
        request.cookie(Self.sessionCookie).flatMap { cookie in state.withLock { $0.sessions[cookie] } }
    }

    private func user(_ login: String) -> DemoUser? { settings.users.first { $0.login == login } }

    private func signIn(_ user: DemoUser, keeping current: Session?, for target: ResponseTarget) -> DemoReply {
        let kept = current.flatMap { $0.login == user.login ? $0 : nil }
        let session =
            kept ?? Session(index: messageID(), login: user.login, authenticatedAt: environment.seconds)
        guard let message = try? response(for: user, session: session, to: target) else {
            return Page.notice(
                title: "That did not work", accent: settings.accent, status: 500, text: "The response could not be signed.")
        }
        var reply = post(message, to: target)
        if kept == nil {
            let cookie = environment.token()
            state.withLock { $0.sessions.insert(session, for: cookie) }
            reply.fields.append(.init("Set-Cookie", "\(Self.sessionCookie)=\(cookie); Path=/; HttpOnly; SameSite=Lax"))
        }
        return reply
    }

    /// The page that carries the response to the service provider (SAML Bindings §3.5.4). A script file
    /// presses the button; without scripts the person does.
    private func post(_ message: String, to target: ResponseTarget) -> DemoReply {
        let relayState: HTML? = target.relayState.map { "<input type=\"hidden\" name=\"RelayState\" value=\"\($0)\">" }
        return Page.reply(
            title: "Back to the application", accent: settings.accent, width: .narrow, script: .submit,
            body: """
                <main class="card">
                <p class="eyebrow">\(settings.name) · SAML</p>
                <h1>Back to the application</h1>
                <p class="quiet">Your answer is ready and goes back on its own. If nothing happens, press the button.</p>
                <form method="post" action="\(target.consumerURL)" data-submit>
                <input type="hidden" name="SAMLResponse" value="\(message)">
                \(relayState)
                <button class="primary">Continue</button>
                </form>
                </main>
                """)
    }
}
