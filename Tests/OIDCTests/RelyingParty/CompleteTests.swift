import Foundation
import Testing

@testable import OIDC

@Suite struct CompleteTests {
    @Test func `A right answer becomes an identity`() async throws {
        var signIn = try SignIn()
        signIn.claims = ["auth_time": .number(signIn.clock.seconds - 5.5), "sid": "session-1", "acr": "mfa", "hd": "acme.example"]
        let identity = try await signIn.run().get()
        #expect(identity.issuer == "https://op.example")
        #expect(identity.subject == "subject-1")
        #expect(identity.authTime == signIn.clock.now / 1000 - 6)
        #expect(identity.sessionID == "session-1")
        #expect(identity.acr == "mfa")
        #expect(identity.claims["email"] == "alice@acme.example")
        #expect(identity.claims["hd"] == "acme.example")
        #expect(identity.claims["nonce"] == nil)
        #expect(signIn.provider.requestCount(signIn.provider.tokenURL) == 1)
        #expect(signIn.provider.requestCount(signIn.provider.userinfoURL) == 0)
    }

    @Test("The connection's algorithm list decides", arguments: SignatureAlgorithm.allCases)
    func algorithms(algorithm: SignatureAlgorithm) async throws {
        var signIn = try SignIn()
        signIn.key = .fitting(algorithm)
        signIn.algorithm = algorithm
        signIn.provider.serve(keys: [try signIn.key.jwk(keyID: "key-1")])
        signIn.settings.algorithms = [algorithm]
        #expect(try await signIn.run().refusal == nil)
        signIn.settings.algorithms = SignatureAlgorithm.allCases.filter { $0 != algorithm }
        #expect(try await signIn.run().refusal == .signature(.algorithmNotAllowed))
        signIn.settings.algorithms = SignatureAlgorithm.defaults
        let isDefault = ["RS256", "PS256", "ES256", "ES384", "EdDSA"].contains(algorithm.rawValue)
        #expect(try await signIn.run().refusal == (isDefault ? nil : .signature(.algorithmNotAllowed)))
    }

    @Test func `A token that somebody else signed is refused`() async throws {
        var signIn = try SignIn()
        signIn.key = .otherRSA
        #expect(try await signIn.run().refusal == .signature(.badSignature))
        signIn.keyID = "other"
        #expect(try await signIn.run().refusal == .signature(.unknownKey))
    }

    // MARK: The callback

    struct CallbackCase: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var parameters: [(name: String, value: String)]
        var refusal: OIDCRefusal?

