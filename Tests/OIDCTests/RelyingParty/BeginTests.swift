import Crypto
import Foundation
import Testing

@testable import OIDC

@Suite struct BeginTests {
    private func query(_ url: String) throws -> String {
        String(try #require(url.split(separator: "?", maxSplits: 1).last))
    }

    @Test func `The browser is sent to the provider with everything that binds the answer to us`() async throws {
        let signIn = try SignIn()
        let begun = try await signIn.makeRelyingParty().begin(
            state: "st&te", loginHint: "alice+1@acme.example", additionalScopes: [], forceLogin: false
        ).get()
        #expect(begun.url.hasPrefix("https://op.example/authorize?response_type=code&"))
        let query = try query(begun.url)
        let challenge = Base64URL.encode(Array(SHA256.hash(data: Data(begun.pending.codeVerifier.utf8))))
        let expected = [
            "response_type": "code", "client_id": "client-1", "redirect_uri": "https://auth.example/callback/1",
            "scope": "openid email profile", "state": "st&te", "nonce": begun.pending.nonce, "code_challenge": challenge,
            "code_challenge_method": "S256", "login_hint": "alice+1@acme.example",
        ]
        for (name, value) in expected { #expect(formValues(name, in: query) == [value]) }
        #expect(query.split(separator: "&").count == expected.count)
        #expect(begun.pending.state == "st&te")
        #expect(begun.pending.redirectURI == "https://auth.example/callback/1")
        #expect(begun.pending.issuer == "https://op.example")
        #expect(begun.pending.begunAt == signIn.clock.now)
        // The verifier never passes through the browser.
        #expect(!begun.url.contains(begun.pending.codeVerifier))
    }

    @Test func `G3: every flow has its own nonce and verifier, long enough and S256`() async throws {
        let relyingParty = try SignIn().makeRelyingParty()
        var seen: Set<String> = []
        for _ in 0..<50 {
            let begun = try await relyingParty.begin(
                state: "s", loginHint: nil, additionalScopes: [], forceLogin: false
            ).get()
            #expect(begun.pending.nonce.utf8.count == 43)
            #expect(begun.pending.codeVerifier.utf8.count == 43)
            #expect(formValues("code_challenge_method", in: try query(begun.url)) == ["S256"])
            seen.formUnion([begun.pending.nonce, begun.pending.codeVerifier])
        }
        #expect(seen.count == 100)
    }

    @Test(
        "Scopes are asked for once each, after the usual three",
        arguments: [
            ([], [], "openid email profile"), (["groups"], ["groups", "openid"], "openid email profile groups"),
            (["b", "a"], ["c"], "openid email profile b a c"),
            (["https://op.example/x:y!#[]"], [], "openid email profile https://op.example/x:y!#[]"),
        ] as [([String], [String], String)])
    func scopes(custom: [String], additional: [String], expected: String) async throws {
        var signIn = try SignIn()
        signIn.settings.scopes = custom
        let begun = try await signIn.makeRelyingParty().begin(
            state: "s", loginHint: nil, additionalScopes: additional, forceLogin: false
        ).get()
        #expect(formValues("scope", in: try query(begun.url)) == [expected])
    }

    @Test(
        "G6: what is no scope token is refused, and nobody is asked",
        arguments: [
            [""], ["a b"], ["a\""], ["a\\"], ["é"], ["a\n"], ["a\u{0}"], ["a\u{7F}"], ["ok", " "],
            [String(repeating: "s", count: 257)], (0..<62).map { "s\($0)" },
        ] as [[String]])
    func malformedScopes(scopes: [String]) async throws {
        let signIn = try SignIn()
        let refusal = await signIn.makeRelyingParty().begin(
            state: "s", loginHint: nil, additionalScopes: scopes, forceLogin: false
        ).refusal
        #expect(refusal == .request(.scopeMalformed))
        #expect(signIn.provider.requests.isEmpty)
    }

    @Test(
        "G6: a login hint has no control characters and an end",
        arguments: [
            "", "a\r\nb", "a\u{0}", "a\u{7F}", "a\u{85}", "a\u{9B}31m", String(repeating: "a", count: 513),
        ])
    func malformedLoginHints(hint: String) async throws {
        let refusal = try await SignIn().makeRelyingParty().begin(
            state: "s", loginHint: hint, additionalScopes: [], forceLogin: false
        ).refusal
        #expect(refusal == .request(.loginHintMalformed))
    }

    @Test func `A login hint can't add parameters`() async throws {
        let begun = try await SignIn().makeRelyingParty().begin(
            state: "s", loginHint: "a&redirect_uri=https://evil.example#é", additionalScopes: [], forceLogin: false
        ).get()
        let query = try query(begun.url)
        #expect(formValues("redirect_uri", in: query) == ["https://auth.example/callback/1"])
        #expect(formValues("login_hint", in: query) == ["a&redirect_uri=https://evil.example#é"])
    }

    @Test func `A demanded sign-in is asked for in the two ways that there are`() async throws {
        let begun = try await SignIn().makeRelyingParty().begin(
            state: "s", loginHint: nil, additionalScopes: [], forceLogin: true
        ).get()
        #expect(formValues("prompt", in: try query(begun.url)) == ["login"])
        #expect(formValues("max_age", in: try query(begun.url)) == ["0"])
        #expect(begun.pending.forcesLogin)
    }

    @Test func `Authentication contexts are asked for, with a fresh sign-in`() async throws {
        let begun = try await SignIn().makeRelyingParty().begin(
            state: "s", loginHint: nil, additionalScopes: [], forceLogin: false, contexts: ["urn:mfa", "hwk&x=1"]
        ).get()
        #expect(formValues("acr_values", in: try query(begun.url)) == ["urn:mfa hwk&x=1"])
        #expect(formValues("prompt", in: try query(begun.url)) == ["login"])
        #expect(formValues("max_age", in: try query(begun.url)) == [])
        #expect(!begun.pending.forcesLogin)
    }

    @Test func `The query of the endpoint is kept`() async throws {
        let signIn = try SignIn()
        signIn.provider.serve(
            metadata: signIn.provider.metadata(["authorization_endpoint": "https://op.example/authorize?p=policy"]))
        let begun = try await signIn.begin(signIn.makeRelyingParty())
        #expect(begun.url.hasPrefix("https://op.example/authorize?p=policy&response_type=code&"))
    }

    @Test func `Too few random bytes are noticed`() async throws {
        let signIn = try SignIn()
        let clock = signIn.clock
        let relyingParty = RelyingParty(
            settings: signIn.settings,
            providers: ProviderDirectory(fetcher: signIn.provider, clock: { clock.now }), clock: { clock.now },
            randomBytes: { _ in [1, 2, 3] })
        #expect(
            await relyingParty.begin(state: "s", loginHint: nil, additionalScopes: [], forceLogin: false).refusal
                == .request(.randomnessUnavailable))
    }

    @Test func `A provider that can't be used is refused at the start`() async throws {
        let signIn = try SignIn()
        signIn.provider.serve(metadata: signIn.provider.metadata(["issuer": "https://other.example"]))
        #expect(
            await signIn.makeRelyingParty().begin(state: "s", loginHint: nil, additionalScopes: [], forceLogin: false)
                .refusal == .provider(.issuerMismatch))
    }
}
