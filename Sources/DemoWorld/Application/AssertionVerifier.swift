import Crypto

/// Checks the gateway's assertion, as any application behind it should.
struct AssertionVerifier: Sendable {
    enum Kind: String, Sendable {
        case member
        /// Proof that nobody is signed in, on a public path.
        case anonymous
    }

    enum Refusal: String, Sendable, CaseIterable, Error {
        case severalAssertions = "several_assertions"
        case malformed
        case wrongType = "wrong_type"
        case wrongAlgorithm = "wrong_algorithm"
        case unknownCriticalHeader = "unknown_critical_header"
        case unknownKey = "unknown_key"
        case keysUnavailable = "keys_unavailable"
        case badSignature = "bad_signature"
        case wrongIssuer = "wrong_issuer"
        case wrongAudience = "wrong_audience"
        case notYetValid = "not_yet_valid"
        case expired
    }

    enum Outcome: Sendable {
        /// The request has no assertion of either kind.
        case absent
        case verified(Kind, claims: JSONValue)
        case refused(Refusal)
    }

    static let assertionField = "x-gateway-assertion"
    static let anonymousField = "x-gateway-anonymous"
    /// Longer ones are not looked at.
    static let maximumTokenBytes = 16 * 1024
    /// Seconds that the gateway's clock may be ahead.
    static let clockTolerance: Int64 = 5

    /// The gateway's `external_url`.
    let issuer: String
    let keys: AssertionKeys
    /// Seconds since 1970.
    let now: @Sendable () -> Int64

    /// - Parameter origin: where the browser sees the application, `nil` if the request's host is not its own.
    func verify(_ request: DemoRequest, origin: String?) async -> Outcome {
        let found = request.fields.filter { [Self.assertionField, Self.anonymousField].contains($0.name.lowercased()) }
        guard let field = found.first else { return .absent }
        guard found.count == 1 else { return .refused(.severalAssertions) }
        let kind: Kind = field.name.lowercased() == Self.assertionField ? .member : .anonymous
        do {
            return .verified(kind, claims: try await verify(field.value, kind: kind, origin: origin))
        } catch {
            return .refused(error)
        }
    }

    private func verify(_ token: String, kind: Kind, origin: String?) async throws(Refusal) -> JSONValue {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard token.utf8.count <= Self.maximumTokenBytes, parts.count == 3,
            let header = Base64URL.decode(parts[0]).flatMap(JSONValue.init(parsing:)),
            let claims = Base64URL.decode(parts[1]).flatMap(JSONValue.init(parsing:)),
            let signature = Base64URL.decode(parts[2])
        else { throw .malformed }
        guard header["alg"]?.string == "ES256" else { throw .wrongAlgorithm }
        guard header["crit"] == nil else { throw .unknownCriticalHeader }
        // RFC 8725 §3.11: the type keeps one kind of token from being taken for another.
        let type = header["typ"]?.string?.lowercased()
        switch kind {
        case .member: guard header["typ"] == nil || type == "jwt" else { throw .wrongType }
        case .anonymous: guard type == "anonymous+jwt" else { throw .wrongType }
        }
        guard let keyID = header["kid"]?.string else { throw .unknownKey }
        let key = try await key(id: keyID)
        guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature),
            key.isValidSignature(signature, for: Array("\(parts[0]).\(parts[1])".utf8))
        else { throw .badSignature }
        try check(claims, kind: kind, origin: origin)
        return claims
    }

    private func key(id: String) async throws(Refusal) -> P256.Signing.PublicKey {
        switch await keys.key(id: id) {
        case .key(let key): return key
        case .unknown: throw .unknownKey
        case .unavailable: throw .keysUnavailable
        }
    }

    private func check(_ claims: JSONValue, kind: Kind, origin: String?) throws(Refusal) {
        guard claims["iss"]?.string == issuer else { throw .wrongIssuer }
        let suffix =
            switch kind {
            case .member: ""
            case .anonymous: "#anonymous"
            }
        guard let origin, claims["aud"]?.string == origin + suffix else { throw .wrongAudience }
        let now = now()
        guard let expiry = claims["exp"]?.integer, now < expiry else { throw .expired }
        for name in ["nbf", "iat"] {
            guard let begin = claims[name]?.integer, begin <= now + Self.clockTolerance else { throw .notYetValid }
        }
    }
}