        init(_ name: String, _ parameters: KeyValuePairs<String, String>, _ refusal: OIDCRefusal?) {
            testDescription = name
            self.parameters = parameters.map { ($0.key, $0.value) }
            self.refusal = refusal
        }
    }

    @Test(
        "G5 and more: the callback is taken in one form only",
        arguments: [
            CallbackCase("as it should be", ["code": "c", "state": "state-1"], nil),
            CallbackCase("with what we do not know", ["code": "c", "state": "state-1", "session_state": "x", "scope": "a"], nil),
            CallbackCase("with the issuer", ["code": "c", "state": "state-1", "iss": "https://op.example"], nil),
            CallbackCase("two codes", ["code": "c", "code": "d", "state": "state-1"], .callback(.duplicateParameter)),
            CallbackCase("one code twice", ["code": "c", "code": "c", "state": "state-1"], .callback(.duplicateParameter)),
            CallbackCase("two states", ["code": "c", "state": "state-1", "state": "x"], .callback(.duplicateParameter)),
            CallbackCase(
                "two issuers", ["code": "c", "state": "state-1", "iss": "https://op.example", "iss": "https://op.example"],
                .callback(.duplicateParameter)),
            CallbackCase("two errors", ["error": "a", "error": "b", "state": "state-1"], .callback(.duplicateParameter)),
            CallbackCase(
                "two of what we do not know", ["code": "c", "state": "state-1", "x": "", "x": ""], .callback(.duplicateParameter)),
            CallbackCase("nothing", [:], .callback(.malformed)),
            CallbackCase("no code", ["state": "state-1"], .callback(.malformed)),
            CallbackCase("empty code", ["code": "", "state": "state-1"], .callback(.malformed)),
            CallbackCase("code and error", ["code": "c", "error": "access_denied", "state": "state-1"], .callback(.malformed)),
            CallbackCase("a token instead of a code", ["id_token": "a.b.c", "state": "state-1"], .callback(.malformed)),
            CallbackCase("a signed response instead of a code", ["response": "a.b.c", "state": "state-1"], .callback(.malformed)),
            CallbackCase("no state", ["code": "c"], .callback(.stateMismatch)),
            CallbackCase("another state", ["code": "c", "state": "state-2"], .callback(.stateMismatch)),
            CallbackCase("empty state", ["code": "c", "state": ""], .callback(.stateMismatch)),
            CallbackCase("an error with another state", ["error": "access_denied", "state": "x"], .callback(.stateMismatch)),
            CallbackCase("another issuer", ["code": "c", "state": "state-1", "iss": "https://other.example"], .callback(.issuerMismatch)),
            CallbackCase(
                "issuer with a slash", ["code": "c", "state": "state-1", "iss": "https://op.example/"], .callback(.issuerMismatch)),
            CallbackCase("empty issuer", ["code": "c", "state": "state-1", "iss": ""], .callback(.issuerMismatch)),
            CallbackCase(
                "an error of another issuer", ["error": "access_denied", "state": "state-1", "iss": "https://other.example"],
                .callback(.issuerMismatch)),
            CallbackCase("a long code", ["code": String(repeating: "c", count: 8193), "state": "state-1"], .callback(.tooLarge)),
            CallbackCase("a long name", ["code": "c", "state": "state-1", String(repeating: "n", count: 8193): ""], .callback(.tooLarge)),
        ])
    func callbacks(test: CallbackCase) async throws {
        var signIn = try SignIn()
        signIn.callback = test.parameters
        #expect(try await signIn.run().refusal == test.refusal)
        // The code of a callback that is refused is not redeemed.
        #expect(signIn.provider.requestCount(signIn.provider.tokenURL) == (test.refusal == nil ? 1 : 0))
    }

    @Test func `The number of parameters is bounded`() async throws {
        var signIn = try SignIn()
        signIn.additionalParameters = (0..<30).map { ("p\($0)", "") }
        #expect(try await signIn.run().refusal == nil)
        signIn.additionalParameters = (0..<31).map { ("p\($0)", "") }
        #expect(try await signIn.run().refusal == .callback(.tooLarge))
    }

    @Test func `G4: the issuer must be in the callback where the provider says that it always is`() async throws {
        var signIn = try SignIn()
        signIn.provider.serve(
            metadata: signIn.provider.metadata(["authorization_response_iss_parameter_supported": true]))
        #expect(try await signIn.run().refusal == .callback(.issuerMissing))
        signIn.additionalParameters = [("iss", "https://op.example")]
        #expect(try await signIn.run().refusal == nil)
        signIn.callback = [("error", "access_denied"), ("state", "state-1")]
        signIn.additionalParameters = []
        #expect(try await signIn.run().refusal == .callback(.issuerMissing))
    }

    @Test func `G4: an answer counts only for the connection that asked`() async throws {
        let first = try SignIn()
        var second = try SignIn()
        second.settings.redirectURI = "https://auth.example/callback/2"
        let other = try SignIn(issuer: "https://other.example")
        let pending = try await first.begin(first.makeRelyingParty()).pending
        for signIn in [second, other] {
            try signIn.prepare(pending)
            #expect(
                await signIn.makeRelyingParty().complete(
                    parameters: [("code", "c"), ("state", pending.state)], pending: pending
                ).refusal == .callback(.pendingMismatch))
            #expect(signIn.provider.requestCount(signIn.provider.tokenURL) == 0)
        }
    }

    @Test(
        "An error of the provider becomes one of a few labels",
        arguments: [
            ("access_denied", .accessDenied), ("login_required", .loginRequired), ("server_error", .serverError),
            ("temporarily_unavailable", .temporarilyUnavailable), ("", .other), ("<script>", .other),
            ("ACCESS_DENIED", .other), ("other", .other),
        ] as [(String, ProviderError)])
    func authorizationErrors(code: String, expected: ProviderError) async throws {
        var signIn = try SignIn()
        signIn.callback = [("error", code), ("error_description", "canary-1"), ("state", "state-1")]
        let refusal = try await signIn.run().refusal
        #expect(refusal == .authorizationError(expected))
        #expect(refusal.map { "\($0) \($0.label)".contains("canary") } == false)
    }

    // MARK: The token request

    @Test func `The code is redeemed with the verifier of this flow, by basic authentication`() async throws {
        var signIn = try SignIn()
        signIn.settings.clientSecret = ClientSecret("a:b c%é")
        let relyingParty = signIn.makeRelyingParty()
        let pending = try await signIn.begin(relyingParty).pending
        try signIn.prepare(pending)
        _ = await relyingParty.complete(parameters: [("code", "c&d"), ("state", "state-1")], pending: pending)
        let request = try #require(signIn.provider.requests.first { $0.url == signIn.provider.tokenURL })
        #expect(request.method == .post)
        #expect(request.headers.first { $0.name == "Content-Type" }?.value == "application/x-www-form-urlencoded")
        let expected = "Basic " + Data("client-1:a%3Ab+c%25%C3%A9".utf8).base64EncodedString()
        #expect(request.headers.filter { $0.name == "Authorization" }.map(\.value) == [expected])
        let body = String(decoding: request.body, as: UTF8.self)
        #expect(formValues("grant_type", in: body) == ["authorization_code"])
        #expect(formValues("code", in: body) == ["c&d"])
        #expect(formValues("redirect_uri", in: body) == ["https://auth.example/callback/1"])
        #expect(formValues("code_verifier", in: body) == [pending.codeVerifier])
        #expect(formValues("client_secret", in: body) == [])
        #expect(body.split(separator: "&").count == 4)
    }

    @Test(
        "The way of authentication is one that the provider lists",
        arguments: [
            (["client_secret_basic", "client_secret_post"], true, false), (["client_secret_post"], false, true),
            (["private_key_jwt", "client_secret_post"], false, true), (["private_key_jwt"], false, false),
            ([], false, false),
        ] as [([String], Bool, Bool)])
    func clientAuthentication(methods: [String], basic: Bool, post: Bool) async throws {
        let signIn = try SignIn()
        signIn.provider.serve(
            metadata: signIn.provider.metadata(
                ["token_endpoint_auth_methods_supported": .array(methods.map { .string($0) })]))
        let result = try await signIn.run()
        let request = signIn.provider.requests.first { $0.url == signIn.provider.tokenURL }
        #expect(result.refusal == (basic || post ? nil : .tokenResponse(.clientAuthenticationNotSupported)))
        #expect((request != nil) == (basic || post))
        #expect((request?.headers.contains { $0.name == "Authorization" } ?? false) == basic)
        let body = String(decoding: request?.body ?? [], as: UTF8.self)
        #expect(formValues("client_secret", in: body) == (post ? ["s3cret"] : []))
        #expect(formValues("client_id", in: body) == (post ? ["client-1"] : []))
    }

    @Test func `A public client names itself and has no secret`() async throws {
        var signIn = try SignIn()
        signIn.settings.clientSecret = nil
        #expect(try await signIn.run().refusal == nil)
        let request = try #require(signIn.provider.requests.first { $0.url == signIn.provider.tokenURL })
        #expect(formValues("client_id", in: String(decoding: request.body, as: UTF8.self)) == ["client-1"])
        #expect(!request.headers.contains { $0.name == "Authorization" })
    }

    @Test(
        "The token response is read strictly",
        arguments: [
            (#"{}"#, nil), (#"{"token_type": "bearer"}"#, nil), (#"{"expires_in": 3600, "refresh_token": "r", "scope": "a"}"#, nil),
            (#"{"token_type": "DPoP"}"#, .tokenResponse(.tokenTypeNotSupported)),
            (#"{"token_type": null}"#, .tokenResponse(.malformed)), (#"{"token_type": 1}"#, .tokenResponse(.malformed)),
            (#"{"access_token": null}"#, .tokenResponse(.malformed)), (#"{"access_token": ""}"#, .tokenResponse(.malformed)),
            (#"{"access_token": "a\r\nX-Evil: 1"}"#, .tokenResponse(.malformed)),
            (#"{"access_token": "a b"}"#, .tokenResponse(.malformed)), (#"{"access_token": 1}"#, .tokenResponse(.malformed)),
            (#"{"id_token": null}"#, .tokenResponse(.idTokenMissing)), (#"{"id_token": 1}"#, .tokenResponse(.malformed)),
            (#"{"id_token": ""}"#, .signature(.malformed)), (#"{"id_token": "a.b.c"}"#, .signature(.malformed)),
            (#"{"error": "invalid_grant"}"#, .tokenError(.invalidGrant)),
        ] as [(String, OIDCRefusal?)])
    func tokenResponses(changes: String, refusal: OIDCRefusal?) async throws {
        var signIn = try SignIn()
        signIn.tokenResponse = JSONValue.members(changes)
        #expect(try await signIn.run().refusal == refusal)
    }

    @Test("An access token has an end", arguments: [(16384, nil), (16385, .tokenResponse(.malformed))] as [(Int, OIDCRefusal?)])
    func longAccessToken(byteCount: Int, refusal: OIDCRefusal?) async throws {
        var signIn = try SignIn()
        signIn.tokenResponse["access_token"] = .string(String(repeating: "a", count: byteCount))
        #expect(try await signIn.run().refusal == refusal)
    }

    @Test(
        "Every other answer of the token endpoint has its label",
        arguments: [
            (400, #"{"error":"invalid_grant","error_description":"canary"}"#, .tokenError(.invalidGrant)),
            (401, #"{"error":"invalid_client"}"#, .tokenError(.invalidClient)),
            (400, #"{"error":"canary"}"#, .tokenError(.other)),
            (503, #"{"error":"temporarily_unavailable"}"#, .tokenError(.temporarilyUnavailable)),
            (400, "{}", .tokenResponse(.malformed)), (400, "<html>", .tokenResponse(.malformed)),
            (502, "<html>", .tokenResponse(.unavailable)), (500, "{}", .tokenResponse(.unavailable)),
            (302, "", .tokenResponse(.malformed)), (200, "", .tokenResponse(.malformed)),
            (200, "[]", .tokenResponse(.malformed)), (200, #"{"access_token":"a","access_token":"b"}"#, .tokenResponse(.malformed)),
            (201, #"{"access_token":"a","token_type":"Bearer","id_token":"a.b.c"}"#, .tokenResponse(.malformed)),
        ] as [(Int, String, OIDCRefusal)])
    func tokenEndpointAnswers(status: Int, body: String, expected: OIDCRefusal) async throws {
        let signIn = try SignIn()
        let relyingParty = signIn.makeRelyingParty()
        let pending = try await signIn.begin(relyingParty).pending
        signIn.provider.respond(to: signIn.provider.tokenURL, status: status, json: body)
        let result = await relyingParty.complete(parameters: [("code", "c"), ("state", "state-1")], pending: pending)
        #expect(result.refusal == expected)
        #expect(!"\(result)".contains("canary"))
    }

    @Test func `A code is sent once, also when there is no answer`() async throws {
        let signIn = try SignIn()
        let relyingParty = signIn.makeRelyingParty()
        let pending = try await signIn.begin(relyingParty).pending
        signIn.provider.fail(signIn.provider.tokenURL)
        let result = await relyingParty.complete(parameters: [("code", "c"), ("state", "state-1")], pending: pending)
        #expect(result.refusal == .tokenResponse(.unavailable))
        #expect(signIn.provider.requestCount(signIn.provider.tokenURL) == 1)
    }

    @Test func `Keys that can't be had are the provider's failure`() async throws {
        let signIn = try SignIn()
        signIn.provider.fail(signIn.provider.keySetURL)
        #expect(try await signIn.run().refusal == .provider(.keysUnavailable))
    }

    // MARK: The subject

    @Test(
        "Another claim can stand for the subject, if it is one",
        arguments: [
            (#"{"oid": "object-1"}"#, "object-1"), ("{}", nil), (#"{"oid": ""}"#, nil), (#"{"oid": 1}"#, nil),
            (#"{"oid": "a\u0000"}"#, nil),
        ] as [(String, String?)])
    func subjectClaim(claims: String, expected: String?) async throws {
        var signIn = try SignIn()
        signIn.settings.subjectClaim = "oid"
        signIn.settings.userinfo = .never
        signIn.claims = JSONValue.members(claims)
        let result = try await signIn.run()
        #expect(result.value?.subject == expected)
        #expect(result.refusal == (expected == nil ? .idToken(.subjectNotAccepted) : nil))
    }

    @Test(
        "G7: an address is handed on as the provider wrote it; nothing here cuts or folds it",
        arguments: ["attacker@evil.example@acme.example", "Alice@ACME.example", "a\u{0}@acme.example", "аlice@acme.example", " a@b "])
    func addresses(address: String) async throws {
        var signIn = try SignIn()
        signIn.claims = ["email": .string(address)]
        let email = try await signIn.run().get().claims["email"]?.stringValue
        #expect(email.map { Array($0.utf8) } == Array(address.utf8))
    }
}
