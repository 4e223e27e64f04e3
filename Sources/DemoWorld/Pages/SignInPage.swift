/// The page of an identity provider that asks who is there: a button for each user, no passwords.
struct SignInPage {
    var providerName: String
    var protocolName: String
    var accent: Accent
    var users: [DemoUser]
    /// Where the buttons post `user` to.
    var action: String
    /// The user of this browser's session, if going on as that user is offered.
    var offered: DemoUser?
    /// The same request, but with the choice of all users.
    var othersAddress: String
    /// The address that the person typed at the gateway, if it was passed on.
    var suggestedEmail: String?

    var reply: DemoReply {
        Page.reply(
            title: "Sign in – \(providerName)", accent: accent, width: .narrow,
            body: """
                <main class="card">
                <p class="eyebrow">\(providerName) · \(protocolName)</p>
                \(offered.map(continuation) ?? choice)
                </main>
                <footer>A demo: these accounts have no passwords, and anybody can be anyone.</footer>
                """)
    }

    private func continuation(as user: DemoUser) -> HTML {
        """
        <h1>You are signed in here</h1>
        <p class="quiet">Go on to the application with this account?</p>
        <form method="post" action="\(action)">
        <button class="person suggested" name="user" value="\(user.login)" autofocus>\(content(of: user, greeting: "Continue as "))</button>
        </form>
        <div class="row"><a href="\(othersAddress)">Use another account</a></div>
        """
    }

    private var choice: HTML {
        let buttons = users.map { user -> HTML in
            let style: HTML = user.email == suggestedEmail ? " suggested" : ""
            return """
                <li><button class="person\(style)" name="user" value="\(user.login)">\(content(of: user, greeting: ""))</button></li>

                """
        }
        return """
            <h1>Who are you?</h1>
            <p class="quiet">Choose the account to sign in with.</p>
            <form method="post" action="\(action)">
            <ul class="choices">
            \(buttons)</ul>
            <div class="row"><button name="user" value="">None of these</button></div>
            </form>
            """
    }

    private func content(of user: DemoUser, greeting: String) -> HTML {
        let note: HTML? = user.note.isEmpty ? nil : "<span class=\"note\">\(user.note)</span>"
        return """
            <span class="avatar" aria-hidden="true">\(String(user.name.prefix(1)))</span>\
            <span><span class="name">\(greeting)\(user.name)</span>\
            <span class="mail">\(user.email)</span>\(note)</span>
            """
    }
}
