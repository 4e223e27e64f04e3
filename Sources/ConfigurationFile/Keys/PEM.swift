/// Blocks of RFC 7468 text: `-----BEGIN LABEL-----`, base64, `-----END LABEL-----`.
struct PEMBlock: Equatable {
    var label: String
    /// As in the file, from BEGIN to END, lines ended by `\n`.
    var text: String
    var der: [UInt8]

    enum Refusal: Error, Equatable { case noBlock, unfinished, notBase64, encrypted }

    /// Every block in order; text between blocks is explanation (RFC 7468 §5.2) and skipped.
    static func all(in text: String) -> Result<[PEMBlock], Refusal> {
        var blocks: [PEMBlock] = []
        var open: (label: String, lines: [String])?
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.trimmingSpaces
            if let label = marker("BEGIN", line) {
                guard open == nil else { return .failure(.unfinished) }
                open = (label, [])
            } else if let label = marker("END", line) {
                guard let (begun, lines) = open, begun == label else { return .failure(.unfinished) }
                // "Proc-Type: 4,ENCRYPTED" of RFC 1421, and the label of RFC 5958.
                if label == "ENCRYPTED PRIVATE KEY" || lines.contains(where: { $0.contains(":") }) { return .failure(.encrypted) }
                guard let der = Base64.decode(lines.joined()), !der.isEmpty else { return .failure(.notBase64) }
                let text = (["-----BEGIN \(label)-----"] + lines + ["-----END \(label)-----", ""]).joined(separator: "\n")
                blocks.append(PEMBlock(label: label, text: text, der: der))
                open = nil
            } else {
                open?.lines.append(line)
            }
        }
        guard open == nil else { return .failure(.unfinished) }
        return blocks.isEmpty ? .failure(.noBlock) : .success(blocks)
    }

    private static func marker(_ kind: String, _ line: String) -> String? {
        let prefix = "-----\(kind) ", suffix = "-----"
        guard line.hasPrefix(prefix), line.hasSuffix(suffix), line.count > prefix.count + suffix.count else { return nil }
        return String(line.dropFirst(prefix.count).dropLast(suffix.count))
    }
}

/// RFC 4648 §4, strict: padding complete, nothing after it, unused bits zero.
enum Base64 {
    static func decode(_ text: String) -> [UInt8]? {
        let bytes = Array(text.utf8)
        guard bytes.count % 4 == 0 else { return nil }
        let padding = bytes.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard padding <= 2 else { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count / 4 * 3)
        var buffer: UInt32 = 0, bits = 0
        for byte in bytes.dropLast(padding) {
            guard let value = value(byte) else { return nil }
            buffer = buffer << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                output.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
                buffer &= (1 << UInt32(bits)) - 1
            }
        }
        return buffer == 0 ? output : nil
    }

    private static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(self[first...last])
    }
}
