import SignOn
import Storage
import Tenancy

/// One request on its way to its response.
struct WebExchange {
    let request: WebRequest
    let application: WebApplication

    var signOn: SignOnService { application.signOn }
    var pages: Pages { application.pages }
    var cookies: GatewayCookies { GatewayCookies(isSecure: signOn.settings.usesSecureCookies) }
    var browser: BrowserCookies { cookies.read(from: request) }
    var context: RequestContext { RequestContext(requestID: request.requestID, clientAddress: request.clientAddress) }
    var isExternalHost: Bool { request.origin == signOn.settings.externalOrigin }

    /// Path and query, as the browser asked for it.
    var target: String { request.query.map { request.path + "?" + $0 } ?? request.path }

    /// The gateway's own paths. What is not listed does not exist; what exists has its methods here.
    func route() async -> WebResponse {
        let path = request.path
        switch path {
        case "/.gateway/sign-in" where isExternalHost: return await allowing(["GET", "POST"]) { await signIn() }
        case "/.gateway/sign-in": return await allowing(["GET"]) { tenantSignIn() }
        case "/.gateway/finish": return await allowing(["GET"]) { await finish() }
        case "/.gateway/session": return await allowing(["GET"]) { await session() }
        case "/.gateway/sign-out": return await allowing(["GET", "POST"]) { await signOut() }
        default: break
        }
        guard isExternalHost else {
            // The rest lives on the host of `external_url` alone; page loads of known paths are sent there.
            return isExternalOnly(path) && request.method == "GET"
                ? redirect(to: signOn.settings.externalOrigin + target) : problem(.notFound)
        }
        switch path {
        case "/": return await allowing(["GET"]) { redirect(to: "/.gateway/sign-in") }
        case "/.gateway/signed-out": return await allowing(["GET"]) { await signedOut() }
        case "/.gateway/organizations": return await allowing(["GET"]) { await organizations() }
        case "/.gateway/exchange": return await allowing(["GET", "POST"]) { await exchange() }
        case "/.gateway/sessions": return await allowing(["GET", "POST"]) { await sessions() }
        case "/.well-known/jwks.json": return await allowing(["GET"]) { keySet() }
        case "/v1/public/sso/start": return await allowing(["GET"]) { await start() }
        default: break
        }
        if let id = tail(of: path, after: "/v1/b2b/sso/callback/") {
            return await allowing(["GET", "POST"]) { await callback(ConnectionID(id)) }
        }
        if let id = tail(of: path, after: "/.gateway/saml/metadata/") {
            return await allowing(["GET"]) { await metadata(of: ConnectionID(id)) }
        }
        return problem(.notFound)
    }

    private func isExternalOnly(_ path: String) -> Bool {
        ["/.gateway/signed-out", "/.gateway/organizations", "/.gateway/exchange", "/.gateway/sessions"].contains(path)
            || path.hasPrefix("/.gateway/saml/metadata/")
    }

    /// One last segment of at most 128 bytes.
    private func tail(of path: String, after prefix: String) -> String? {
        guard path.hasPrefix(prefix) else { return nil }
        let tail = path.dropFirst(prefix.count)
        return tail.isEmpty || tail.contains("/") || tail.utf8.count > 128 ? nil : String(tail)
    }

    /// HEAD is GET without its body, which the data plane leaves out.
    private func allowing(_ methods: [String], _ body: () async -> WebResponse) async -> WebResponse {
        let method = request.method == "HEAD" ? "GET" : request.method
        guard methods.contains(method) else {
            var response = problem(.methodNotAllowed)
            response.headers.append(("Allow", (methods + (methods.contains("GET") ? ["HEAD"] : [])).joined(separator: ", ")))
            return response
        }
        return await body()
    }

    var query: FormParameters? { FormParameters((request.query ?? "").utf8) }

    /// The form of a POST; `nil` unless it says that it is one and is well-formed.
    var form: FormParameters? {
        let type = request.header("content-type")?.prefix { $0 != ";" }.lowercased()
        guard type?.trimmingSpaces == "application/x-www-form-urlencoded" else { return nil }
        return FormParameters(request.body)
    }

    /// A form that another site's page has sent says so in `Origin` (Fetch §3.2). Without the header the
    /// CSRF token alone decides.
    var comesFromOwnPage: Bool {
        guard request.headers.contains(where: { $0.name == "origin" }) else { return true }
        return request.header("origin") == request.origin
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
