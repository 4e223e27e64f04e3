extension DemoUser {
    /// A member of Acme, which owns the OpenID connection.
    public static let alice = DemoUser(
        login: "alice", name: "Alice Archer", email: "alice@acme.example", groups: ["engineering"],
        subject: "acme-user-1001", note: "Member of Acme")

    /// A member of Globex alone, with an account at Acme's provider: the external connection at work.
    public static let gina = DemoUser(
        login: "gina", name: "Gina García", email: "gina@globex.example", groups: ["engineering", "globex"],
        subject: "acme-user-1002", note: "Member of Globex only")

    /// A member of both, who can switch.
    public static let bob = DemoUser(
        login: "bob", name: "Bob Baker", email: "bob@acme.example", groups: ["support"],
        subject: "acme-user-1003", note: "Member of Acme and of Globex")

    /// Known at the provider, member of no organization: to be refused.
    public static let nora = DemoUser(
        login: "nora", name: "Nora Novak", email: "nora@acme.example", groups: [],
        subject: "acme-user-1004", note: "Account here, member nowhere")

    /// A member of Initech, which signs in by SAML.
    public static let ivan = DemoUser(
        login: "ivan", name: "Ivan Ivanov", email: "ivan@initech.example", groups: ["accounting"],
        subject: "initech-user-2001", note: "Member of Initech")
}

extension DemoWorld {
    /// Everybody at Acme's OpenID provider.
    public static let acmeUsers: [DemoUser] = [.alice, .bob, .gina, .nora]
    /// Everybody at Initech's SAML identity provider.
    public static let initechUsers: [DemoUser] = [.ivan]
}
