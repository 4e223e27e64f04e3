/// Names of hosts as the gateway compares them: lower-case LDH labels (RFC 5890 §2.3.1), no trailing dot.
enum HostName {
    /// RFC 1035 §2.3.4, in bytes.
    static let maximumBytes = 253
    static let maximumLabelBytes = 63

    /// One to 63 lower-case letters, digits and inner hyphens.
    static func isLabel(_ text: String) -> Bool { isLabel(bytes: text.utf8) }

    private static func isLabel(bytes: some BidirectionalCollection<UInt8>) -> Bool {
        (1...maximumLabelBytes).contains(bytes.count) && bytes.first != UInt8(ascii: "-")
            && bytes.last != UInt8(ascii: "-")
            && bytes.allSatisfy { $0.isASCIILower || $0.isASCIIDigit || $0 == UInt8(ascii: "-") }
    }

    static func isCanonical(_ text: String) -> Bool {
        text.utf8.count <= maximumBytes
            && text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { isLabel(bytes: $0) }
    }

    /// A DNS name, or an IPv4 address: the form that a `Host` header without a port has.
    static func isNameOrIPv4(_ text: String) -> Bool {
        guard isCanonical(text) else { return false }
        // A last label of digits alone is an IPv4 address to every URL parser (WHATWG URL §3.5): then it
        // must be one in the usual form, not `0x7f.1` or `127.1`.
        let last = text.utf8.reversed().prefix { $0 != UInt8(ascii: ".") }
        return last.allSatisfy(\.isASCIIDigit) ? IPAddress(text) != nil : true
    }

    /// What is wrong with a host and how to write it; `nil` if nothing is.
    static func advice(for text: String) -> String? {
        if isNameOrIPv4(text) { return nil }
        if text.contains("://") { return "write the host alone, without a scheme" }
        if text.contains("/") { return "write the host alone; a path goes into `path`" }
        if text.hasPrefix("[") || text.filter({ $0 == ":" }).count > 1 { return "an IPv6 address can't be a route's host: use a name" }
        if text.contains(":") { return "write it without a port: matching ignores the port" }
        if text.contains("*") { return "a wildcard is written `{organization}.` before the rest of the name" }
        if text.utf8.contains(where: { $0 >= 0x80 }) { return "write an international name in its ASCII form (`xn--…`)" }
        if text.hasSuffix("."), isNameOrIPv4(String(text.dropLast())) { return "write it without the dot at the end" }
        if text != text.asciiLowercased, isNameOrIPv4(text.asciiLowercased) { return "write it in lower case: `\(text.asciiLowercased)`" }
        return "a host is labels of letters, digits and inner hyphens, joined by dots"
    }

    /// Loopback addresses, `localhost` and names under it (RFC 6761 §6.3): traffic to them stays on the
    /// machine, so plain http is accepted there. Brackets of an IPv6 literal are already removed.
    static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host.hasSuffix(".localhost") || IPAddress(host)?.isLoopback == true
    }
}
