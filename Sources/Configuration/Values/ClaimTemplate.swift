/// Templates of `custom_claims`: text with placeholders from a closed list.
public enum ClaimTemplate {
    /// The placeholders without a key of their own.
    public static let names = [
        "member.id", "member.email", "member.name", "organization.id", "organization.slug", "organization.name",
    ]
    /// Followed by a key of the metadata, and by further keys after dots. Untrusted metadata is not here:
    /// members write it themselves, and a signed claim must not say what its subject made up.
    public static let prefixes = ["member.trusted_metadata.", "organization.trusted_metadata."]

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
            name.hasPrefix(prefix)
                && name.dropFirst(prefix.count).split(separator: ".", omittingEmptySubsequences: false).allSatisfy { key in
                    !key.isEmpty && key.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
                }
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
