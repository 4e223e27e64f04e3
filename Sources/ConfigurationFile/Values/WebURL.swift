/// An absolute http or https URL (RFC 3986 with RFC 9110 §4.2), taken apart strictly. The text itself is
/// kept, because issuers and redirect URLs are compared byte by byte.
struct WebURL: Sendable, Equatable {
    var text: String
    var origin: Origin
    /// Empty, or beginning with `/`.
    var path: String
    var query: String?
    var fragment: String?

    /// In bytes. Costs nothing but the memory; longer ones are cut by browsers and servers alike.
    static let maximumBytes = 2048

    static func parse(_ text: String) -> Result<WebURL, Advice> {
        guard text.utf8.count <= maximumBytes else { return .failure(Advice("it is longer than \(maximumBytes) bytes")) }
        guard let scheme = Origin.Scheme.allCases.first(where: { text.hasPrefix($0.rawValue + "://") }) else {
            return .failure(Advice("write a whole URL that begins with https://"))
        }
        var rest = text.dropFirst(scheme.rawValue.count + 3)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        rest = rest.dropFirst(authority.count)
        if authority.contains("@") { return .failure(Advice("remove the user name from the URL")) }
        let origin: Origin
        switch Origin.parse(scheme: scheme, authority: String(authority)) {
        case .success(let value): origin = value
        case .failure(let refusal): return .failure(refusal)
        }
        guard hasOnlyURLBytes(rest) else {
            return .failure(Advice("it has a character that must be percent-encoded in a URL"))
        }
        let beforeFragment = rest.prefix { $0 != "#" }
        let path = beforeFragment.prefix { $0 != "?" }
        return .success(
            WebURL(
                text: text, origin: origin, path: String(path),
                query: path.count == beforeFragment.count ? nil : String(beforeFragment.dropFirst(path.count + 1)),
                fragment: beforeFragment.count == rest.count ? nil : String(rest.dropFirst(beforeFragment.count + 1))))
    }

    /// `pchar`, `/`, `?`, one `#`, and whole escapes.
    private static func hasOnlyURLBytes(_ text: Substring) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count(where: { $0 == UInt8(ascii: "#") }) <= 1 else { return false }
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "%"):
                guard index + 2 < bytes.count, bytes[index + 1].hexValue != nil, bytes[index + 2].hexValue != nil else {
                    return false
                }
            case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: ":"), UInt8(ascii: "@"): continue
            default: guard byte.isURLUnreserved || byte.isURLSubDelimiter else { return false }
            }
        }
        return true
    }
}
