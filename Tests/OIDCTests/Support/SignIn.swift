import Foundation

@testable import OIDC

/// One sign-in at a provider in memory, from `begin` to `complete`. A test changes one thing of it.
struct SignIn {
    var provider: TestProvider
    var clock = TestClock()
    var settings: RelyingParty.Settings
    var key = TestKey.sharedRSA
    var algorithm = SignatureAlgorithm.rs256
    /// `kid` of the token.
    var keyID: String? = "key-1"
    var header: [String: JSONValue] = [:]
    /// Changes to the claims of the ID token.
    var claims: [String: JSONValue] = [:]
    var withoutClaims: [String] = []
    /// Instead of claims: the payload as it is.
    var payload: String?
    /// Instead of a token signed by the provider.
    var idToken: String?
    var tokenResponse: [String: JSONValue] = [:]
    var callback: [(name: String, value: String)]?
    /// Added to the usual callback.
    var additionalParameters: [(name: String, value: String)] = []
    var forceLogin = false

    static let clientID = "client-1"
    static let code = "code-1"
    static let accessToken = "access-token-1"

    init(issuer: String = "https://op.example") throws {
        provider = TestProvider(issuer: issuer, keys: [try TestKey.sharedRSA.jwk(keyID: "key-1")])
        settings = RelyingParty.Settings(
            issuer: issuer, clientID: Self.clientID, clientSecret: ClientSecret("s3cret"),
            redirectURI: "https://auth.example/callback/1")
    }

    func makeRelyingParty() -> RelyingParty {
        let clock = clock
        return RelyingParty(
            settings: settings,
            providers: ProviderDirectory(fetcher: provider, clock: { clock.now }), clock: { clock.now },
            randomBytes: { count in (0..<count).map { _ in UInt8.random(in: 0...255) } })
    }

    func defaultClaims(nonce: String) -> [String: JSONValue] {
        [
            "iss": .string(settings.issuer), "sub": "subject-1", "aud": .string(Self.clientID),
            "exp": .number(clock.seconds + 300), "iat": .number(clock.seconds), "nonce": .string(nonce),
            "email": "alice@acme.example", "email_verified": true,
        ]
    }

    func begin(_ relyingParty: RelyingParty) async throws -> (url: String, pending: PendingAuthorization) {
        try await relyingParty.begin(state: "state-1", loginHint: nil, additionalScopes: [], forceLogin: forceLogin)
            .get()
    }

    /// Has the provider answer the token request for this flow.
    func prepare(_ pending: PendingAuthorization) throws {
        let claims = defaultClaims(nonce: pending.nonce).merging(claims) { $1 }
            .filter { !withoutClaims.contains($0.key) }
        let payload = payload.map { $0.replacing("NONCE", with: pending.nonce) } ?? JSONValue.object(claims).text
        let token = try idToken ?? key.token(payload: payload, algorithm, keyID: keyID, header: header)
        let response: [String: JSONValue] = [
            "access_token": .string(Self.accessToken), "token_type": "Bearer", "id_token": .string(token),
        ]
        provider.respond(
            to: provider.tokenURL,
            json: JSONValue.object(response.merging(tokenResponse) { $1 }.filter { $0.value != .null }).text)
    }

    func run() async throws -> Result<ValidatedIdentity, OIDCRefusal> {
        let relyingParty = makeRelyingParty()
        let pending = try await begin(relyingParty).pending
        try prepare(pending)
        let parameters = callback ?? [("code", Self.code), ("state", pending.state)]
        return await relyingParty.complete(parameters: parameters + additionalParameters, pending: pending)
    }
}

extension Result {
    var refusal: Failure? {
        if case .failure(let refusal) = self { refusal } else { nil }
    }

    var value: Success? {
        if case .success(let value) = self { value } else { nil }
    }
}

/// The value of one parameter of a form or query.
func formValues(_ name: String, in text: String) -> [String] {
    text.split(separator: "&").compactMap { pair -> String? in
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == name else { return nil }
        return parts[1].replacing("+", with: " ").removingPercentEncoding
    }
}
