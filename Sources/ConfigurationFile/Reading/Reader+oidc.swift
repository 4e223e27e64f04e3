import Tenancy

/// `[[connection]]` with `type = "oidc"`.
extension Reader {
    func oidcSettings(_ section: Section<ConnectionKey>, isLimited: Bool) -> OIDCConnectionSettings? {
        section.require(.issuer)
        section.require(.clientID)
        let issuer = section.parsed(.issuer, Self.issuer)
        if let issuer, let company = SharedIssuer.name(of: issuer.value), !isLimited {
            section.error(
                .issuer,
                "\(company) signs in people of every company: add `email_domains` or `required_claims` (such as hd or tid) to this connection"
            )
        }
        let clientID = section.string(.clientID)
        let secret = self.secret(section, inline: .clientSecret, file: .clientSecretFile)
        let algorithms = section.parsedList(.algorithms, Self.algorithm)
        if section.strings(.algorithms)?.isEmpty == true {
            section.error(.algorithms, "the list is empty: no ID token could be accepted; remove the key or list algorithms")
        }
        let customScopes = section.parsedList(.customScopes, Self.scope) ?? []
        let queryScopes = section.parsedList(.queryScopes, Self.scope)
        let userinfo = section.word(.userinfo, OIDCConnectionSettings.UserinfoPolicy.self)
        let mapping = attributeMapping(section)
        let subjectClaim = section.string(.subjectClaim, maximumBytes: 256)
        guard let issuer, let clientID else { return nil }
        var settings = OIDCConnectionSettings(
            issuer: issuer.value.text, clientID: clientID.value, clientSecret: secret, customScopes: customScopes.map(\.value),
            attributeMapping: mapping, subjectClaim: subjectClaim?.value)
        if let algorithms { settings.algorithms = algorithms.map(\.value) }
        if let queryScopes { settings.queryScopes = queryScopes.map(\.value) }
        if let userinfo { settings.userinfo = userinfo.value }
        return settings
    }

    /// OpenID Connect Discovery §3: https, "no query or fragment component".
    private static func issuer(_ text: String) -> Result<WebURL, Advice> {
        WebURL.parse(text).flatMap { url in
            if url.query != nil { return .failure(Advice("an issuer has no query: remove what follows the ?")) }
            if url.fragment != nil { return .failure(Advice("an issuer has no fragment: remove what follows the #")) }
            if url.path.hasSuffix("/.well-known/openid-configuration") {
                return .failure(Advice("write the issuer, without /.well-known/openid-configuration"))
            }
            return plainHTTPAdvice(url.origin).map { .failure($0) } ?? .success(url)
        }
    }

    /// RFC 7518 §3.1 and RFC 8037 §3.1, asymmetric and without SHA-1.
    static let knownAlgorithms = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    ]

    private static func algorithm(_ text: String) -> Result<String, Advice> {
        if knownAlgorithms.contains(text) { return .success(text) }
        switch text.asciiLowercased {
        case "none": return .failure(Advice("a token without a signature proves nothing: remove it"))
        case "hs256", "hs384", "hs512":
            return .failure(
                Advice("the client secret would be the signing key, so that whoever has it could sign in as anybody: remove it"))
        case "rs1": return .failure(Advice("SHA-1 is broken: remove it and let the IdP sign with RS256"))
        default:
            let hint = Nearest.suggestion(for: text, among: knownAlgorithms)
            return .failure(Advice("write one of \(knownAlgorithms.joined(separator: ", "))\(hint)"))
        }
    }

    /// RFC 6749 §3.3 `scope-token`; `*` is one.
    private static func scope(_ text: String) -> Result<String, Advice> {
        let isToken = text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
        return isToken ? .success(text) : .failure(Advice("a scope has no space, quote or backslash: write each scope as one entry"))
    }
}

/// Issuers that answer for many companies: their signature alone says nothing about the company (R2).
enum SharedIssuer {
    /// What messages call it; `nil` for every other issuer.
    static func name(of url: WebURL) -> String? {
        let tenant = url.path.split(separator: "/").first.map { String($0).asciiLowercased } ?? ""
        switch url.origin.host {
        case "accounts.google.com", "google.com", "www.google.com": return "Google"
        // The last one is the tenant of personal accounts, to which `consumers` leads.
        case "login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn",
            "login.windows.net", "sts.windows.net":
            let shared: Set<String> = ["common", "organizations", "consumers", "9188040d-6c67-4b5b-b112-36a304b66dad"]
            return shared.contains(tenant) ? "Microsoft Entra's \(tenant)" : nil
        case "appleid.apple.com": return "Apple"
        default: return nil
        }
    }
}
