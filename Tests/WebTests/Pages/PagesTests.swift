import Foundation
import SignOn
import Tenancy
import Testing

@testable import Web

struct PagesTests {
    static let payloads = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'-alert(1)-'", "{{style}}", "</style><script>", "&lt;",
        "javascript:alert(1)",
    ]

    @Test("What an IdP or a tenant named can't break out of the page", arguments: payloads)
    func escaping(payload: String) throws {
        let pages = try Pages()
        let choice = SignInChoice(
            offers: [Offer(rootConnectionID: ConnectionID(payload), displayName: payload, kind: .oidc)],
            visit: SignInVisit(returnTo: payload, browser: payload))
        for page in [Page.choose(choice), .signIn(email: payload, problem: payload)] {
            let html = pages.render(page, requestID: "1")
            #expect(!html.isEmpty)
            #expect(!html.contains("<script"))
            #expect(!html.contains("<img"))
            #expect(html.components(separatedBy: "<style>").count == 2)
        }
    }

    @Test("Every page is whole, names its language and has no script", arguments: SignOnRefusal.Audience.allCases)
    func refusals(audience: SignOnRefusal.Audience) throws {
        let html = try Pages().render(.refused(audience), requestID: "request-7").replacingOccurrences(of: "&#39;", with: "'")
        #expect(html.contains("<html lang=\"en\">"))
        #expect(html.contains(Pages.title(for: audience)))
        #expect(html.contains("request-7"))
        #expect(!html.contains("<script"))
    }

    @Test("The policy allows one style sheet by its hash and nothing that runs")
    func policy() throws {
        let policy = try Pages().contentSecurityPolicy(for: .signedOut, externalOrigin: "https://auth.example")
        #expect(policy.hasPrefix("default-src 'none'; style-src 'sha256-"))
        #expect(policy.contains("frame-ancestors 'none'"))
        #expect(policy.contains("form-action 'none'"))
        #expect(!policy.contains("unsafe"))
        #expect(!policy.contains("script-src"))
    }
}
