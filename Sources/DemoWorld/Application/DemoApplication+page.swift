extension DemoApplication {
    func page(_ request: DemoRequest, _ outcome: AssertionVerifier.Outcome) -> DemoReply {
        let who = Visitor(request)
        return Page.reply(
            title: settings.kind.name, accent: settings.kind.accent, width: .wide, script: .signOut,
            body: """
                <header class="bar"><div>
                <a class="brand" href="/">\(settings.kind.name)</a>
                \(navigation(request, isSignedIn: who != nil))
                </div></header>
                <main>
                \(warning(outcome))
                \(visitorCard(who, outcome))
                \(assertionCard(outcome))
                \(headerCard("Headers from the gateway", Self.gatewayFields(of: request)))
                \(otherHeaders(request))
                </main>
                """)
    }

    private func navigation(_ request: DemoRequest, isSignedIn: Bool) -> HTML {
        func link(_ path: String, _ text: String) -> HTML {
            let current: HTML = request.path == path ? " aria-current=\"page\"" : ""
            return "<a href=\"\(path)\"\(current)>\(text)</a>"
        }
        let signOut: HTML = """
            <a href="/.gateway/sign-out" data-sign-out>Sign out</a>
            <form method="post" action="/.gateway/sign-out" data-sign-out hidden>\
            <input type="hidden" name="csrf_token" value="">\
            <button>Sign out</button></form>
            """
        return """
            <nav aria-label="Pages">
            \(link("/", "Home"))
            \(link("/public/", "Public page"))
            <a href="/json">As JSON</a>
            <a href="\(settings.gatewayOrigin)/.gateway/organizations">Switch organization</a>
            </nav>
            \(isSignedIn ? signOut : "")
            """
    }

    private func warning(_ outcome: AssertionVerifier.Outcome) -> HTML {
        let text: String
        switch outcome {
        case .verified: return ""
        case .absent: text = "This request has no assertion: it did not come through the gateway. Believe none of it."
        case .refused: text = "The assertion of this request does not hold. Believe none of it."
        }
        return "<section class=\"card warning\" role=\"alert\"><p>\(text)</p></section>"
    }

    private func visitorCard(_ visitor: Visitor?, _ outcome: AssertionVerifier.Outcome) -> HTML {
        guard let visitor else {
            return """
                <section class="card hero">
                <span class="avatar" aria-hidden="true">?</span>
                <div><h1>Nobody is signed in</h1>
                <p class="quiet">This page is public. <a href="/">Sign in</a> to see the rest.</p></div>
                </section>
                """
        }
        let roles = visitor.roles.map { role -> HTML in "<span class=\"chip\">\(role)</span>" }
        var caution: HTML = "<p class=\"quiet\">The headers say, without proof:</p>"
        if case .verified(.member, _) = outcome { caution = "" }
        return """
            <section class="card hero">
            <span class="avatar" aria-hidden="true">\(String(visitor.name.prefix(1)))</span>
            <div>\(caution)<h1>\(visitor.name)</h1>
            <p class="quiet">\(visitor.email)</p>
            <div class="chips"><span class="chip accent">\(visitor.organization)</span>\(roles)</div></div>
            </section>
            """
    }

    private func assertionCard(_ outcome: AssertionVerifier.Outcome) -> HTML {
        switch outcome {
        case .absent: assertionCard(badge: "<span class=\"chip bad\">none</span>", claims: nil)
        case .refused(let refusal):
            assertionCard(badge: "<span class=\"chip bad\">not verified: \(refusal.text)</span>", claims: nil)
        case .verified(.member, let claims): assertionCard(badge: "<span class=\"chip good\">verified</span>", claims: claims)
        case .verified(.anonymous, let claims):
            assertionCard(badge: "<span class=\"chip good\">verified: anonymous</span>", claims: claims)
        }
    }

    private func assertionCard(badge: HTML, claims: JSONValue?) -> HTML {
        """
        <section class="card">
        <div class="head"><h2>Signed assertion</h2>\(badge)</div>
        \(Self.table(claims.map { Self.rows(of: $0, name: "") } ?? []))
        </section>
        """
    }

    /// One row for each value; the names of members of members are joined with dots.
    private static func rows(of value: JSONValue, name: String) -> [(String, String)] {
        switch value {
        case .object(let members):
            members.sorted { $0.key < $1.key }.flatMap { rows(of: $0.value, name: name.isEmpty ? $0.key : name + "." + $0.key) }
        case .array(let elements): [(name, elements.map { $0.string ?? $0.serialized }.joined(separator: ", "))]
        case .integer(let seconds) where ["iat", "nbf", "exp", "auth_time"].contains(name):
            [(name, "\(seconds) – " + UTCTime.text(seconds: seconds))]
        case .string(let text): [(name, text)]
        case .null, .boolean, .integer, .number: [(name, value.serialized)]
        }
    }

    private func headerCard(_ title: String, _ fields: [DemoRequest.Field]) -> HTML {
        let content: HTML = fields.isEmpty ? "<p class=\"quiet\">None.</p>" : Self.table(fields.map { ($0.name, $0.value) })
        return """
            <section class="card">
            <div class="head"><h2>\(title)</h2></div>
            \(content)
            </section>
            """
    }

    private func otherHeaders(_ request: DemoRequest) -> HTML {
        let others = request.fields.filter { !Self.isFromGateway($0) }
        let host = request.authority.map { [("Host", $0)] } ?? []
        return """
            <section class="card">
            <details>
            <summary><h2>The request: \(request.method) \(request.target)</h2></summary>
            \(Self.table(host + others.map { ($0.name, $0.value) }))
            </details>
            </section>
            """
    }

    private static func table(_ rows: [(String, String)]) -> HTML {
        guard !rows.isEmpty else { return "" }
        let lines = rows.map { row -> HTML in "<tr><th scope=\"row\">\(row.0)</th><td>\(row.1)</td></tr>\n" }
        return "<table>\n\(lines)</table>"
    }

    private static func isFromGateway(_ field: DemoRequest.Field) -> Bool { field.name.lowercased().hasPrefix("x-gateway-") }

    private static func gatewayFields(of request: DemoRequest) -> [DemoRequest.Field] { request.fields.filter(isFromGateway) }
}

extension AssertionVerifier.Refusal {
    /// For the page.
    fileprivate var text: String { String(rawValue.map { $0 == "_" ? " " : $0 }) }
}
