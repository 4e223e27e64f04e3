import Foundation

/// Seeds of a target: one input a line, with `\r`, `\n`, `\t`, `\\` and `\xNN` for what can't stand in a
/// line; an empty line and one that begins with `#` are none.
public enum Seeds {
    public struct Malformed: Error {
        public let line: Int
    }

    /// The seeds of `target`, from the folder `seeds` beside this one.
    public static func load(_ target: String) throws -> [[UInt8]] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let text = try Data(contentsOf: folder.appending(path: "seeds/\(target).txt"))
        var seeds: [[UInt8]] = []
        for (number, line) in text.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            if line.isEmpty || line.first == 0x23 { continue }
            guard let seed = unescape(Array(line)) else { throw Malformed(line: number + 1) }
            seeds.append(seed)
        }
        return seeds
    }

    static func unescape(_ line: [UInt8]) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = line[...]
        while let byte = rest.popFirst() {
            guard byte == 0x5C else {
                bytes.append(byte)
                continue
            }
            switch rest.popFirst() {
            case 0x72: bytes.append(0x0D)
            case 0x6E: bytes.append(0x0A)
            case 0x74: bytes.append(0x09)
            case 0x5C: bytes.append(0x5C)
            case 0x78:
                guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 else { return nil }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default: return nil
            }
        }
        return bytes
    }

    /// One line for an input, for a report that can be pasted into the file of seeds.
    public static func escape(_ input: [UInt8]) -> String {
        var line = ""
        for byte in input {
            switch byte {
            case 0x0D: line += "\\r"
            case 0x0A: line += "\\n"
            case 0x09: line += "\\t"
            case 0x5C: line += "\\\\"
            case 0x20...0x7E: line.unicodeScalars.append(Unicode.Scalar(byte))
            default: line += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return line
    }
}
