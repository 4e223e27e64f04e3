/// What the references are written with: copies, lists and sets, nothing borrowed and nothing fast.
extension [UInt8] {
    init(text: String) { self = Array(text.utf8) }

    var text: String { String(decoding: self, as: UTF8.self) }

    /// The parts between `separator`, empty ones too.
    func parts(_ separator: UInt8) -> [[UInt8]] {
        split(separator: separator, omittingEmptySubsequences: false).map { Array($0) }
    }

    /// The lines that end in CR LF, and what follows the last one.
    func linesEndedByCRLF() -> [[UInt8]] {
        var lines: [[UInt8]] = [[]]
        for byte in self {
            if byte == 0x0A, lines[lines.count - 1].last == 0x0D {
                lines[lines.count - 1].removeLast()
                lines.append([])
            } else {
                lines[lines.count - 1].append(byte)
            }
        }
        return lines
    }

    /// Without SP and HTAB at both ends.
    var stripped: [UInt8] {
        Array(drop { $0 == 0x20 || $0 == 0x09 }.reversed().drop { $0 == 0x20 || $0 == 0x09 }.reversed())
    }

    var lowered: [UInt8] { map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 } }

    /// The elements of a comma-separated list.
    var listElements: [[UInt8]] { parts(0x2C).map(\.stripped).filter { !$0.isEmpty } }

    /// A name as CGI, WSGI and PHP see it: letters and digits in one case, all else one character.
    var cgiName: [UInt8] { lowered.map { ReferenceCharacters.alphanumeric.contains($0) ? $0 : 0x2D } }
}

/// A set of bytes.
struct ReferenceCharacters {
    private var members = [Bool](repeating: false, count: 256)

    init(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { members[Int(byte)] = true }
    }

    func contains(_ byte: UInt8) -> Bool { members[Int(byte)] }

    static let digits = Self("0123456789".utf8)
    static let hexadecimal = Self("0123456789abcdefABCDEF".utf8)
    static let alphanumeric = Self(alphanumerics.utf8)
    /// RFC 9110 §5.6.2.
    static let token = Self((alphanumerics + "!#$%&'*+-.^_`|~").utf8)
    /// RFC 3986 §2.3.
    static let unreserved = Self((alphanumerics + "-._~").utf8)
    /// RFC 9110 §5.5: what a field value may have.
    static let fieldValue = Self([0x09] + Array(0x20...0x7E) + Array(0x80...0xFF))
    /// What a request target is made of.
    static let target = Self((0x21...0x7E).filter { $0 != 0x23 })

    private static let alphanumerics = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
}
