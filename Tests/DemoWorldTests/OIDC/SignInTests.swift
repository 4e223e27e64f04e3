import Crypto
import Testing

@testable import DemoWorld

@Suite struct SignInTests {
    let party = RelyingParty()

    @Test("A sign-in gives an ID token that the published keys verify", arguments: DemoIdentityProvider.SigningAlgorithm.allCases)
    func signIn(algorithm: DemoIdentityProvider.SigningAlgorithm) async throws {
        let clock = HandClock()
        let provider = try RelyingParty.provider(clock, algorithm: algorithm)
        let answer = await party.signIn("gina", at: provider)
        #expect(try await party.verifies(answer["id_token"], at: provider))
        let claims = try #require(RelyingParty.parts(answer["id_token"])).claims
        #expect(claims["iss"] == .string(provider.issuer))
        #expect(claims["aud"] == "client")
        #expect(claims["sub"] == .string(DemoUser.gina.subject))
        #expect(claims["nonce"] == "nonce-1")
        #expect(claims["email"] == "gina@globex.example")
        #expect(claims["email_verified"] == true)
        #expect(claims["name"] == "Gina García")
        #expect(claims["groups"] == .array(["engineering", "globex"]))
        #expect(claims["iat"] == .integer(clock.seconds))
        #expect(claims["auth_time"] == .integer(clock.seconds))
        #expect(claims["exp"] == .integer(clock.seconds + 300))
        let accessToken = try #require(answer["access_token"]?.string)
        #expect(claims["at_hash"]?.string == Base64URL.encode(SHA256.hash(data: Array(accessToken.utf8)).prefix(16)))
    }

    @Test func `The callback carries state and issuer, and exactly one code`() async throws {
        let provider = try RelyingParty.provider()
        var browser = Browser(provider)
        let reply = await browser.post(party.authorizationTarget(), ["user": "alice"])
        #expect(reply.status == 303)
        let back = party.callback(reply)
        #expect(back.pairs.map(\.name) == ["code", "state", "iss"])
        #expect(back["state"] == "state-1")
        #expect(back["iss"] == provider.issuer)
    }

    @Test func `A GET signs nobody in, whatever it says`() async throws {
        var browser = Browser(try RelyingParty.provider())
        let reply = await browser.get(party.authorizationTarget(["user": "alice"]))
        #expect(reply.status == 200)
        #expect(reply.value(of: "Location") == nil)
        #expect(browser.cookies.isEmpty)
    }

