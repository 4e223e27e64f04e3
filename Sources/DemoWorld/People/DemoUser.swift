/// Somebody with an account at one of the demo's identity providers.
public struct DemoUser: Sendable, Equatable {
    /// The short name that the sign-in form sends, such as `alice`.
    public var login: String
    public var name: String
    public var email: String
    public var isEmailVerified: Bool
    public var groups: [String]
    /// `sub` in OpenID Connect, the persistent NameID in SAML. Never reused.
    public var subject: String
    /// Why this person is in the demo, one line.
    public var note: String

    public init(
        login: String, name: String, email: String, isEmailVerified: Bool = true, groups: [String] = [], subject: String,
        note: String = ""
    ) {
        self.login = login
        self.name = name
        self.email = email
        self.isEmailVerified = isEmailVerified
        self.groups = groups
        self.subject = subject
        self.note = note
    }
}
