/// A `Host` value in the one form that is matched, decided on and forwarded: lower case, without a
/// trailing dot, the port apart.
enum CanonicalHost {
    /// RFC 1035 §2.3.4, without the final dot.
    static let maximumBytes = 253
    /// Bytes that `parse` may write: a host, a colon and a port.
    static let bufferBytes = 264

    struct Parsed {
        /// Bytes written.
        let count: Int
        /// `nil`: none was given.
        let port: UInt16?
    }

    /// Writes the canonical host to `out`, which has room for `bufferBytes`. `nil` for what is no
    /// registered name of letters, digits, `-` and `_`, no IPv4 address and no IPv6 literal: userinfo,
    /// escapes, other scripts, empty labels, odd ports.
    static func parse(_ view: ByteView, into out: UnsafeMutablePointer<UInt8>) -> Parsed? {
        view[0] == 0x5B ? parseLiteral(view, out) : parseName(view, out)
    }

    private static func parseName(_ view: ByteView, _ out: UnsafeMutablePointer<UInt8>) -> Parsed? {
        var count = 0
        var index = 0
        var previous: UInt8 = 0x2E
        while index < view.count {
            let byte = view[index]
            if byte == 0x3A { break }
            if byte == 0x2E {
                guard previous != 0x2E else { return nil }
            } else if !(byte.isDigit || byte.isLetter || byte == 0x2D || byte == 0x5F) {
                return nil
            }
            // One more than a host can have, for the trailing dot.
            guard count <= maximumBytes else { return nil }
            out[count] = byte.asciiLowercased
            previous = byte
            count += 1
            index += 1
        }
        if count > 0, out[count - 1] == 0x2E { count -= 1 }
        guard count > 0, count <= maximumBytes else { return nil }
        return finish(view, index, count)
    }

    private static func parseLiteral(_ view: ByteView, _ out: UnsafeMutablePointer<UInt8>) -> Parsed? {
        guard let close = view.firstIndex(of: 0x5D, from: 1), let address = IPAddress(view.slice(1, close)),
            view.slice(1, close).firstIndex(of: 0x3A, from: 0) != nil
        else { return nil }
        // ::ffff:1.2.3.4 and its like would have two names.
        guard !address.isIPv4 else { return nil }
        var count = 0
        out[count] = 0x5B
        count += 1
        for byte in address.text.utf8 {
            guard count < bufferBytes - 1 else { return nil }
            out[count] = byte
            count += 1
        }
        out[count] = 0x5D
        return finish(view, close + 1, count + 1)
    }

    private static func finish(_ view: ByteView, _ portStart: Int, _ count: Int) -> Parsed? {
        if portStart == view.count { return Parsed(count: count, port: nil) }
        guard view[portStart] == 0x3A else { return nil }
        let digits = view.slice(portStart + 1, view.count)
        guard digits.count >= 1, digits.count <= 5, let value = FieldSectionParser.decimal(digits), value >= 1, value <= 65_535 else {
            return nil
        }
        return Parsed(count: count, port: UInt16(truncatingIfNeeded: value))
    }

    /// The canonical form of a configured host without a port; `nil` for what no request can have.
    static func canonical(_ text: String) -> [UInt8]? {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bufferBytes) { out in
            guard let base = out.baseAddress else { return nil }
            var copy = text
            let parsed = copy.withUTF8 { parse(ByteView(UnsafeRawBufferPointer($0)), into: base) }
            guard let parsed, parsed.port == nil else { return nil }
            return Array(out.prefix(parsed.count))
        }
    }
}
