import Crypto

extension DemoIdentityProvider {
    /// A signed ID token (OpenID Connect Core §2), spoilt as the injected faults say.
    func idToken(for user: DemoUser, grant: Grant, accessToken: String) throws -> String {
        let faults = state.withLock { $0.faults }
        let claims = spoil(idTokenClaims(for: user, grant: grant, accessToken: accessToken), faults)
        guard let key = state.withLock({ $0.keys.first }) else { throw KeyMissing() }
        var header: [String: JSONValue] = ["alg": .string(key.algorithm.rawValue), "kid": .string(key.id), "typ": "JWT"]
        if faults.contains(.unknownKeyID) { header["kid"] = "key-unknown" }
        if faults.contains(.missingKeyID) { header["kid"] = nil }
        if faults.contains(.unknownCriticalHeader) {
            header["crit"] = .array(["demo-unknown"])
            header["demo-unknown"] = true
        }
        if faults.contains(.unsigned) { header["alg"] = "none" }
        if faults.contains(.signedWithPublicKey) { header["alg"] = "HS256" }
        let signed = [JSONValue.object(header), .object(claims)].map { Base64URL.encode(Array($0.serialized.utf8)) }
            .joined(separator: ".")
        return signed + "." + Base64URL.encode(try signature(over: Array(signed.utf8), key: key, faults: faults))
    }

    private struct KeyMissing: Error {}

    private func signature(over bytes: [UInt8], key: SigningKey, faults: Set<Fault>) throws -> [UInt8] {
        if faults.contains(.unsigned) { return [] }
        if faults.contains(.signedWithPublicKey) {
            let secret = SymmetricKey(data: Array(try key.publicJWK().serialized.utf8))
            return Array(HMAC<SHA256>.authenticationCode(for: bytes, using: secret))
        }
        var signature = try key.signature(over: bytes)
        if faults.contains(.badSignature), let last = signature.indices.last { signature[last] ^= 1 }
        return signature
    }

    private func idTokenClaims(for user: DemoUser, grant: Grant, accessToken: String) -> [String: JSONValue] {
        let now = environment.seconds
        var claims: [String: JSONValue] =
            switch settings.claimPlacement {
            case .everywhere: personalClaims(of: user, scopes: grant.scopes)
            case .userinfoOnly: [:]
            }
        claims["iss"] = .string(issuer)
        claims["sub"] = .string(user.subject)
        claims["aud"] = .string(grant.clientID)
        claims["iat"] = .integer(now)
        claims["exp"] = .integer(now + settings.tokenLifetime)
        claims["auth_time"] = .integer(grant.session.authenticatedAt)
        claims["sid"] = .string(grant.session.id)
        claims["nonce"] = grant.nonce.map(JSONValue.string)
        // §3.1.3.6: the left half of the hash of the access token's text.
        claims["at_hash"] = .string(Base64URL.encode(SHA256.hash(data: Array(accessToken.utf8)).prefix(16)))
        return claims
    }

    /// What the scopes `email`, `profile` and `groups` stand for.
    func personalClaims(of user: DemoUser, scopes: Set<String>) -> [String: JSONValue] {
        var claims: [String: JSONValue] = [:]
        if scopes.contains("email") {
            claims["email"] = .string(user.email)
            claims["email_verified"] = .boolean(user.isEmailVerified)
        }
        if scopes.contains("profile") { claims["name"] = .string(user.name) }
        if scopes.contains("groups") { claims["groups"] = .array(user.groups.map(JSONValue.string)) }
        return spoilPersonal(claims)
    }

    private func spoilPersonal(_ claims: [String: JSONValue]) -> [String: JSONValue] {
        var claims = claims
        for fault in state.withLock({ $0.faults }) {
            switch fault {
            case .unverifiedEmail: claims["email_verified"] = false
            case .unverifiedEmailAsText: claims["email_verified"] = "false"
            case .otherEmail(let address): claims["email"] = .string(address)
            default: break
            }
        }
        return claims
    }

    private func spoil(_ claims: [String: JSONValue], _ faults: Set<Fault>) -> [String: JSONValue] {
        var claims = claims
        let now = environment.seconds
        for fault in faults {
            switch fault {
            case .wrongNonce: claims["nonce"] = "another-nonce"
            case .missingNonce: claims["nonce"] = nil
            case .wrongAudience: claims["aud"] = "another-client"
            case .additionalAudience: claims["aud"] = .array([claims["aud"] ?? .null, "another-client"])
            case .expired:
                claims["iat"] = .integer(now - 7200)
                claims["exp"] = .integer(now - 3600)
            case .issuedInFuture: claims["iat"] = .integer(now + 3600)
            case .otherIssuer: claims["iss"] = "http://other.localhost"
            case .missingSubject: claims["sub"] = nil
            case .wrongAccessTokenHash: claims["at_hash"] = .string(Base64URL.encode([UInt8](repeating: 0, count: 16)))
            default: break
            }
        }
        return claims
    }
}
