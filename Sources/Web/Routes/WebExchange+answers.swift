import SignOn

/// A problem that no step of a sign-in reports.
enum WebProblem: String, Sendable, CaseIterable {
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case forbidden
    case badGateway = "bad_gateway"
    case gatewayTimeout = "gateway_timeout"
    case unavailable

    var status: Int {
        switch self {
        case .notFound: 404
        case .methodNotAllowed: 405
        case .forbidden: 403
        case .badGateway: 502
        case .gatewayTimeout: 504
        case .unavailable: 503
        }
    }
}

extension WebExchange {
    func answer(_ step: Step) -> WebResponse {
        switch step {
        case .redirect(let location, let changes): return redirect(to: location, changing: changes)
        case .askForEmail: return page(.signIn(email: "", problem: nil), status: 200)
        case .blocked(let obstacle): return page(.blocked(obstacle), status: obstacle.kind == .joiningNeedsClick ? 200 : 403)
        case .choose(let choice): return page(.choose(choice), status: 200)
        case .refused(let refusal):
            var response = page(.refused(refusal.audience), status: refusal.status)
            if refusal.status == 429 || refusal.status == 503 { response.headers.append(("Retry-After", "10")) }
            return response
        }
    }

    /// 303: whatever the method was, the next request is a GET.
    func redirect(to location: String, changing changes: [CookieChange] = []) -> WebResponse {
        WebResponse(
            status: request.method == "POST" ? 303 : 302,
            headers: [("Location", location), ("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer")]
                + changes.map { ("Set-Cookie", cookies.text(of: $0)) })
    }

    /// 401 for everything that is not a page load: a redirect would only end in an IdP's page inside a script.
    func signInRequired() -> WebResponse {
        unauthorized(type: "sign_in_required", message: "Sign in first.", address: request.origin + "/.gateway/sign-in")
    }

    /// The same for somebody who is signed in, but not as the page demands (the idea of RFC 9470).
    func stepUpRequired(_ demand: SignInDemand) -> WebResponse {
        unauthorized(
            type: "step_up_required", message: "Sign in again: this needs a fresher or stronger sign-in.",
            address: request.origin + "/.gateway/sign-in?" + demand.encodedQuery)
    }

    private func unauthorized(type: String, message: String, address: String) -> WebResponse {
        var response = json(
            JSONBody.error(
                status: 401, requestID: request.requestID, type: type, message: message, more: [("sign_in_url", address)]),
            status: 401)
        response.headers.append(("WWW-Authenticate", "Gateway sign_in_url=\"\(address)\""))
        return response
    }

    /// A page for a person, JSON for everything else.
    func problem(_ problem: WebProblem) -> WebResponse {
        var response: WebResponse
        if wantsPage {
            response = page(.problem(problem), status: problem.status)
        } else {
            response = json(
                JSONBody.error(
                    status: problem.status, requestID: request.requestID, type: problem.rawValue,
                    message: Pages.sentence(for: problem), more: []), status: problem.status)
        }
        if problem == .unavailable { response.headers.append(("Retry-After", "5")) }
        return response
    }

    private var wantsPage: Bool { request.headers.contains { $0.name == "accept" && $0.value.contains("text/html") } }

    func json(_ body: [UInt8], status: Int) -> WebResponse {
        WebResponse(
            status: status,
            headers: [
                ("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
            ], body: body)
    }

    func page(_ page: Page, status: Int) -> WebResponse {
        WebResponse(
            status: status,
            headers: [
                ("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"),
                ("Content-Security-Policy", pages.contentSecurityPolicy(for: page, externalOrigin: signOn.settings.externalOrigin)),
                ("X-Content-Type-Options", "nosniff"),
                // Not "no-referrer": a form would then be sent with `Origin: null`, which says nothing about its page.
                ("X-Frame-Options", "DENY"), ("Referrer-Policy", "same-origin"),
                ("Cross-Origin-Opener-Policy", "same-origin"),
            ], body: Array(pages.render(page, requestID: request.requestID).utf8))
    }
}
