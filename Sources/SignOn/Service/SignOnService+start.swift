import OIDC
import SAML
import Storage
import Tenancy

extension SignOnService {
    /// A visit to `/.gateway/sign-in` on a tenant's host: binds the way back to this browser, and goes to
    /// the host of `external_url`. `target`: path and query of the page that was asked for; `demand`: what it demands of
    /// the sign-in.
    public func visit(host: String, target: String?, demand: SignInDemand? = nil, cookies: BrowserCookies) -> Step {
        let routes = settings.routes
        guard routes.organizationSlug(ofHost: host) != nil else { return .refused(.unknownReturnAddress) }
        guard let address = ReturnAddress(host: host, target: target ?? "/") ?? ReturnAddress(host: host, target: "/") else {
            return .refused(.unknownReturnAddress)
        }
        let cookie = FlowCookie(cookies.flow) ?? FlowCookie(token: makeToken())
        return .redirect(
            to: signInAddress(for: address, browser: cookie, isSecondTry: false, demand: demand), cookies: [.set(.flow, cookie.value)])
    }

    func signInAddress(
        for address: ReturnAddress, browser cookie: FlowCookie, isSecondTry: Bool, demand: SignInDemand? = nil
    ) -> String {
        let visit = SignInVisit(
            returnTo: settings.routes.origin(ofHost: address.host) + address.target, browser: cookie.token.hash.text,
            asksFirst: cookie.hasSignedOut, isSecondTry: isSecondTry, demand: demand)
        return settings.externalOrigin + visit.address
    }

    /// `/.gateway/sign-in` on the host of `external_url`. With a page to return to, that page's organization
    /// is what is started; `chosen` is a root connection picked on an earlier page.
    public func signIn(
        _ visit: SignInVisit, chosen: ConnectionID? = nil, cookies: BrowserCookies, context: RequestContext
    ) async -> Step {
        await answering(context, .signIn) {
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
            var visit = visit
            var former: SignInRecord?
            if chosen == nil {
                // Signed out on any host: the IdP would sign in again without a question.
                if FlowCookie(cookies.flow)?.hasSignedOut == true { visit.asksFirst = true }
                if !visit.asksFirst {
                    switch try await goThrough(visit, to: address, of: organization, cookies: cookies, context: context) {
                    case .step(let step): return .success(step)
                    case .signInAgain(let record): former = record
                    case .signIn: break
                    }
                }
            }
            let start = Start(
                target: .organization(organization.id), chosen: chosen, preferred: former?.evidence.connectionID, returnTo: address,
                browser: browser, loginHint: former?.evidence.email?.rawValue, visit: visit)
            return try await begin(start, cookies: cookies, context: context)
        }
    }

    private enum Passage {
        case step(Step)
        /// Begin a new sign-in.
        case signIn
        /// The same person has to sign in anew: this sign-in is not what the page demands.
        case signInAgain(SignInRecord)
    }

    /// A visit to a tenant's page with a sign-in: hands off without a visible step where R5 lets it and never provisions;
    /// otherwise says what is in the way.
    private func goThrough(
        _ visit: SignInVisit, to address: ReturnAddress, of organization: Organization, cookies: BrowserCookies,
        context: RequestContext
    ) async throws -> Passage {
        guard let signIn = cookies.signIn.flatMap({ SecretToken($0) }) else { return .signIn }
        let crossing = Crossing(
            destination: .organization(organization.id), byClick: false, address: address,
            browser: visit.browser.flatMap(TokenHash.init(text:)), isSecondTry: visit.isSecondTry,
            demand: visit.demand)
        switch try await cross(crossing, signIn: signIn, context: context) {
        case .crossed(let address): return .step(.redirect(to: address, cookies: []))
        case .notSignedIn: return .signIn
        case .tooWeak(let record): return .signInAgain(record)
        case .refused(let refusal, let record, _):
            switch refusal {
            // The start says the same, and a new sign-in finds the member anew.
            case .unknownOrganization, .organizationInactive, .memberChanged: return .signIn
            default: break
            }
            let joins = refusal == .provisioningNeedsClick
            var asking = visit
            asking.asksFirst = true
            let obstacle = SignInObstacle(
                kind: joins ? .joiningNeedsClick : .otherSignInNeeded, email: record.evidence.email?.rawValue ?? "",
                organizationID: organization.id, organizationName: joins ? organization.name : nil,
                offers: try await offers(of: organization.id), visit: asking, csrfToken: Self.signInFormToken(for: signIn))
            return .step(.blocked(obstacle))
        }
    }

    /// The ways in that a visitor of the organization's page is offered.
    private func offers(of id: OrganizationID) async throws -> [Offer] {
        try await store.read { transaction in
            let question = Question.start(.organization(id))
            let world = try transaction.world(for: question)
            return Self.offers(of: decide(question, in: world), in: world)
        }
    }

    /// `/v1/public/sso/start`: names a root connection, an external connection or an organization (id or slug).
    public func start(
        connectionID: String?, organization: String?, scopes: [String], loginHint: String?, cookies: BrowserCookies,
        context: RequestContext
    ) async -> Step {
        await answering(context, .start) {
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
        /// Taken without a choice if it is one of them.
        var preferred: ConnectionID?
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
        case .refuse(let refusal):
            let subject = RefusedSubject(start.target, reasons: decision.reasons.map(\.label))
            return .success(await refuse(.tenancy(refusal), step: .start, subject: subject, context: context))
        case .begin, .choose:
            if let chosen = start.chosen {
                guard offers.contains(where: { $0.rootConnectionID == chosen }) else {
                    return .failure(.tenancy(.connectionNotAccepted))
                }
                root = chosen
            } else if let preferred = start.preferred, !start.visit.asksFirst, offers.contains(where: { $0.rootConnectionID == preferred })
            {
                root = preferred
            } else if case .begin(let only) = decision.outcome, !start.visit.asksFirst {
                root = only
            } else {
                return .success(.choose(SignInChoice(offers: offers, visit: start.visit)))
            }
        case .offer, .admit, .reach, .linkBecomes, .linksBecome: return .failure(.tenancy(.unknownConnection))
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
            tenantBrowser: start.browser.map(StoredHash.init), demand: start.visit.demand, begunAt: now)
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
                state: state.revealed, loginHint: start.loginHint, additionalScopes: start.scopes,
                forceLogin: start.visit.demand?.maximumAge != nil, contexts: start.visit.demand?.contexts ?? [])
            return begun.map { ($0.url, .oidc($0.pending)) }.mapError(SignOnRefusal.oidc)
        case .saml(let saml):
            guard start.scopes.isEmpty else { return .failure(.badParameter("custom_scopes")) }
            // An NCName must not begin with a digit (SAML core §1.3.4).
            let requestID = "_" + Hex.encode(randomBytes(20))
            return await samlProviders.identityProvider(of: stored.connection.id, saml).flatMap { provider in
                serviceProvider(for: stored.connection.id, saml).flatMap { serviceProvider in
                    AuthenticationRequest.make(
                        serviceProvider: serviceProvider, identityProvider: provider, id: requestID,
                        issueInstant: clock().milliseconds, relayState: state.revealed,
                        forceAuthentication: start.visit.demand != nil, contexts: start.visit.demand?.contexts ?? []
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
