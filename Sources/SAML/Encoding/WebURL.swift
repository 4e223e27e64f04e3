/// The one check of a URL that comes from metadata or a setting and goes into a `Location`.
enum WebURL {
    static let maximumBytes = 2048

    /// `https` to any host, or `http` to a loopback address or `localhost` name; printable ASCII, no
    /// user information, no fragment. `javascript:` and its like never get through (E29).
    static func isAllowed(_ url: String) -> Bool {
        let bytes = Array(url.utf8)
        guard bytes.count <= maximumBytes,
            bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"\"<>\\^`{|}#".utf8.contains($0) })
        else { return false }
        if url.hasPrefix("https://") {
            return host(ofAuthorityIn: url.dropFirst("https://".count)) != nil
        }
        guard url.hasPrefix("http://"), let host = host(ofAuthorityIn: url.dropFirst("http://".count)) else { return false }
        return isLoopback(host)
    }

    /// The host, lower case, brackets kept; `nil` where the authority is not just host and port.
    private static func host(ofAuthorityIn rest: Substring) -> String? {
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.contains("@"), !authority.contains("%") else { return nil }
        var host = authority
        var port: Substring = ""
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[...end]
            port = authority[authority.index(after: end)...]
            guard port.isEmpty || port.hasPrefix(":") else { return nil }
            port = port.dropFirst()
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...]
        }
        guard !host.isEmpty, port.utf8.count <= 5, port.utf8.allSatisfy(\.isASCIIDigit) else { return nil }
        return host.lowercased()
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]" { return true }
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets[0] == "127"
            && octets.allSatisfy { (1...3).contains($0.utf8.count) && $0.utf8.allSatisfy(\.isASCIIDigit) && (UInt8($0) != nil) }
    }
}
