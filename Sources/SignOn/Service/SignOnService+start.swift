import OIDC
import SAML
import Storage
import Tenancy

extension SignOnService {
    /// A visit to `/.gateway/sign-in` on a tenant's host: binds the way back to this browser, and goes to
    /// the host of `external_url`. `target`: path and query of the page that was asked for.
    public func visit(host: String, target: String?, cookies: BrowserCookies) -> Step {
        let routes = settings.routes
        guard routes.organizationSlug(ofHost: host) != nil else { return .refused(.unknownReturnAddress) }
        guard let address = ReturnAddress(host: host, target: target ?? "/") ?? ReturnAddress(host: host, target: "/") else {
            return .refused(.unknownReturnAddress)
        }
        let cookie = FlowCookie(cookies.flow) ?? FlowCookie(token: makeToken())
        return .redirect(
            to: signInAddress(for: address, browser: cookie, isSecondTry: false), cookies: [.set(.flow, cookie.value)])
    }

    func signInAddress(for address: ReturnAddress, browser cookie: FlowCookie, isSecondTry: Bool) -> String {
        var query: [(String, String)] = [
            ("return_to", settings.routes.origin(ofHost: address.host) + address.target),
            ("browser", cookie.token.hash.text),
        ]
        if cookie.hasSignedOut { query.append(("ask", "1")) }
        if isSecondTry { query.append(("again", "1")) }
        return settings.externalOrigin + "/.gateway/sign-in?" + FormEncoding.encode(query)
    }

    /// `/.gateway/sign-in` on the host of `external_url`. With a page to return to, that page's organization
    /// is what is started; `chosen` is a root connection picked on an earlier page.
    public func signIn(
        _ visit: SignInVisit, chosen: ConnectionID? = nil, cookies: BrowserCookies, context: RequestContext
    ) async -> Step {
        await answering(context, "sign-in") {
            guard let returnTo = visit.returnTo else {
                guard let chosen else { return .success(.askForEmail(visit)) }
                return try await begin(Start(target: .rootConnection(chosen), visit: visit), cookies: cookies, context: context)
            }
            let routes = settings.routes
            guard let address = ReturnAddress(absolute: returnTo, routes: routes),
                let slug = routes.organizationSlug(ofHost: address.host)
            else { return .failure(.unknownReturnAddress) }
            guard let organization = try await store.read({ try $0.organization(slug: slug) }) else {
                return .failure(.tenancy(.unknownOrganization))
            }
            let browser = visit.browser.flatMap(TokenHash.init(text:))
            if chosen == nil, !visit.asksFirst,
                let step = try await silentHandOff(
                    into: organization.id, at: address, browser: browser, isSecondTry: visit.isSecondTry, cookies: cookies,
                    context: context)
            {
                return .success(step)
            }
            let start = Start(
                target: .organization(organization.id), chosen: chosen, returnTo: address, browser: browser, visit: visit)
            return try await begin(start, cookies: cookies, context: context)
        }
    }

    /// `/v1/public/sso/start`: names a root connection, an external connection or an organization (id or slug).
    public func start(
        connectionID: String?, organization: String?, scopes: [String], loginHint: String?, cookies: BrowserCookies,
        context: RequestContext
    ) async -> Step {
        await answering(context, "start") {
            let target: SignInTarget
            switch (connectionID, organization) {
            case (let id?, nil):
                let isExternal = try await store.read { try $0.externalConnection(ExternalConnectionID(id)) != nil }
                target = isExternal ? .externalConnection(ExternalConnectionID(id)) : .rootConnection(ConnectionID(id))
            case (nil, let name?):
                let found = try await store.read { transaction in
                    try transaction.organization(OrganizationID(name)) ?? transaction.organization(slug: name)
                }
                guard let found else { return .failure(.tenancy(.unknownOrganization)) }
                target = .organization(found.id)
            case (nil, nil), (_?, _?): return .failure(.badParameter("connection_id"))
            }
            let start = Start(target: target, scopes: scopes, loginHint: loginHint, visit: SignInVisit())
            return try await begin(start, cookies: cookies, context: context)
        }
    }

    struct Start {
        var target: SignInTarget
        /// Picked among the offers of `target`.
        var chosen: ConnectionID?
        var returnTo: ReturnAddress?
        var browser: TokenHash?
        var scopes: [String] = []
        var loginHint: String?
        var visit: SignInVisit
    }

