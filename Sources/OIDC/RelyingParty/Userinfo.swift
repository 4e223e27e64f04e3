/// The answer of the userinfo endpoint, about the person of the ID token (OpenID Connect Core §5.3.2).
struct Userinfo: Sendable {
    let claims: [String: JSONValue]

    static func parse(_ response: IncomingResponse, subject: String) -> Result<Userinfo, UserinfoRefusal> {
        let types = response.values(of: "content-type")
        guard types.count == 1 else { return .failure(.malformed) }
        let type = types[0].prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        // A signed answer would have to be verified as a token is, with its own issuer and audience.
        guard type != "application/jwt" else { return .failure(.signedAnswer) }
        guard type == "application/json",
            case .success(.object(let claims)) =
                JSONValue.parse(response.body, maximumBytes: Bounds.maximumUserinfoBytes)
        else { return .failure(.malformed) }
        // "The sub Claim in the UserInfo Response MUST be verified to exactly match": otherwise an
        // access token of one person brings another's claims.
        guard let stated = claims["sub"]?.stringValue, haveSameBytes(stated, subject) else {
            return .failure(.wrongSubject)
        }
        return .success(Userinfo(claims: claims))
    }
}

extension Userinfo {
    /// Claims about the token and the sign-in, which only a signed token can make.
    private static let tokenClaims: Set<String> = [
        "iss", "sub", "aud", "azp", "exp", "iat", "nbf", "jti", "nonce", "at_hash", "c_hash", "s_hash", "auth_time",
        "acr", "amr", "sid",
    ]

    /// The ID token's claims and, where it has none, these.
    func merged(under idTokenClaims: [String: JSONValue]) -> [String: JSONValue] {
        var merged = claims.filter { !Self.tokenClaims.contains($0.key) && $0.value != .null }
        merged.merge(idTokenClaims) { _, idToken in idToken }
        merged["email_verified"] = emailVerified(with: idTokenClaims)
        return merged
    }

    /// `email_verified` says something about the `email` beside it and about no other address: taken
    /// claim by claim, one answer's address would get the other's verification. Where both speak
    /// about the address that is used, a denial counts more than an assertion.
    private func emailVerified(with idTokenClaims: [String: JSONValue]) -> JSONValue? {
        let email = (idTokenClaims["email"] ?? claims["email"])?.stringValue ?? ""
        let statements = [idTokenClaims, claims].compactMap { source -> JSONValue? in
            guard let statement = source["email_verified"] else { return nil }
            let isTrue = statement == .bool(true) || statement == .string("true")
            // Without an address beside it, a denial is heeded and an assertion is not.
            guard let address = source["email"]?.stringValue else { return isTrue ? nil : statement }
            return haveSameBytes(address, email) ? statement : nil
        }
        return statements.first { $0 != .bool(true) && $0 != .string("true") } ?? statements.first
    }
}
