/// Base64 with padding (RFC 4648 §4), strict: one encoding for each byte string.
enum Base64 {
    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var position = 0
        while position < bytes.count {
            let rest = bytes.count - position
            let first = bytes[position]
            let second = rest > 1 ? bytes[position + 1] : 0
            let third = rest > 2 ? bytes[position + 2] : 0
            text.append(alphabet[Int(first >> 2)])
            text.append(alphabet[Int((first & 0x03) << 4 | second >> 4)])
            text.append(rest > 1 ? alphabet[Int((second & 0x0F) << 2 | third >> 6)] : UInt8(ascii: "="))
            text.append(rest > 2 ? alphabet[Int(third & 0x3F)] : UInt8(ascii: "="))
            position += 3
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// `nil` for anything outside the alphabet, misplaced or missing padding, and bits set behind
    /// the end. White space is the caller's to allow.
    static func decode(_ text: [UInt8]) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var position = 0
        while position < text.count {
            let isLast = position + 4 == text.count
            let padding = !isLast || text[position + 3] != UInt8(ascii: "=") ? 0 : text[position + 2] == UInt8(ascii: "=") ? 2 : 1
            var group: UInt32 = 0
            for offset in 0..<4 {
                let sextet = offset < 4 - padding ? values[Int(text[position + offset])] : 0
                guard sextet < 64 else { return nil }
                group = group << 6 | UInt32(sextet)
            }
            guard padding == 0 || group & (padding == 1 ? 0xFF : 0xFFFF) == 0 else { return nil }
            bytes.append(UInt8(truncatingIfNeeded: group >> 16))
            if padding < 2 { bytes.append(UInt8(truncatingIfNeeded: group >> 8)) }
            if padding < 1 { bytes.append(UInt8(truncatingIfNeeded: group)) }
            position += 4
        }
        return bytes
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static let values: [UInt8] = {
        var table = [UInt8](repeating: 0xFF, count: 256)
        for (value, character) in alphabet.enumerated() { table[Int(character)] = UInt8(value) }
        return table
    }()
}
