/// DEFLATE (RFC 1951) as the HTTP-Redirect binding wants it: raw, without a zlib header.
enum Deflate {
    /// The longest stored block, in bytes (RFC 1951 §3.2.4: LEN has 16 bits).
    private static let maximumBlockBytes = 0xFFFF

    /// Stored blocks only. They are valid DEFLATE, a request is a few hundred bytes, and so nothing
    /// of zlib is needed. We never inflate.
    static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = bytes[...]
        repeat {
            let block = rest.prefix(maximumBlockBytes)
            rest = rest.dropFirst(maximumBlockBytes)
            let length = UInt16(truncatingIfNeeded: block.count)
            let complement = ~length
            result.append(rest.isEmpty ? 1 : 0)
            for word in [length, complement] {
                result.append(UInt8(truncatingIfNeeded: word))
                result.append(UInt8(truncatingIfNeeded: word >> 8))
            }
            result += block
        } while !rest.isEmpty
        return result
    }
}
