import SignOn

/// Names and attributes of the gateway's cookies (contract: "Cookies").
struct GatewayCookies: Sendable {
    /// `__Host-` and `Secure`: exactly when `external_url` is https.
    let isSecure: Bool

    func name(of kind: CookieChange.Kind) -> String {
        let base =
            switch kind {
            case .flow: "gateway-flow"
            case .signIn: "gateway-sign-in"
            case .session: "gateway-session"
            }
        return isSecure ? "__Host-" + base : base
    }

    /// Each cookie that came exactly once. Two of a name count as none: one of them is somebody else's.
    func read(from request: WebRequest) -> BrowserCookies {
        var values: [String: [String]] = [:]
        for field in request.headers where field.name == "cookie" {
            for piece in field.value.split(separator: ";") {
                let pair = piece.drop { $0 == " " || $0 == "\t" }
                guard let equals = pair.firstIndex(of: "=") else { continue }
                values[String(pair[..<equals]), default: []].append(String(pair[pair.index(after: equals)...]))
            }
        }
        func single(_ kind: CookieChange.Kind) -> String? {
            let found = values[name(of: kind)] ?? []
            return found.count == 1 ? found.first : nil
        }
        return BrowserCookies(flow: single(.flow), signIn: single(.signIn), session: single(.session))
    }

    /// A `Set-Cookie` value. Clearing repeats the attributes: without them `__Host-` cookies stay.
    func text(of change: CookieChange) -> String {
        let attributes = "; Path=/; HttpOnly; SameSite=Lax" + (isSecure ? "; Secure" : "")
        return switch change {
        case .set(let kind, let value): name(of: kind) + "=" + value + attributes
        case .clear(let kind): name(of: kind) + "=; Max-Age=0" + attributes
        }
    }
}
