/// Names of request headers that a route may set.
enum HeaderName {
    /// How every server could read the name (CGI, WSGI and PHP join `-` and `_`): lower case, any byte
    /// that is not a letter or digit as `-`.
    static func folded(_ name: String) -> String {
        String(
            decoding: name.utf8.map { byte in
                byte.isASCIIUpper ? byte | 0x20 : byte.isASCIILetterOrDigit ? byte : UInt8(ascii: "-")
            }, as: UTF8.self)
    }

    /// What is wrong with a name; `nil` if nothing is.
    static func advice(for name: String) -> String? {
        guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy(\.isHTTPTokenByte) else {
            return "a header name is 1 to 64 letters, digits and hyphens"
        }
        let folded = folded(name)
        if folded.hasPrefix("x-gateway-") { return "X-Gateway- headers are the gateway's own, in every spelling: choose another name" }
        if folded.hasPrefix("x-forwarded-") || own.contains(folded) {
            return "the gateway rebuilds this header for every request: remove it"
        }
        if hopByHop.contains(folded) { return "the header belongs to one connection and is never forwarded: remove it" }
        if message.contains(folded) || folded.hasPrefix("sec-") {
            return
                "the header is part of the request itself, and a route's headers are removed from every client's request: choose another name"
        }
        return nil
    }

    /// What is wrong with the name of a response header that a route sets or removes; `nil` if nothing is.
    static func advice(forResponse name: String) -> String? {
        guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy(\.isHTTPTokenByte) else {
            return "a header name is 1 to 64 letters, digits and hyphens"
        }
        let folded = folded(name)
        if folded.hasPrefix("x-gateway-") { return "X-Gateway- headers are the gateway's own, and always removed: choose another name" }
        if hopByHop.contains(folded) { return "the header belongs to one connection: remove it" }
        if body.contains(folded) { return "the header is part of the response itself: remove it" }
        return nil
    }

    private static let body: Set<String> = [
        "content-length", "content-encoding", "content-range", "content-type", "set-cookie", "date", "location",
    ]
    private static let own: Set<String> = ["forwarded", "x-request-id", "x-real-ip", "via"]
    /// RFC 9110 §7.6.1 and what was used before it.
    private static let hopByHop: Set<String> = [
        "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "te", "trailer",
        "transfer-encoding", "upgrade", "http2-settings",
    ]
    private static let message: Set<String> = [
        "host", "content-length", "content-type", "content-encoding", "content-range", "cookie", "set-cookie", "expect",
        "range", "accept", "accept-encoding", "origin", "date",
    ]
}
