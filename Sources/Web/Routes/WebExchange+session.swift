import SignOn
import Storage
import Tenancy

extension WebExchange {
    /// This session and nothing else, for scripts of the host.
    func session() async -> WebResponse {
        switch await signOn.sessionInfo(host: request.host, cookies: browser) {
        case .found(let info): return json(info.json, status: 200)
        case .absent: return signInRequired()
        case .unknown: return problem(.unavailable)
        }
    }

    /// POST ends the session; GET shows the button for it, so that it works without scripts too.
    func signOut() async -> WebResponse {
        if request.method != "POST" {
            switch await signOn.sessionInfo(host: request.host, cookies: browser) {
            case .found(let info): return page(.signOut(info, externalOrigin: signOn.settings.externalOrigin), status: 200)
            case .absent: return redirect(to: signOn.settings.externalOrigin + "/.gateway/signed-out")
            case .unknown: return problem(.unavailable)
            }
        }
        guard comesFromOwnPage else { return answer(.refused(.forgedForm)) }
        let form = form
        return answer(
            await signOn.signOut(
                host: request.host, csrfToken: form?.single("csrf_token"), everywhere: form?.single("everywhere") == "1",
                cookies: browser, context: context))
    }

    /// Public parts of the assertion keys (RFC 7517).
    func keySet() -> WebResponse {
        WebResponse(
            status: 200,
            headers: [
                ("Content-Type", "application/jwk-set+json"),
                ("Cache-Control", "public, max-age=\(AssertionKeyRing.jwksMaximumAge)"),
                ("X-Content-Type-Options", "nosniff"),
            ], body: application.keys.jwks())
    }

    func metadata(of id: ConnectionID) async -> WebResponse {
        switch await signOn.serviceProviderMetadata(of: id) {
        case .success(let xml):
            return WebResponse(
                status: 200,
                headers: [
                    ("Content-Type", "application/samlmetadata+xml"), ("Cache-Control", "no-store"),
                    ("X-Content-Type-Options", "nosniff"),
                ], body: Array(xml.utf8))
        case .failure(let refusal): return answer(.refused(refusal))
        }
    }
}
