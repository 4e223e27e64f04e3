/// Paths in the form on which the gateway decides and which it forwards ("Paths" of the contract).
enum CanonicalPath {
    /// In bytes.
    static let maximumBytes = 2048

    /// What keeps a path from being canonical and how to write it; `nil` if nothing does.
    static func advice(for path: String, keepsRepeatedSlashes: Bool = false, keepsEncodedSlashes: Bool = false) -> String? {
        let bytes = Array(path.utf8)
        guard bytes.first == UInt8(ascii: "/") else { return "a path begins with /" }
        guard bytes.count <= maximumBytes else { return "it is longer than \(maximumBytes) bytes" }
        if path.contains("?") || path.contains("#") { return "a path ends before ? and #: queries are never matched" }
        if path.contains("\\") { return "a backslash is refused in every request" }
        if path.contains("*") { return "there are no wildcards: a public path that ends in / is everything below it" }
        if !keepsRepeatedSlashes, zip(bytes, bytes.dropFirst()).contains(where: { $0 == UInt8(ascii: "/") && $1 == UInt8(ascii: "/") }) {
            return "// is collapsed before paths are matched: write one slash"
        }
        for segment in path.split(separator: "/", omittingEmptySubsequences: false) {
            let name = segment.prefix { $0 != ";" }
            if name == "." || name == ".." { return "dot segments are resolved before paths are matched: write the path that remains" }
        }
        return escapeAdvice(bytes, keepsEncodedSlashes: keepsEncodedSlashes)
    }

    private static func escapeAdvice(_ bytes: [UInt8], keepsEncodedSlashes: Bool) -> String? {
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            guard byte == UInt8(ascii: "%") else {
                let isAllowed =
                    byte.isURLUnreserved || byte.isURLSubDelimiter || byte == UInt8(ascii: "/")
                    || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "@")
                if !isAllowed { return "it has a character that arrives percent-encoded: write its escape (%20 for a space)" }
                continue
            }
            guard index + 1 < bytes.count, let high = bytes[index].hexValue, let low = bytes[index + 1].hexValue else {
                return "% is followed by two hexadecimal digits"
            }
            if bytes[index].isASCIILower || bytes[index + 1].isASCIILower { return "write the digits of escapes in upper case" }
            index += 2
            switch high << 4 | low {
            case UInt8(ascii: "/"):
                if !keepsEncodedSlashes {
                    return "an encoded slash is refused in every request, unless the route has keep_encoded_slashes = true"
                }
            case UInt8(ascii: "\\"), 0...0x1F, 0x7F: return "an encoded backslash or control byte is refused in every request"
            case UInt8(ascii: "%"):
                guard index + 1 < bytes.count, bytes[index].hexValue != nil, bytes[index + 1].hexValue != nil else { continue }
                return "an escaped escape can't be matched: remove it"
            case let value where value.isURLUnreserved:
                return "escapes of letters, digits, - . _ ~ are decoded before paths are matched: write the character itself"
            default: continue
            }
        }
        return nil
    }

    /// Whether `path` lies within the prefix `base`, on a segment boundary.
    static func contains(_ base: String, _ path: String) -> Bool {
        base == "/" || path == base || path.hasPrefix(base + "/")
    }
}
