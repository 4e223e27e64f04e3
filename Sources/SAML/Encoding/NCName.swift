/// `xs:NCName`, of which `xs:ID` is made, in its ASCII part: what IdPs and we generate.
enum NCName {
    static let maximumBytes = 256

    /// A letter or `_`, then letters, digits, `-`, `.` and `_`. Nothing else ever goes behind the
    /// `#` of a reference.
    static func isAllowed(_ text: String) -> Bool {
        guard let first = text.utf8.first, first.isASCIILetter || first == UInt8(ascii: "_") else { return false }
        return text.utf8.count <= maximumBytes && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-._".utf8.contains($0) }
    }
}
