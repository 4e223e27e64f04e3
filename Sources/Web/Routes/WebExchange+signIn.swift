import SignOn
import Tenancy

extension WebExchange {
    /// Bytes of an address that somebody typed; more is not looked at.
    private static let maximumEmailBytes = 320

    /// A tenant's page without a session: bind the way back to this browser and go to the sign-in host.
    func visit(target: String?, demand: SignInDemand? = nil) -> WebResponse {
        answer(signOn.visit(host: request.host, target: target, demand: demand, cookies: browser))
    }

    func tenantSignIn() -> WebResponse {
        guard let query else { return answer(.refused(.badParameter("query"))) }
        switch demand(of: query) {
        case .success(let demand): return visit(target: query.single("return_to"), demand: demand)
        case .failure(let refusal): return answer(.refused(refusal))
        }
    }

    /// On the host of `external_url`. A rooted `return_to` is a page of this very host, if it has a route.
    func signIn() async -> WebResponse {
        if request.method == "POST" { return await discover() }
        guard let query, !query.isDuplicated("return_to"), !query.isDuplicated("connection") else {
            return answer(.refused(.badParameter("query")))
        }
        let demand: SignInDemand?
        switch self.demand(of: query) {
        case .success(let found): demand = found
        case .failure(let refusal): return answer(.refused(refusal))
        }
        let returnTo = query.single("return_to")
        if let returnTo, returnTo.hasPrefix("/") { return visit(target: returnTo, demand: demand) }
        let visit = SignInVisit(
            returnTo: returnTo, browser: query.single("browser"), asksFirst: query.single("ask") == "1",
            isSecondTry: query.single("again") == "1", demand: demand)
        let chosen = query.single("connection").map { ConnectionID($0) }
        return answer(await signOn.signIn(visit, chosen: chosen, cookies: browser, context: context))
    }

    /// What the page demands of the sign-in, if anything.
    private func demand(of query: FormParameters) -> Result<SignInDemand?, SignOnRefusal> {
        guard !query.isDuplicated("max_age"), !query.isDuplicated("acr") else { return .failure(.badParameter("query")) }
        let (age, contexts) = (query.single("max_age"), query.single("acr"))
        guard age != nil || contexts != nil else { return .success(nil) }
        guard let demand = SignInDemand(maximumAge: age, contexts: contexts) else { return .failure(.badParameter("max_age")) }
        return .success(demand)
    }

    private func discover() async -> WebResponse {
        guard comesFromOwnPage else { return answer(.refused(.forgedForm)) }
        guard let email = form?.single("email"), email.utf8.count <= Self.maximumEmailBytes else {
            return answer(.refused(.badParameter("email")))
        }
        return await application.pace.after {
            switch await signOn.discover(
                email: email.filter { $0 != " " }, visit: SignInVisit(), cookies: browser, context: context)
            {
            case .withoutLooking(.refused(.badParameter("email"))):
                .atOnce(page(.signIn(email: email, problem: "That is not an e-mail address."), status: 400))
            case .withoutLooking(let step): .atOnce(answer(step))
            // Known or not: neither the time nor the shape says it (R3).
            case .afterLooking(let step): .onTheBeat(answer(step))
            }
        }
    }

    /// `/v1/public/sso/start`: `connection_id`, or `organization_id` (id or slug).
    func start() async -> WebResponse {
        guard let query, !["connection_id", "organization_id", "custom_scopes", "login_hint"].contains(where: query.isDuplicated)
        else { return answer(.refused(.badParameter("query"))) }
        // A start that brings the browser back to a client of the API needs that API.
        for name in ["public_token", "login_redirect_url", "signup_redirect_url", "pkce_code_challenge"]
        where query.pairs.contains(where: { $0.name == name }) {
            return answer(.refused(.badParameter(name)))
        }
        let scopes = (query.single("custom_scopes") ?? "").split(separator: " ").map(String.init)
        return answer(
            await signOn.start(
                connectionID: query.single("connection_id"), organization: query.single("organization_id"), scopes: scopes,
                loginHint: query.single("login_hint"), cookies: browser, context: context))
    }

    /// GET: OIDC, or the second half of SAML. POST: a SAML response.
    func callback(_ id: ConnectionID) async -> WebResponse {
        if request.method == "POST" {
            guard let form, !form.isDuplicated("SAMLResponse"), !form.isDuplicated("RelayState"),
                let response = form.single("SAMLResponse")
            else { return answer(.refused(.badParameter("SAMLResponse"))) }
            return answer(
                await signOn.receiveSAML(
                    connectionID: id, response: response, relayState: form.single("RelayState"), cookies: browser,
                    context: context))
        }
        guard let query else { return answer(.refused(.badParameter("query"))) }
        if query.pairs.contains(where: { $0.name == "handle" }) {
            guard let handle = query.single("handle") else { return answer(.refused(.badParameter("handle"))) }
            return answer(await signOn.completeSAML(connectionID: id, handle: handle, cookies: browser, context: context))
        }
        return answer(
            await signOn.completeOIDC(connectionID: id, parameters: query.pairs, cookies: browser, context: context))
    }

    func finish() async -> WebResponse {
        answer(await signOn.finish(host: request.host, code: query?.single("code"), cookies: browser, context: context))
    }
}