    /// Asks the rules, makes the request to the IdP and keeps what the callback will need.
    func begin(_ start: Start, cookies: BrowserCookies, context: RequestContext) async throws -> Result<Step, SignOnRefusal> {
        let now = clock()
        guard starts.admits(context.clientAddress, perMinute: settings.signInsPerMinutePerAddress, now: now) else {
            return .failure(.rateLimited)
        }
        let (decision, offers) = try await store.read { transaction in
            let question = Question.start(start.target)
            let world = try transaction.world(for: question)
            let decision = decide(question, in: world)
            return (decision, Self.offers(of: decision, in: world))
        }
        let root: ConnectionID
        switch decision.outcome {
        case .refuse(let refusal): return .failure(.tenancy(refusal))
        case .begin, .choose:
            if let chosen = start.chosen {
                guard offers.contains(where: { $0.rootConnectionID == chosen }) else {
                    return .failure(.tenancy(.connectionNotAccepted))
                }
                root = chosen
            } else if case .begin(let only) = decision.outcome, !start.visit.asksFirst {
                root = only
            } else {
                return .success(.choose(SignInChoice(offers: offers, visit: start.visit)))
            }
        case .offer, .admit, .linkBecomes, .linksBecome: return .failure(.tenancy(.unknownConnection))
        }
        guard let stored = try await store.read({ try $0.connection(root) }) else {
            return .failure(.tenancy(.unknownConnection))
        }
        let state = makeToken()
        let request: (url: String, exchange: PendingSignIn.Exchange)
        switch await makeRequest(to: stored, state: state, start: start) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let made): request = made
        }
        let cookie = FlowCookie(cookies.flow) ?? FlowCookie(token: makeToken())
        let pending = PendingSignIn(
            target: start.target, rootConnectionID: root, exchange: request.exchange, returnTo: start.returnTo,
            tenantBrowser: start.browser.map(StoredHash.init))
        try await keep(pending, as: .flow, under: state, boundTo: cookie.token.hash, for: Self.flowLifetime, now: now)
        return .success(.redirect(to: request.url, cookies: [.set(.flow, cookie.value)]))
    }

    private static func offers(of decision: Decision, in world: World) -> [Offer] {
        switch decision.outcome {
        case .choose(let offers): offers
        case .begin(let root):
            world.connections[root].map { [Offer(rootConnectionID: root, displayName: $0.displayName, kind: $0.kind)] } ?? []
        default: []
        }
    }

    private func makeRequest(
        to stored: StoredConnection, state: SecretToken, start: Start
    ) async -> Result<(url: String, exchange: PendingSignIn.Exchange), SignOnRefusal> {
        switch stored.settings {
        case .oidc(let oidc):
            guard oidc.queryScopes.contains("*") || start.scopes.allSatisfy(oidc.queryScopes.contains) else {
                return .failure(.badParameter("custom_scopes"))
            }
            let begun = await relyingParty(for: stored.connection, oidc).begin(
                state: state.revealed, loginHint: start.loginHint, additionalScopes: start.scopes, forceLogin: false)
            return begun.map { ($0.url, .oidc($0.pending)) }.mapError(SignOnRefusal.oidc)
        case .saml(let saml):
            guard start.scopes.isEmpty else { return .failure(.badParameter("custom_scopes")) }
            // An NCName must not begin with a digit (SAML core §1.3.4).
            let requestID = "_" + Hex.encode(randomBytes(20))
            return await samlProviders.identityProvider(of: stored.connection.id, saml).flatMap { provider in
                serviceProvider(for: stored.connection.id, saml).flatMap { serviceProvider in
                    AuthenticationRequest.make(
                        serviceProvider: serviceProvider, identityProvider: provider, id: requestID,
                        issueInstant: clock().milliseconds, relayState: state.revealed
                    ).map { ($0, .saml(requestID: requestID)) }.mapError(SignOnRefusal.saml)
                }
            }
        }
    }

    func keep(
        _ payload: some Encodable & Sendable, as purpose: OneTimeRecord.Purpose, under token: SecretToken, boundTo binding: TokenHash?,
        for lifetime: Duration, now: Instant
    ) async throws {
        let bytes = try Payload.encode(payload)
        try await store.write { transaction in
            try transaction.put(
                OneTimeRecord(
                    purpose: purpose, idHash: token.hash, binding: binding, payload: bytes,
                    expiresAt: now.advanced(by: lifetime)),
                perBinding: Self.maximumFlowsPerBrowser, perPurpose: Self.maximumRecords)
        }
    }
}
