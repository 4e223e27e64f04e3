import Foundation
import Testing

@testable import DemoWorld

@Suite struct TokenTests {
    let party = RelyingParty()
    let clock = HandClock()

    private func code(at provider: DemoIdentityProvider) async -> String {
        var browser = Browser(provider)
        return party.callback(await browser.post(party.authorizationTarget(), ["user": "alice"]))["code"] ?? ""
    }

    private func error(_ reply: DemoReply) -> String? { JSONValue(parsing: reply.body)?["error"]?.string }

    @Test func `A code is good once, and its second use ends what the first one gave`() async throws {
        let provider = try RelyingParty.provider(clock)
        let code = await code(at: provider)
        let first = await party.redeem(code, at: provider)
        #expect(first.status == 200)
        #expect(first.value(of: "Cache-Control") == "no-store")
        let accessToken = JSONValue(parsing: first.body)?["access_token"]?.string ?? ""
        #expect(await userinfo(accessToken, at: provider).status == 200)
        let second = await party.redeem(code, at: provider)
        #expect(second.status == 400)
        #expect(error(second) == "invalid_grant")
        #expect(await userinfo(accessToken, at: provider).status == 401)
    }

    @Test(
        "A wrong verifier is refused, and the code is spent",
        arguments: [
            String(repeating: "w", count: 43), String(repeating: "v", count: 44), "v", "",
        ])
    func wrongVerifier(verifier: String) async throws {
        let provider = try RelyingParty.provider(clock)
        let code = await code(at: provider)
        #expect(error(await party.redeem(code, at: provider, verifier: verifier)) == "invalid_grant")
        #expect(error(await party.redeem(code, at: provider)) == "invalid_grant")
    }

    @Test func `The redirect URI must be the same as before`() async throws {
        let provider = try RelyingParty.provider(clock)
        let code = await code(at: provider)
        #expect(error(await party.redeem(code, at: provider, redirectURI: RelyingParty.redirectURI + "/")) == "invalid_grant")
    }

    @Test("A code ends after a minute", arguments: [(59, 200), (60, 400)] as [(Int64, Int)])
    func codeLifetime(age: Int64, status: Int) async throws {
        let provider = try RelyingParty.provider(clock)
        let code = await code(at: provider)
        clock.advance(seconds: age)
        #expect(await party.redeem(code, at: provider).status == status)
    }

    @Test func `Client authentication works by header and by form, and not with both`() async throws {
        let provider = try RelyingParty.provider(clock)
        func attempt(form: [(String, String)], fields: [DemoRequest.Field]) async -> DemoReply {
            let code = await code(at: provider)
            let all =
                form + [
                    ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", RelyingParty.redirectURI),
                    ("code_verifier", party.verifier),
                ]
            let body = FormFields(all.map { FormFields.Pair($0.0, $0.1) }).encoded
            return await provider.respond(
                to: DemoRequest(
                    method: "POST", target: "/token",
                    fields: fields + [.init("Content-Type", "application/x-www-form-urlencoded")], body: Array(body.utf8)))
        }
        let post = [("client_id", "client"), ("client_secret", RelyingParty.secret)]
        #expect(await attempt(form: post, fields: []).status == 200)
        #expect(await attempt(form: [], fields: [RelyingParty.basic]).status == 200)
        #expect(await attempt(form: post, fields: [RelyingParty.basic]).status == 401)
        #expect(await attempt(form: [("client_id", "client"), ("client_secret", "wrong")], fields: []).status == 401)
        #expect(await attempt(form: [("client_id", "client")], fields: []).status == 401)
        let wrong = Data("client:wrong".utf8).base64EncodedString()
        let refused = await attempt(form: [], fields: [.init("Authorization", "Basic " + wrong)])
        #expect(error(refused) == "invalid_client")
        #expect(refused.value(of: "WWW-Authenticate") != nil)
    }

    @Test func `A code of one client is not another's`() async throws {
        let provider = try RelyingParty.provider(clock)
        provider.register(.init(id: "other", secret: "s", redirectURIs: [RelyingParty.redirectURI]))
        let code = await code(at: provider)
        var client = Browser(provider)
        let reply = await client.post(
            "/token",
            [
                "grant_type": "authorization_code", "code": code, "redirect_uri": RelyingParty.redirectURI,
                "code_verifier": party.verifier, "client_id": "other", "client_secret": "s",
            ])
        #expect(error(reply) == "invalid_grant")
    }

    @Test(
        "Userinfo gives what the scopes allow",
        arguments: [
            ("openid", ["sub"]), ("openid email", ["email", "email_verified", "sub"]),
            ("openid email profile groups", ["email", "email_verified", "groups", "name", "sub"]),
        ])
    func scopes(scope: String, names: [String]) async throws {
        let provider = try RelyingParty.provider(clock, claimPlacement: .userinfoOnly)
        let answer = await party.signIn(at: provider, ["scope": scope])
        #expect(RelyingParty.parts(answer["id_token"])?.claims["email"] == nil)
        let reply = await userinfo(answer["access_token"]?.string ?? "", at: provider)
        guard case .object(let members)? = JSONValue(parsing: reply.body) else {
            Issue.record("no object")
            return
        }
        #expect(members.keys.sorted() == names)
        #expect(members["sub"] == .string(DemoUser.alice.subject))
    }

    @Test func `An access token ends with its time, and a wrong one is refused`() async throws {
        let provider = try RelyingParty.provider(clock)
        let token = await party.signIn(at: provider)["access_token"]?.string ?? ""
        #expect(await userinfo(token, at: provider).status == 200)
        #expect(await userinfo(token + "x", at: provider).status == 401)
        clock.advance(seconds: 300)
        #expect(await userinfo(token, at: provider).status == 401)
    }

    private func userinfo(_ token: String, at provider: DemoIdentityProvider) async -> DemoReply {
        await provider.respond(
            to: DemoRequest(method: "GET", target: "/userinfo", fields: [.init("Authorization", "Bearer " + token)]))
    }
}
