/// A URL that we are willing to fetch. libcurl parses the same text again: whatever two parsers could read in two
/// ways (user information, backslashes, escapes in the host, control and non-ASCII bytes) is refused before.
struct FetchURL: Sendable, Equatable {
    static let maximumBytes = 8192
    /// RFC 1035 §3.1, in text form with the final dot.
    static let maximumHostBytes = 254

    /// `http`, which is for loopback alone.
    let isPlain: Bool
    /// Host in lower case, colon and port: what requests are counted by.
    let origin: String

    init?(_ text: String) {
        let bytes = text.utf8
        guard bytes.count <= Self.maximumBytes,
            bytes.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "#") })
        else { return nil }
        let rest: Substring
        if text.hasPrefix("https://") {
            isPlain = false
            rest = text.dropFirst(8)
        } else if text.hasPrefix("http://") {
            isPlain = true
            rest = text.dropFirst(7)
        } else {
            return nil
        }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let colon = authority.hasSuffix("]") ? nil : authority.lastIndex(of: ":")
        let host = authority[..<(colon ?? authority.endIndex)].lowercased()
        guard Self.isHost(host) else { return nil }
        if isPlain, !Self.isLoopback(host) { return nil }
        var port: UInt16 = isPlain ? 80 : 443
        if let colon {
            guard let stated = Self.port(authority[authority.index(after: colon)...]) else { return nil }
            port = stated
        }
        origin = "\(host):\(port)"
    }

    /// A name, an IPv4 address in whatever form libcurl reads, or an IPv6 address in brackets. No escapes and no
    /// zones. Which address a name or number means is judged when it is connected to.
    private static func isHost(_ host: String) -> Bool {
        if let address = bracketed(host) { return address.contains(":") && SocketAddress.bytes(ofText: address) != nil }
        return (1...maximumHostBytes).contains(host.utf8.count)
            && host.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                    UInt8(ascii: "."), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    /// The connection is checked as well: a name that says loopback must lead there.
    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host.hasSuffix(".localhost") { return true }
        return SocketAddress.bytes(ofText: bracketed(host) ?? host).map(AddressPolicy.isLoopback) ?? false
    }

    private static func bracketed(_ host: String) -> String? {
        guard host.hasPrefix("["), host.hasSuffix("]") else { return nil }
        return String(host.dropFirst().dropLast())
    }

    /// Digits alone: `UInt16` would take a sign too.
    private static func port(_ text: Substring) -> UInt16? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let port = UInt16(text), port > 0
        else { return nil }
        return port
    }
}
