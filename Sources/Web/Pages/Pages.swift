import Crypto
import FoundationEssentials
import Mustache
import SignOn

/// The templates, parsed once. Mustache escapes every value for HTML; there is no script anywhere.
struct Pages: Sendable {
    private let library: MustacheLibrary
    private let style: String
    private let styleHash: String

    init() throws {
        func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
        var library = MustacheLibrary()
        try library.register(text(PackageResources.layout_mustache), named: "layout")
        try library.register(text(PackageResources.signin_mustache), named: "signin")
        try library.register(text(PackageResources.choose_mustache), named: "choose")
        try library.register(text(PackageResources.blocked_mustache), named: "blocked")
        try library.register(text(PackageResources.organizations_mustache), named: "organizations")
        try library.register(text(PackageResources.sessions_mustache), named: "sessions")
        try library.register(text(PackageResources.signout_mustache), named: "signout")
        try library.register(text(PackageResources.message_mustache), named: "message")
        self.library = library
        style = text(PackageResources.style_css)
        styleHash = Data(SHA256.hash(data: Data(style.utf8))).base64EncodedString()
    }

    /// No script, no frame, no image; one style sheet, by its hash. Browsers apply `form-action` to the redirects
    /// that follow: the sign-in form ends at an IdP, a form that leads into an organization wherever its application sends a
    /// visitor, and signing out at the host of `external_url`.
    func contentSecurityPolicy(for page: Page, externalOrigin: String) -> String {
        let formAction =
            switch page {
            case .signIn, .organizations, .blocked: ""
            case .sessions: "; form-action 'self'"
            case .signOut: "; form-action 'self' \(externalOrigin)"
            case .choose, .signedOut, .refused, .problem: "; form-action 'none'"
            }
        return "default-src 'none'; style-src 'sha256-\(styleHash)'; base-uri 'none'; frame-ancestors 'none'" + formAction
    }

    func render(_ page: Page, requestID: String) -> String {
        var values: [String: Any] = ["style": style, "request_id": requestID]
        let template: String
        switch page {
        case .signIn(let email, let problem):
            template = "signin"
            values["title"] = "Sign in"
            values["email"] = email
            if let problem { values["problem"] = problem }
        case .choose(let choice):
            template = "choose"
            values["title"] = "Sign in"
            values["offers"] = choice.offers.map { offer in
                ["name": offer.displayName, "address": choice.visit.address(choosing: offer.rootConnectionID.rawValue)]
            }
            values["none"] = choice.offers.isEmpty
            values["several"] = choice.offers.count > 1
        case .blocked(let obstacle):
            template = "blocked"
            values.merge(Self.values(of: obstacle)) { $1 }
        case .organizations(let switcher):
            template = "organizations"
            values.merge(Self.values(of: switcher)) { $1 }
        case .sessions(let list):
            template = "sessions"
            values.merge(Self.values(of: list)) { $1 }
        case .signOut(let info, let externalOrigin):
            template = "signout"
            values["title"] = "Sign out"
            values["email"] = info.email
            values["organization"] = info.organizationSlug
            values["csrf_token"] = info.csrfToken
            values["external"] = externalOrigin
        case .signedOut:
            template = "message"
            values["title"] = "You are signed out"
            values["sentence"] = "Close the browser to end your sign-in at other places too."
            values["again"] = "Sign in again"
        case .refused(let audience):
            template = "message"
            values["title"] = Self.title(for: audience)
            values["sentence"] = Self.sentence(for: audience)
            values["shows_id"] = true
            switch audience {
            case .tryAgain: values["again"] = "Start again"
            case .noWayIn:
                values["again"] = "Use another account"
                values["organizations"] = true
            case .notAllowed: values["again"] = "Use another account"
            case .stepUp, .identityProvider, .badRequest, .tooMany, .unavailable, .notFound, .cookies: break
            }
        case .problem(let problem):
            template = "message"
            values["title"] = Self.title(for: problem)
            values["sentence"] = Self.sentence(for: problem)
            values["shows_id"] = true
        }
        return library.render(values, withTemplate: template) ?? ""
    }
}