    @Test func `The page has a button for everybody, and one for nobody`() async throws {
        let provider = try RelyingParty.provider()
        var browser = Browser(provider)
        let page = await browser.get(party.authorizationTarget()).text
        for user in provider.settings.users { #expect(page.contains("name=\"user\" value=\"\(user.login)\"")) }
        #expect(page.contains("name=\"user\" value=\"\""))
        #expect(!page.contains("Continue as"))
        let back = party.callback(await browser.post(party.authorizationTarget(), ["user": ""]))
        #expect(back["error"] == "access_denied")
        #expect(back["code"] == nil)
    }

    @Test func `What a request says is escaped on the page`() async throws {
        var browser = Browser(try RelyingParty.provider())
        let page = await browser.get(party.authorizationTarget(["state": "\"><script>alert(1)</script>"])).text
        #expect(page.contains("Who are you?"))
        #expect(!page.contains("<script>"))
    }

    @Test(
        "A second sign-in offers to go on, unless the client asks otherwise",
        arguments: [
            (nil, true), ("consent", true), ("login", false), ("select_account", false),
        ])
    func continuation(prompt: String?, isOffered: Bool) async throws {
        var browser = Browser(try RelyingParty.provider())
        _ = await browser.post(party.authorizationTarget(), ["user": "bob"])
        let page = await browser.get(party.authorizationTarget(["prompt": prompt])).text
        #expect(page.contains("Continue as Bob Baker") == isOffered)
        #expect(page.contains("Alice Archer") == !isOffered)
    }

    @Test func `Going on keeps the time of the sign-in, prompt=login does not`() async throws {
        let clock = HandClock()
        let provider = try RelyingParty.provider(clock)
        var browser = Browser(provider)
        let first = clock.seconds
        _ = await browser.post(party.authorizationTarget(), ["user": "bob"])
        clock.advance(seconds: 1000)
        var authenticatedAt: [JSONValue?] = []
        for changes in [[:], ["prompt": "login"], [:]] as [[String: String?]] {
            let back = party.callback(await browser.post(party.authorizationTarget(changes), ["user": "bob"]))
            let answer = JSONValue(parsing: await party.redeem(back["code"] ?? "", at: provider).body)
            authenticatedAt.append(RelyingParty.parts(answer?["id_token"])?.claims["auth_time"])
        }
        #expect(authenticatedAt == [.integer(first), .integer(first + 1000), .integer(first + 1000)])
    }

    @Test func `prompt=none answers at once, with a code or with login_required`() async throws {
        var browser = Browser(try RelyingParty.provider())
        let target = party.authorizationTarget(["prompt": "none"])
        #expect(party.callback(await browser.get(target))["error"] == "login_required")
        _ = await browser.post(party.authorizationTarget(), ["user": "bob"])
        #expect(party.callback(await browser.get(target))["code"] != nil)
    }

    @Test func `A session older than max_age does not count`() async throws {
        let clock = HandClock()
        var browser = Browser(try RelyingParty.provider(clock))
        _ = await browser.post(party.authorizationTarget(), ["user": "bob"])
        clock.advance(seconds: 60)
        #expect(await browser.get(party.authorizationTarget(["max_age": "60"])).text.contains("Continue as"))
        #expect(await !browser.get(party.authorizationTarget(["max_age": "59"])).text.contains("Continue as"))
    }

    @Test(
        "A request of an unknown client or address is refused on a page, never by a redirect",
        arguments: [
            ["client_id": "other"], ["client_id": nil], ["redirect_uri": RelyingParty.redirectURI + "/"],
            ["redirect_uri": RelyingParty.redirectURI + "?x=1"], ["redirect_uri": nil], ["redirect_uri": "http://evil.example/"],
        ] as [[String: String?]])
    func refusedOnAPage(changes: [String: String?]) async throws {
        var browser = Browser(try RelyingParty.provider())
        let reply = await browser.post(party.authorizationTarget(changes), ["user": "alice"])
        #expect(reply.status == 400)
        #expect(reply.value(of: "Location") == nil)
    }

    @Test func `A repeated parameter is refused on a page`() async throws {
        var browser = Browser(try RelyingParty.provider())
        let reply = await browser.post(party.authorizationTarget() + "&state=other", ["user": "alice"])
        #expect(reply.status == 400)
        #expect(reply.value(of: "Location") == nil)
    }

    @Test(
        "Other mistakes go back to the client",
        arguments: [
            (["response_type": "token"], "unsupported_response_type"), (["scope": "email"], "invalid_scope"),
            (["code_challenge": nil], "invalid_request"), (["code_challenge_method": "plain"], "invalid_request"),
            (["code_challenge_method": nil], "invalid_request"), (["code_challenge": "short"], "invalid_request"),
            (["prompt": "none login"], "invalid_request"), (["prompt": "dance"], "invalid_request"),
            (["max_age": "-1"], "invalid_request"), (["request": "x"], "request_not_supported"),
            (["request_uri": "x"], "request_uri_not_supported"), (["response_mode": "fragment"], "invalid_request"),
        ] as [([String: String?], String)])
    func refusedByRedirect(changes: [String: String?], error: String) async throws {
        let provider = try RelyingParty.provider()
        var browser = Browser(provider)
        let back = party.callback(await browser.post(party.authorizationTarget(changes), ["user": "alice"]))
        #expect(back["error"] == error)
        #expect(back["state"] == "state-1")
        #expect(back["iss"] == provider.issuer)
        #expect(back["code"] == nil)
    }
}
