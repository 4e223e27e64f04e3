import Testing

@testable import OIDC

@Suite struct UserinfoTests {
    private func signIn(
        _ policy: RelyingParty.Settings.UserinfoPolicy, claims: [String: JSONValue] = [:], without: [String] = [],
        wanted: [String] = [], userinfo: [String: JSONValue]
    ) async throws -> (result: Result<ValidatedIdentity, OIDCRefusal>, asked: Bool) {
        var signIn = try SignIn()
        signIn.settings.userinfo = policy
        signIn.settings.wantedClaims = wanted
        signIn.claims = claims
        signIn.withoutClaims = without
        signIn.provider.respond(to: signIn.provider.userinfoURL, json: JSONValue.object(userinfo).text)
        let result = try await signIn.run()
        return (result, signIn.provider.requestCount(signIn.provider.userinfoURL) > 0)
    }

    @Test(
        "Userinfo is asked for when the policy says so",
        arguments: [
            (.never, ["email"], ["groups"], false), (.always, [], [], true), (.whenNeeded, [], [], false),
            (.whenNeeded, ["email"], [], true), (.whenNeeded, [], ["email", "sub"], false),
            (.whenNeeded, [], ["groups"], true),
        ] as [(RelyingParty.Settings.UserinfoPolicy, [String], [String], Bool)])
    func policy(
        policy: RelyingParty.Settings.UserinfoPolicy, without: [String], wanted: [String], expected: Bool
    ) async throws {
        let (result, asked) = try await signIn(
            policy, without: without, wanted: wanted,
            userinfo: ["sub": "subject-1", "email": "u@acme.example", "groups": ["a"]])
        #expect(asked == expected)
        let identity = try result.get()
        #expect(identity.claims["groups"] == (expected ? ["a"] : nil))
        #expect(identity.claims["email"]?.stringValue == (without.isEmpty ? "alice@acme.example" : expected ? "u@acme.example" : nil))
    }

    @Test func `A null claim is an absent one`() async throws {
        let (result, asked) = try await signIn(
            .whenNeeded, claims: ["email": .null], userinfo: ["sub": "subject-1", "email": "u@acme.example", "name": .null])
        #expect(asked)
        #expect(result.value?.claims["email"] == "u@acme.example")
        #expect(result.value?.claims.keys.contains("name") == false)
    }

