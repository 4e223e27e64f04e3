extension DemoWorld {
    /// What to open and whom to be, for the terminal.
    public static func guide(ports: Ports) -> String {
        let pages = [
            ("acme", "wiki", "Acme's wiki"), ("globex", "wiki", "Globex's wiki, through Acme's identity provider"),
            ("initech", "wiki", "Initech's wiki, by SAML"), ("acme", "tickets", "Acme's tickets"),
            ("globex", "tickets", "Globex's tickets"), ("initech", "tickets", "Initech's tickets"),
        ]
        let pageLines = pages.map { organization, application, note in
            "  " + padded("http://\(organization).\(application).localhost:\(ports.gateway)/", to: 42) + note
        }
        let userLines = (acmeUsers + initechUsers).map { user in
            "  " + padded(user.login, to: 8) + padded(user.email, to: 24) + user.note
        }
        return """
            Open one of these in a browser on this machine:
            \(pageLines.joined(separator: "\n"))

            A page that needs no sign-in:
              http://acme.wiki.localhost:\(ports.gateway)/public/

            Who can sign in (no passwords; choose the person on the page):
            \(userLines.joined(separator: "\n"))

            """
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
