import Crypto
import CryptoExtras
import Foundation

@testable import DemoWorld

/// A relying party for tests, which checks signatures with nothing of the provider's own code but its published keys.
struct RelyingParty {
    static let redirectURI = "http://127.0.0.1:8080/callback"
    static let secret = "a secret: with + and %"
    let verifier = String(repeating: "v", count: 43)

    static func provider(
        _ clock: HandClock = HandClock(), algorithm: DemoIdentityProvider.SigningAlgorithm = .es256,
        claimPlacement: DemoIdentityProvider.ClaimPlacement = .everywhere
    ) throws -> DemoIdentityProvider {
        try DemoIdentityProvider(
            issuer: "http://127.0.0.1:9400",
            settings: .init(
                clients: [.init(id: "client", secret: secret, redirectURIs: [redirectURI])], algorithm: algorithm,
                claimPlacement: claimPlacement),
            environment: clock.environment)
    }

    /// The target of an authorization request; `changes` replaces parameters, `nil` leaves one out.
    func authorizationTarget(_ changes: [String: String?] = [:]) -> String {
        var parameters: [String: String?] = [
            "client_id": "client", "redirect_uri": Self.redirectURI, "response_type": "code",
            "scope": "openid email profile groups", "state": "state-1", "nonce": "nonce-1", "code_challenge_method": "S256",
            "code_challenge": Base64URL.encode(SHA256.hash(data: Array(verifier.utf8))),
        ]
        for (name, value) in changes { parameters[name] = .some(value) }
        let pairs = parameters.sorted { $0.key < $1.key }.compactMap { name, value in
            value.map { FormFields.Pair(name, $0) }
        }
        return "/authorize?" + FormFields(pairs).encoded
    }

    /// The parameters that come back to the redirect URI.
    func callback(_ reply: DemoReply) -> FormFields {
        let location = reply.value(of: "Location") ?? ""
        guard location.hasPrefix(Self.redirectURI + "?") else { return FormFields() }
        return FormFields(String(location.dropFirst(Self.redirectURI.utf8.count + 1))) ?? FormFields()
    }

    static var basic: DemoRequest.Field {
        let pair = FormFields.encode("client") + ":" + FormFields.encode(secret)
        return .init("Authorization", "Basic " + Data(pair.utf8).base64EncodedString())
    }

    func redeem(
        _ code: String, at provider: DemoIdentityProvider, redirectURI: String = redirectURI, verifier: String? = nil
    ) async -> DemoReply {
        var client = Browser(provider)
        return await client.post(
            "/token",
            [
                "grant_type": "authorization_code", "code": code, "redirect_uri": redirectURI,
                "code_verifier": verifier ?? self.verifier,
            ], fields: [Self.basic])
    }

    /// A whole sign-in; the token endpoint's answer.
    func signIn(_ login: String = "alice", at provider: DemoIdentityProvider, _ changes: [String: String?] = [:]) async -> JSONValue {
        var browser = Browser(provider)
        let back = callback(await browser.post(authorizationTarget(changes), ["user": login]))
        return JSONValue(parsing: await redeem(back["code"] ?? "", at: provider).body) ?? .null
    }

    /// The parts of a compact JWS.
    static func parts(_ token: JSONValue?) -> (header: JSONValue, claims: JSONValue, signed: [UInt8], signature: [UInt8])? {
        guard let parts = token?.string?.split(separator: ".", omittingEmptySubsequences: false), parts.count == 3,
            let header = Base64URL.decode(parts[0]).flatMap(JSONValue.init(parsing:)),
            let claims = Base64URL.decode(parts[1]).flatMap(JSONValue.init(parsing:)), let signature = Base64URL.decode(parts[2])
        else { return nil }
        return (header, claims, Array("\(parts[0]).\(parts[1])".utf8), signature)
    }

    /// Whether a published key of the token's `kid` verifies it.
    func verifies(_ token: JSONValue?, at provider: DemoIdentityProvider) async throws -> Bool {
        guard let parts = Self.parts(token) else { return false }
        var client = Browser(provider)
        let keys = JSONValue(parsing: await client.get("/jwks").body)?["keys"]?.array ?? []
        guard let key = keys.first(where: { $0["kid"] == parts.header["kid"] }), key["alg"] == parts.header["alg"] else {
            return false
        }
        func number(_ name: String) -> [UInt8] { key[name]?.string.flatMap(Base64URL.decode) ?? [] }
        switch key["kty"]?.string {
        case "RSA":
            return try _RSA.Signing.PublicKey(n: number("n"), e: number("e")).isValidSignature(
                .init(rawRepresentation: parts.signature), for: SHA256.hash(data: parts.signed), padding: .insecurePKCS1v1_5)
        case "EC":
            return try P256.Signing.PublicKey(rawRepresentation: number("x") + number("y")).isValidSignature(
                .init(rawRepresentation: parts.signature), for: parts.signed)
        default: return false
        }
    }
}
