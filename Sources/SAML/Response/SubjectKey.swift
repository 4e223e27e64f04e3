/// One encoding for a list of texts: a JSON array (RFC 8259) without white space, in which only `"`,
/// `\` and control characters are escaped.
enum SubjectKey {
    static func encode(_ parts: [String?]) -> String {
        "[" + parts.map { $0.map(quoted) ?? "null" }.joined(separator: ",") + "]"
    }

    private static func quoted(_ text: String) -> String {
        let digits = Array("0123456789abcdef".unicodeScalars)
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\":
                result.unicodeScalars.append("\\")
                result.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20:
                result += "\\u00"
                result.unicodeScalars.append(digits[Int(scalar.value >> 4)])
                result.unicodeScalars.append(digits[Int(scalar.value & 0x0F)])
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
