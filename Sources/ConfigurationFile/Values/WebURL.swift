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
        guard let scheme = Origin.Scheme.allCases.first(where: { text.utf8.starts(with: ($0.rawValue + "://").utf8) }) else {
            return .failure(Advice("write a whole URL that begins with https://"))
        }
        var rest = text.utf8.dropFirst(scheme.rawValue.utf8.count + 3)
        let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        rest = rest.dropFirst(authority.count)
        if authority.contains(UInt8(ascii: "@")) { return .failure(Advice("remove the user name from the URL")) }
        let origin: Origin
        switch Origin.parse(scheme: scheme, authority: String(Substring(authority))) {
        case .success(let value): origin = value
        case .failure(let refusal): return .failure(refusal)
        }
        guard hasOnlyURLBytes(Array(rest)) else {
            return .failure(Advice("it has a character that must be percent-encoded in a URL"))
        }
        let beforeFragment = rest.prefix { $0 != UInt8(ascii: "#") }
        let path = beforeFragment.prefix { $0 != UInt8(ascii: "?") }
        func after(_ part: Substring.UTF8View, in whole: Substring.UTF8View) -> String? {
            part.count == whole.count ? nil : String(Substring(whole.dropFirst(part.count + 1)))
        }
        return .success(
            WebURL(
                text: text, origin: origin, path: String(Substring(path)), query: after(path, in: beforeFragment),
                fragment: after(beforeFragment, in: rest)))
    }

    /// `pchar`, `/`, `?`, one `#`, and whole escapes.
    private static func hasOnlyURLBytes(_ bytes: [UInt8]) -> Bool {
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