    @Test func `The access token is sent in the header and nowhere else`() async throws {
        var signIn = try SignIn()
        signIn.settings.userinfo = .always
        signIn.provider.respond(to: signIn.provider.userinfoURL, json: #"{"sub":"subject-1"}"#)
        #expect(try await signIn.run().refusal == nil)
        let request = try #require(signIn.provider.requests.first { $0.url == signIn.provider.userinfoURL })
        #expect(request.headers.filter { $0.name == "Authorization" }.map(\.value) == ["Bearer access-token-1"])
        #expect(request.method == .get)
        #expect(request.body.isEmpty)
    }

    @Test(
        "G11: the answer must be about the same person",
        arguments: [
            "{}", #"{"sub": "subject-2"}"#, #"{"sub": "Subject-1"}"#, #"{"sub": ""}"#, #"{"sub": null}"#, #"{"sub": 1}"#,
            #"{"sub": ["subject-1"]}"#, #"{"sub": "subject-1\u0000"}"#,
        ])
    func otherPerson(userinfo: String) async throws {
        let (result, _) = try await signIn(.always, userinfo: JSONValue.members(userinfo))
        #expect(result.refusal == .userinfo(.wrongSubject))
    }

    @Test func `G11: a composed and a decomposed letter are two people`() async throws {
        let (same, _) = try await signIn(.always, claims: ["sub": "\u{E9}"], userinfo: ["sub": "\u{E9}"])
        #expect(same.value != nil)
        let (other, _) = try await signIn(.always, claims: ["sub": "\u{E9}"], userinfo: ["sub": "e\u{301}"])
        #expect(other.refusal == .userinfo(.wrongSubject))
    }

    @Test(
        "G11: other answers are refused, a signed one by its own label",
        arguments: [
            (200, "application/jwt", "a.b.c", .signedAnswer), (200, "Application/JWT; charset=utf-8", "a.b.c", .signedAnswer),
            (200, "text/html", #"{"sub":"subject-1"}"#, .malformed), (200, "", #"{"sub":"subject-1"}"#, .malformed),
            (200, "application/json", "a.b.c", .malformed), (200, "application/json", "[]", .malformed),
            (200, "application/json", #"{"sub":"x","sub":"subject-1"}"#, .malformed),
            (401, "application/json", #"{"sub":"subject-1"}"#, .unavailable),
            (302, "application/json", #"{"sub":"subject-1"}"#, .unavailable),
            (200, "application/json;charset=UTF-8", #"{"sub":"subject-1"}"#, nil),
        ] as [(Int, String, String, UserinfoRefusal?)])
    func otherAnswers(status: Int, contentType: String, body: String, refusal: UserinfoRefusal?) async throws {
        var signIn = try SignIn()
        signIn.settings.userinfo = .always
        signIn.provider.respond(to: signIn.provider.userinfoURL, status: status, contentType: contentType, json: body)
        #expect(try await signIn.run().refusal == refusal.map { .userinfo($0) })
    }

    @Test func `What is needed and can't be had ends the sign-in`() async throws {
        var signIn = try SignIn()
        signIn.settings.wantedClaims = ["groups"]
        signIn.provider.fail(signIn.provider.userinfoURL)
        #expect(try await signIn.run().refusal == .userinfo(.unavailable))
        signIn.provider.serve(metadata: signIn.provider.metadata(without: ["userinfo_endpoint"]))
        #expect(try await signIn.run().refusal == nil)
        signIn.settings.userinfo = .always
        #expect(try await signIn.run().refusal == .userinfo(.endpointMissing))
    }

    @Test func `Userinfo adds claims and overrides none`() async throws {
        let (result, _) = try await signIn(
            .always, claims: ["name": "Alice", "groups": ["a"]],
            userinfo: [
                "sub": "subject-1", "name": "Mallory", "groups": ["admin"], "department": "x", "iss": "https://other.example",
                "aud": "client-2", "auth_time": 1, "sid": "s", "acr": "high", "amr": ["mfa"], "azp": "client-2", "nonce": "n",
            ])
        let identity = try result.get()
        #expect(identity.claims["name"] == "Alice")
        #expect(identity.claims["groups"] == ["a"])
        #expect(identity.claims["department"] == "x")
        #expect(identity.claims["iss"] == "https://op.example")
        #expect(identity.claims["aud"] == "client-1")
        #expect(identity.issuer == "https://op.example")
        for name in ["auth_time", "sid", "acr", "amr", "azp", "nonce"] { #expect(identity.claims[name] == nil) }
        #expect(identity.authTime == nil && identity.sessionID == nil && identity.acr == nil)
    }

    @Test(
        "G8: email_verified stays with its address, and a denial counts more",
        arguments: [
            // ID token, userinfo, what comes out.
            (#"{"email": "a@x", "email_verified": true}"#, #"{}"#, "a@x", #"true"#),
            (#"{"email": "a@x", "email_verified": true}"#, #"{"email": "b@x", "email_verified": false}"#, "a@x", #"true"#),
            (#"{"email": "a@x"}"#, #"{"email": "b@x", "email_verified": true}"#, "a@x", nil),
            (#"{"email": "a@x"}"#, #"{"email": "a@x", "email_verified": true}"#, "a@x", #"true"#),
            (#"{"email": "a@x"}"#, #"{"email": "a@x", "email_verified": "true"}"#, "a@x", #""true""#),
            (#"{"email": "a@x"}"#, #"{"email": "a@x", "email_verified": false}"#, "a@x", #"false"#),
            (#"{"email": "a@x", "email_verified": true}"#, #"{"email": "a@x", "email_verified": false}"#, "a@x", #"false"#),
            (#"{"email": "a@x", "email_verified": true}"#, #"{"email": "a@x", "email_verified": "false"}"#, "a@x", #""false""#),
            (#"{"email": "a@x", "email_verified": true}"#, #"{"email": "a@x", "email_verified": 1}"#, "a@x", #"1"#),
            (#"{"email": "a@x", "email_verified": false}"#, #"{"email": "a@x", "email_verified": true}"#, "a@x", #"false"#),
            (#"{"email": "a@x"}"#, #"{"email_verified": true}"#, "a@x", nil),
            (#"{"email": "a@x"}"#, #"{"email_verified": false}"#, "a@x", #"false"#),
            (#"{}"#, #"{"email": "b@x", "email_verified": true}"#, "b@x", #"true"#),
            (#"{}"#, #"{"email": "b@x"}"#, "b@x", nil),
            (#"{"email_verified": true}"#, #"{"email": "b@x"}"#, "b@x", nil),
            (#"{"email_verified": false}"#, #"{"email": "b@x", "email_verified": true}"#, "b@x", #"false"#),
            (#"{}"#, #"{}"#, nil, nil),
        ] as [(String, String, String?, String?)])
    func emailVerified(
        idToken: String, userinfo: String, email: String?, verified: String?
    ) {
        let merged = Userinfo(claims: JSONValue.members(userinfo)).merged(under: JSONValue.members(idToken))
        #expect(merged["email"]?.stringValue == email)
        #expect(merged["email_verified"]?.text == verified)
    }
}
