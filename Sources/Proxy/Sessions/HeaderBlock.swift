/// Checks header bytes that the gateway's own parts hand in, before they go between two systems: a CR, LF
/// or NUL from a display name or a configured text must not become a field (or a request) of its own.
enum HeaderBlock {
    /// Whether `block` is nothing but `Name: value\r\n` lines.
    static func isWellFormed(_ block: [UInt8]) -> Bool {
        block.withUnsafeBytes { raw in
            let view = ByteView(raw)
            var index = 0
            while index < view.count {
                let nameStart = index
                while view[index].isToken { index += 1 }
                guard index > nameStart, view[index] == 0x3A else { return false }
                index = FieldSectionParser.endOfValue(view, from: index + 1)
                guard view[index] == 0x0D, view[index + 1] == 0x0A else { return false }
                index += 2
            }
            return true
        }
    }

    static func isWellFormed(name: String, value: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy(\.isToken)
            && value.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }
    }
}
