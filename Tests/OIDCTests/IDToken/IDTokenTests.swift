import Testing

@testable import OIDC

/// Groups F8 and F9 and the checks of OpenID Connect Core §3.1.3.7, each by one sign-in in which one
/// thing of the ID token is changed.
@Suite struct IDTokenTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var refusal: IDTokenRefusal?
        var change: @Sendable (inout SignIn) -> Void
        var testDescription: String { name }

        init(_ name: String, _ refusal: IDTokenRefusal?, _ change: @escaping @Sendable (inout SignIn) -> Void) {
            self.name = name
            self.refusal = refusal
            self.change = change
        }

        /// Claims as a JSON object.
        static func claims(_ refusal: IDTokenRefusal?, _ claims: String) -> Case {
            Case(claims, refusal) { $0.claims.merge(JSONValue.members(claims)) { $1 } }
        }

        static func repeated(_ claim: String, _ text: String, _ count: Int, _ refusal: IDTokenRefusal?) -> Case {
            Case("\(claim) of \(count) times \(text)", refusal) {
                $0.claims[claim] = .string(String(repeating: text, count: count))
            }
        }

        static func without(_ claim: String, _ refusal: IDTokenRefusal?) -> Case {
            Case("without \(claim)", refusal) { $0.withoutClaims = [claim] }
        }

        /// A time claim at an offset in seconds from now.
        static func time(_ claim: String, _ offset: Double, _ refusal: IDTokenRefusal?) -> Case {
            Case("\(claim) at \(offset) s", refusal) { $0.claims[claim] = .number($0.clock.seconds + offset) }
        }
    }

    private func check(_ test: Case) async throws {
        var signIn = try SignIn()
        test.change(&signIn)
        let result = try await signIn.run()
        if let refusal = test.refusal {
            #expect(result.refusal == .idToken(refusal))
        } else {
            #expect(result.refusal == nil)
        }
    }

    @Test(
        "Issuer, audience and authorized party",
        arguments: [
            .claims(nil, #"{}"#),
            .without("iss", .malformed), .claims(.malformed, #"{"iss": null}"#),
            .claims(.wrongIssuer, #"{"iss": "https://op.example/"}"#),
            .claims(.wrongIssuer, #"{"iss": "https://OP.example"}"#),
            .claims(.wrongIssuer, #"{"iss": "https://other.example"}"#),
            .claims(.malformed, #"{"iss": ["https://op.example"]}"#),
            .claims(.wrongIssuer, #"{"iss": "https://login.example/{tenantid}/v2.0"}"#),
            .without("aud", .malformed), .claims(.wrongAudience, #"{"aud": "client-2"}"#),
            .claims(.wrongAudience, #"{"aud": "CLIENT-1"}"#),
            .claims(.wrongAudience, #"{"aud": "client-1 client-2"}"#),
            .claims(.malformed, #"{"aud": 1}"#), .claims(.malformed, #"{"aud": {"client-1": true}}"#),
            .claims(.wrongAudience, #"{"aud": []}"#),
            .claims(.malformed, #"{"aud": ["client-1", 1]}"#),
            .claims(nil, #"{"aud": ["client-1"]}"#),
            .claims(.wrongAudience, #"{"aud": ["client-2", "client-3"], "azp": "client-1"}"#),
            .claims(.wrongAuthorizedParty, #"{"aud": ["client-1", "client-2"]}"#),
            .claims(nil, #"{"aud": ["client-2", "client-1"], "azp": "client-1"}"#),
            .claims(.wrongAuthorizedParty, #"{"aud": ["client-1", "client-2"], "azp": "client-2"}"#),
            .claims(nil, #"{"azp": "client-1"}"#),
            .claims(.wrongAuthorizedParty, #"{"azp": "client-2"}"#),
            .claims(.wrongAuthorizedParty, #"{"azp": ""}"#), .claims(.malformed, #"{"azp": ["client-1"]}"#),
            Case("too many audiences", .malformed) {
                $0.claims["aud"] = .array((0...Bounds.maximumAudiences).map { .string($0 == 0 ? "client-1" : "a\($0)") })
                $0.claims["azp"] = "client-1"
            },
        ] as [Case])
    func parties(test: Case) async throws { try await check(test) }

    @Test(
        "Times, at the second on either side of each limit",
        arguments: [
            .without("exp", .malformed), .without("iat", .malformed),
            .time("exp", -60, .expired), .time("exp", -59, nil), .time("exp", -59.5, nil), .time("exp", 1e9, nil),
            .time("iat", 60, nil), .time("iat", 61, .notYetValid), .time("iat", -660, nil), .time("iat", -661, .tooOld),
            .time("nbf", 60, nil), .time("nbf", 61, .notYetValid), .time("nbf", -1e6, nil),
            .time("auth_time", -1e6, nil), .time("auth_time", 61, .notYetValid),
            .claims(.malformed, #"{"exp": "9999999999"}"#), .claims(.malformed, #"{"exp": null}"#),
            .claims(.malformed, #"{"exp": -1}"#), .claims(.expired, #"{"exp": 0}"#),
            .claims(.malformed, #"{"exp": true}"#), .claims(.malformed, #"{"exp": [9999999999]}"#),
            .claims(nil, #"{"exp": 1e300}"#),
            .claims(.notYetValid, #"{"iat": 1e300}"#),
            .claims(.tooOld, #"{"iat": 5e-324}"#),
            .claims(.notYetValid, #"{"nbf": 1e300}"#),
            .claims(.notYetValid, #"{"auth_time": 1e300}"#),
            .claims(.malformed, #"{"auth_time": -1e300}"#),
            .claims(.malformed, #"{"auth_time": "1"}"#),
        ] as [Case])
    func times(test: Case) async throws { try await check(test) }

    @Test(
        "G2: the nonce is that of this flow",
        arguments: [
            .without("nonce", .wrongNonce), .claims(.wrongNonce, #"{"nonce": "another"}"#),
            .claims(.wrongNonce, #"{"nonce": ""}"#), .claims(.malformed, #"{"nonce": null}"#),
            .claims(.malformed, #"{"nonce": 1}"#),
        ] as [Case])
    func nonce(test: Case) async throws { try await check(test) }

    @Test func `G2: a token of an earlier flow is refused in the next`() async throws {
        let signIn = try SignIn()
        let relyingParty = signIn.makeRelyingParty()
        let first = try await signIn.begin(relyingParty).pending
        let second = try await signIn.begin(relyingParty).pending
        #expect(first.nonce != second.nonce)
        try signIn.prepare(first)
        #expect(
            await relyingParty.complete(parameters: [("code", "c"), ("state", second.state)], pending: second).refusal
                == .idToken(.wrongNonce))
        #expect(
            await relyingParty.complete(parameters: [("code", "c"), ("state", first.state)], pending: first).value != nil)
    }

    @Test(
        "The subject says who it is in one way",
        arguments: [
            .without("sub", .subjectNotAccepted), .claims(.subjectNotAccepted, #"{"sub": ""}"#),
            .claims(.subjectNotAccepted, #"{"sub": 1}"#), .claims(.subjectNotAccepted, #"{"sub": null}"#),
            .claims(.subjectNotAccepted, #"{"sub": ["subject-1"]}"#),
            .repeated("sub", "s", 255, nil),
            .repeated("sub", "s", 256, .subjectNotAccepted),
            .repeated("sub", "é", 128, .subjectNotAccepted),
            .claims(.subjectNotAccepted, #"{"sub": "a\u0000"}"#), .claims(.subjectNotAccepted, #"{"sub": "a\nb"}"#),
            .claims(.subjectNotAccepted, #"{"sub": "a\u0085b"}"#),
            .claims(.malformed, #"{"sid": 1}"#),
            .repeated("sid", "s", 256, .malformed),
            .claims(.malformed, #"{"acr": ["1"]}"#),
        ] as [Case])
    func subject(test: Case) async throws { try await check(test) }

    @Test(
        "F8: a payload that readers could read differently is refused",
        arguments: [
            "", "null", "[]", "\"x\"", "1", "{", "{}x",
            #"{"iss":"https://op.example","iss":"https://other.example"}"#, #"{"aud":"client-1","aud":"client-2"}"#,
            #"{"a":"\ud800"}"#, #"{"exp":NaN}"#, #"{"exp":Infinity}"#, #"{"exp":1e999}"#, "\u{FEFF}{}",
            "{\"a\":" + String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000) + "}",
            #"[{"iss":"https://op.example"}]"#,
        ])
    func payloads(payload: String) async throws {
        try await check(Case("", .malformed) { $0.payload = payload })
    }

    @Test func `F8: a duplicate is refused in a token that is otherwise right`() async throws {
        @Sendable func payload(_ extra: String) -> String {
            let now = Int(TestClock().seconds)
            return
                #"{"iss":"https://op.example","aud":"client-1","sub":"s","nonce":"NONCE","email":"a@b.example","exp":\#(now + 60),"iat":\#(now)\#(extra)}"#
        }
        try await check(Case("without", nil) { $0.payload = payload("") })
        try await check(Case("with", .malformed) { $0.payload = payload(#","sub":"s""#) })
        try await check(Case("escaped", .malformed) { $0.payload = payload(#","\u0073ub":"t""#) })
    }

    @Test(
        "F9: a token of another kind is refused, although signed with the same keys",
        arguments: [
            ("at+jwt", .wrongType), ("application/at+jwt", .wrongType), ("logout+jwt", .wrongType), ("JWS", .wrongType),
            ("", .wrongType), ("anonymous+jwt", .wrongType), ("JWT", nil), ("jwt", nil), ("application/JWT", nil),
        ] as [(String, IDTokenRefusal?)])
    func types(type: String, refusal: IDTokenRefusal?) async throws {
        try await check(Case("", refusal) { $0.header["typ"] = .string(type) })
    }

    @Test(
        "at_hash and c_hash, where they are, are those of this access token and this code",
        arguments: SignatureAlgorithm.allCases)
    func hashes(algorithm: SignatureAlgorithm) async throws {
        let key = TestKey.fitting(algorithm)
        func signIn(_ claims: [String: JSONValue]) async throws -> OIDCRefusal? {
            var signIn = try SignIn()
            signIn.settings.algorithms = [algorithm]
            signIn.key = key
            signIn.algorithm = algorithm
            signIn.provider.serve(keys: [try key.jwk(keyID: "key-1")])
            signIn.claims = claims
            return try await signIn.run().refusal
        }
        let accessTokenHash = try #require(Self.halfHashes[algorithm]?.0)
        let codeHash = try #require(Self.halfHashes[algorithm]?.1)
        #expect(try await signIn(["at_hash": .string(accessTokenHash), "c_hash": .string(codeHash)]) == nil)
        #expect(try await signIn(["at_hash": .string(codeHash)]) == .idToken(.wrongAccessTokenHash))
        #expect(try await signIn(["c_hash": .string(accessTokenHash)]) == .idToken(.wrongCodeHash))
        #expect(try await signIn(["at_hash": .string(accessTokenHash + "=")]) == .idToken(.wrongAccessTokenHash))
        #expect(try await signIn(["at_hash": ""]) == .idToken(.wrongAccessTokenHash))
        #expect(try await signIn(["at_hash": .null]) == .idToken(.malformed))
    }

    /// Left halves of the hashes of `access-token-1` and `code-1`, computed by another program.
    static let halfHashes: [SignatureAlgorithm: (String, String)] = {
        let sha256 = ("xbDyM5Wjs8mTAhnyPZlETA", "Ub1mOf7XwLSCavbAa_5PTA"),
            sha384 = ("Z2bWqw23yCiNi06TTWWJ6GDqNsCbm8iQ", "5i7q1XjDLdCUfEx9IEHo-ALJ8gemTj4w"),
            sha512 = ("ZDF0ZIrz-CeaQ43lPXZWSsjpu7TSFdVlDejvKcy1OlQ", "vXznlBubPR11RNvIlSwIKkhrOPYsWG1UAmXIpS8zf-Q")
        return [
            .rs256: sha256, .ps256: sha256, .es256: sha256, .rs384: sha384, .ps384: sha384, .es384: sha384,
            .rs512: sha512, .ps512: sha512, .es512: sha512, .edDSA: sha512,
        ]
    }()

    @Test func `A demanded sign-in must be shown by auth_time`() async throws {
        func signIn(authTime offset: Double?, algorithm: SignatureAlgorithm = .rs256) async throws -> OIDCRefusal? {
            var signIn = try SignIn()
            signIn.forceLogin = true
            if let offset { signIn.claims["auth_time"] = .number(signIn.clock.seconds + offset) }
            return try await signIn.run().refusal
        }
        #expect(try await signIn(authTime: nil) == .idToken(.loginNotRenewed))
        #expect(try await signIn(authTime: -61) == .idToken(.loginNotRenewed))
        #expect(try await signIn(authTime: -60) == nil)
        #expect(try await signIn(authTime: 5) == nil)
    }
}
