/// A URL at which a provider is reached: https, or http to a loopback host. Made of printable ASCII
/// without user information and fragment, in lower-case scheme and host, so that no two readers see
/// different hosts in it.
public struct EndpointURL: Sendable, Hashable {
    public let text: String
    /// Whether it has a query. RFC 6749 §3.1 lets the authorization endpoint have one, "which MUST
    /// be retained when adding additional query parameters".
    let hasQuery: Bool

    /// `nil` if the text is not such a URL.
    public init?(_ text: String) {
        guard text.utf8.count <= Bounds.maximumURLBytes, text.utf8.allSatisfy(Self.isAllowed) else { return nil }
        let isTLS = text.hasPrefix("https://")
        guard isTLS || text.hasPrefix("http://") else { return nil }
        let rest = text.utf8.dropFirst(isTLS ? 8 : 7)
        let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        guard let host = Self.host(ofAuthority: Substring(authority)) else { return nil }
        guard isTLS || Self.isLoopback(host) else { return nil }
        self.text = text
        hasQuery = rest.contains(UInt8(ascii: "?"))
    }

    /// Printable ASCII but `#` (a fragment never leaves the browser), and what RFC 3986 has nowhere
    /// and URL parsers treat differently.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "#"), UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"),
            UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"):
            false
        case 0x21...0x7E: true
        default: false
        }
    }

    /// The host of `host` or `host:port`; `nil` for user information, a bad port, or what is neither
    /// a name, an IPv4 address nor a bracketed IPv6 address.
    private static func host(ofAuthority authority: Substring) -> Substring? {
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            let host = authority[...end]
            let isAddress = host.dropFirst().dropLast().utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
                    || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
            }
            return isAddress && host.utf8.count > 3 && isPortSuffix(authority[host.endIndex...]) ? host : nil
        }
        let host = authority.prefix { $0 != ":" }
        let isName = host.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
        }
        return isName && !host.isEmpty && isPortSuffix(authority[host.endIndex...]) ? host : nil
    }

    /// Nothing, or a colon and a port from 1 to 65535 in decimal.
    private static func isPortSuffix(_ suffix: Substring) -> Bool {
        guard !suffix.isEmpty else { return true }
        let digits = suffix.dropFirst()
        guard suffix.first == ":", (1...5).contains(digits.utf8.count), digits.first != "0",
            digits.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains)
        else { return false }
        return UInt16(digits) != nil
    }

    /// `localhost`, a name below it (RFC 6761 §6.3), 127.0.0.0/8 in four plain numbers, or `[::1]`.
    private static func isLoopback(_ host: Substring) -> Bool {
        if host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]" { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers.first == "127"
            && numbers.allSatisfy { number in UInt8(number).map { String($0) == number } ?? false }
    }
}

extension EndpointURL: CustomStringConvertible {
    public var description: String { text }
}
