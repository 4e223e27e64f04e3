/// A random UUID as text (RFC 9562 §5.4: version 4, variant 10).
enum UUIDText {
    /// `bytes`: 16 random ones; missing ones count as zero.
    static func make(_ bytes: [UInt8]) -> String {
        var value = Array(bytes.prefix(16))
        while value.count < 16 { value.append(0) }
        value[6] = value[6] & 0x0F | 0x40
        value[8] = value[8] & 0x3F | 0x80
        let hex = Array(Hex.encode(value))
        let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
        return groups.map { String(hex[$0]) }.joined(separator: "-")
    }
}
