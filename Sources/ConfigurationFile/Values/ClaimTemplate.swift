/// Templates of `custom_claims`: text with placeholders from a closed list.
public enum ClaimTemplate {
    /// The placeholders that headers have too.
    public static let names = RouteHeader.Placeholder.allCases.filter { $0 != .clientCertificateSubject }.map(\.rawValue)
    /// Followed by a name on the left of the connection's `attribute_mapping`. Untrusted metadata is not
    /// here: members write it themselves, and a signed claim must not say what its subject made up.
    public static let prefixes = ["member.trusted_metadata."]

    /// Claims that the gateway sets itself (section "What an upstream receives"), and those of RFC 7519 and
    /// OpenID Connect with a fixed meaning.
    static let reserved: Set<String> = [
        "iss", "aud", "sub", "iat", "nbf", "exp", "jti", "sid", "auth_time", "email", "email_verified", "name", "roles",
        "organization", "connection", "nonce", "azp", "acr", "amr", "cnf", "typ", "scope", "client_id",
    ]

    /// Whether `{name}` can be filled in.
    public static func isKnown(_ name: String) -> Bool {
        if names.contains(name) { return true }
        return prefixes.contains { prefix in
            name.hasPrefix(prefix) && name != prefix
                && name.utf8.allSatisfy { $0.isASCIILetterOrDigit || "_-.:".utf8.contains($0) }
        }
    }

    /// What is wrong with a template and what to do; `nil` if nothing is.
    static func advice(for text: String) -> String? {
        switch TemplateText.pieces(text) {
        case .failure(let refusal): return refusal.text
        case .success(let pieces):
            for case .placeholder(let name) in pieces where !isKnown(name) {
                let hint = Nearest.suggestion(for: name, among: names)
                let all = names.map { "{\($0)}" } + prefixes.map { "{\($0)…}" }
                return "`{\(name)}` is not a placeholder\(hint.isEmpty ? "." : hint) The placeholders are \(all.joined(separator: ", "))"
            }
            return nil
        }
    }
}
