/// The frame of every page of the demo, and the files that pages refer to.
enum Page {
    /// Where the stylesheet and the scripts are. Below `/public/`, so that an application's public
    /// page finds them without a session.
    static let assetPath = "/public/assets/"

    enum Script: String { case submit = "submit.js", signOut = "sign-out.js" }

    enum Width: String { case narrow, wide }

    /// Nothing inline, nothing from elsewhere. Forms may go to loopback names only: browsers apply
    /// `form-action` to the redirects after a form as well, and a sign-in goes from one
    /// `*.localhost` host to the next.
    private static let contentSecurityPolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; "
        + "frame-ancestors 'none'; form-action 'self' http://*.localhost:* http://localhost:* http://127.0.0.1:*"

    static func reply(
        title: String, accent: Accent, width: Width, status: Int = 200, script: Script? = nil, body: HTML
    ) -> DemoReply {
        let scriptTag: HTML? = script.map { "<script src=\"\(assetPath)\($0.rawValue)\" defer></script>" }
        let page: HTML = """
            <!DOCTYPE html>
            <html lang="en" class="\(accent.rawValue) \(width.rawValue)">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(title)</title>
            <link rel="stylesheet" href="\(assetPath)demo.css">
            \(scriptTag)
            </head>
            <body>
            \(body)
            </body>
            </html>

            """
        var reply = DemoReply.text(page.markup, type: "text/html; charset=utf-8", status: status)
        reply.fields.append(.init("Content-Security-Policy", contentSecurityPolicy))
        // Not `no-referrer`: forms would then carry `Origin: null`, which the gateway's sign-out refuses.
        reply.fields.append(.init("Referrer-Policy", "same-origin"))
        return reply
    }

    /// A card with a title and a sentence.
    static func notice(title: String, accent: Accent, status: Int = 200, text: String) -> DemoReply {
        reply(
            title: title, accent: accent, width: .narrow, status: status,
            body: """
                <main class="card">
                <h1>\(title)</h1>
                <p>\(text)</p>
                </main>
                """)
    }

    static func refusal(_ text: String, accent: Accent) -> DemoReply {
        notice(title: "That did not work", accent: accent, status: 400, text: text)
    }

    static func notFound(accent: Accent) -> DemoReply {
        notice(title: "Not found", accent: accent, status: 404, text: "There is no such page here.")
    }

    /// The stylesheet or a script; `nil`: another path.
    static func asset(at request: DemoRequest) -> DemoReply? {
        let path = request.path
        guard path.hasPrefix(assetPath) else { return nil }
        let cacheControl = "public, max-age=300"
        switch path.dropFirst(assetPath.count) {
        case "demo.css": return .text(stylesheet, type: "text/css; charset=utf-8", cacheControl: cacheControl)
        case Script.submit.rawValue[...]:
            return .text(submitScript, type: "text/javascript; charset=utf-8", cacheControl: cacheControl)
        case Script.signOut.rawValue[...]:
            return .text(signOutScript, type: "text/javascript; charset=utf-8", cacheControl: cacheControl)
        default: return nil
        }
    }
}
