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
        let obstacle = SignInObstacle(
            kind: .joiningNeedsClick, email: payload, organizationID: OrganizationID(payload), organizationName: payload,
            offers: choice.offers, visit: choice.visit, csrfToken: payload)
        let entry = SessionList.Entry(
            organizationName: payload, host: payload, createdAt: Instant(seconds: 1), lastSeenAt: Instant(seconds: 2))
        let device = SessionList.Device(
            id: payload, isThis: false, signedInAt: Instant(seconds: 1), lastSeenAt: Instant(seconds: 2), entries: [entry])
        let list = SessionList(email: payload, devices: [device], omitted: 1, csrfToken: payload, now: Instant(seconds: 3))
        let place = Switcher.Place(
            organizationID: OrganizationID(payload), slug: payload, name: payload, host: payload, way: .enter, address: payload,
            signInAddress: payload)
        let switcher = Switcher(email: payload, places: Self.everyWay(place), csrfToken: payload)
        for page in [
            Page.choose(choice), .signIn(email: payload, problem: payload), .blocked(obstacle), .sessions(list), .organizations(switcher),
        ] {
            let html = pages.render(page, requestID: "1")
            #expect(!html.isEmpty)
            #expect(!html.contains("<script"))
            #expect(!html.contains("<img"))
            #expect(html.components(separatedBy: "<style>").count == 2)
        }
    }

    private static func everyWay(_ place: Switcher.Place) -> [Switcher.Place] {
        Switcher.Place.Way.allCases.map { way in
            var place = place
            place.way = way
            return place
        }
    }

    @Test("The switcher has a form for each click, a link for each other sign-in, and what each way is")
    func switcher() throws {
        let place = Switcher.Place(
            organizationID: OrganizationID("o-1"), slug: "globex", name: "Globex", host: "wiki.globex.example", way: .enter,
            address: "https://wiki.globex.example/", signInAddress: "/.gateway/sign-in?ask=1")
        let html = try Pages().render(
            .organizations(Switcher(email: "alice@acme.example", places: Self.everyWay(place), csrfToken: "token-1")), requestID: "1")
        #expect(html.components(separatedBy: "action=\"/.gateway/exchange\"").count == 3)
        #expect(html.components(separatedBy: "value=\"token-1\"").count == 3)
        #expect(html.contains("Join Globex") && html.contains("Sign in for Globex") && html.contains("You are here"))
        let nowhere = try Pages().render(.organizations(Switcher(email: "a", places: [], csrfToken: "t")), requestID: "1")
        #expect(nowhere.contains("There is no other organization") && !nowhere.contains("<form"))
    }

    @Test(
        "A time of last use is coarse",
        arguments: [
            (0, "just now"), (-50, "just now"), (299, "just now"), (300, "within the last hour"), (3600, "an hour ago"),
            (7200, "2 hours ago"), (47 * 3600, "47 hours ago"), (48 * 3600, "2 days ago"),
        ] as [(Int64, String)])
    func ages(seconds: Int64, text: String) {
        let now = Instant(seconds: 1_800_000_000)
        #expect(Pages.age(of: Instant(seconds: now.seconds - seconds), at: now) == text)
        #expect(Pages.moment(Instant(seconds: 0)) == "1970-01-01 00:00 UTC")
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
