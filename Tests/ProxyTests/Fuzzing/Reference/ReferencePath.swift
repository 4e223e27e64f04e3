/// The canonical path after RFC 3986 §5.2.4 and §6.2.2 and the contract's rules on what is ambiguous, on a
/// list of segments, each a list of characters.
struct ReferencePath: Equatable {
    /// `nil`: ambiguous or malformed.
    var path: [UInt8]?
    var hasEncodedSlash = false
    var hasRepeatedSlash = false

    private struct Character: Equatable {
        let byte: UInt8
        let isEscaped: Bool
    }

    init(_ raw: [UInt8], keepsRepeatedSlashes: Bool) {
        guard raw.first == 0x2F else { return }
        var segments: [[Character]] = []
        for part in Array(raw.dropFirst()).parts(0x2F) {
            guard let segment = Self.characters(part), !Self.isAmbiguous(segment) else { return }
            segments.append(segment)
        }
        hasEncodedSlash = segments.joined().contains { $0.byte == 0x2F }
        hasRepeatedSlash = segments.dropLast().contains([])
        let last = segments.removeLast()
        var kept: [[UInt8]] = []
        for segment in segments.map(Self.bytes) {
            switch segment.text {
            case ".": break
            case "..": _ = kept.popLast()
            case "": if keepsRepeatedSlashes { kept.append([]) }
            default: kept.append(segment)
            }
        }
        let end = Self.bytes(last)
        if end.text == ".." { _ = kept.popLast() }
        kept.append(end.text == "." || end.text == ".." ? [] : end)
        path = Array(kept.map { [0x2F] + $0 }.joined())
    }

    /// `nil` for a byte that may not stand in a path, an escape that is none, and one of NUL or backslash.
    private static func characters(_ part: [UInt8]) -> [Character]? {
        var characters: [Character] = []
        var rest = part[...]
        while let byte = rest.popFirst() {
            if byte == 0x25 {
                let digits = Array(rest.prefix(2))
                guard digits.count == 2, digits.allSatisfy(ReferenceCharacters.hexadecimal.contains),
                    let value = UInt8(digits.text, radix: 16), value != 0, value != 0x5C
                else { return nil }
                rest = rest.dropFirst(2)
                characters.append(Character(byte: value, isEscaped: !ReferenceCharacters.unreserved.contains(value)))
            } else {
                guard (0x21...0x7E).contains(byte), byte != 0x5C else { return nil }
                characters.append(Character(byte: byte, isEscaped: false))
            }
        }
        return characters
    }

    private static func bytes(_ segment: [Character]) -> [UInt8] {
        segment.flatMap { character -> [UInt8] in
            guard character.isEscaped else { return [character.byte] }
            let digits = String(character.byte, radix: 16, uppercase: true)
            return Array("%\(digits.count == 1 ? "0" : "")\(digits)".utf8)
        }
    }

    private static func isAmbiguous(_ segment: [Character]) -> Bool {
        let pieces = segment.split(omittingEmptySubsequences: false) { $0.isEscaped && $0.byte == 0x2F }
        for piece in pieces {
            let stem = piece.prefix { $0.byte != 0x3B }
            let isDots = stem.allSatisfy { $0.byte == 0x2E } && (1...2).contains(stem.count)
            if isDots, pieces.count > 1 || stem.count < piece.count { return true }
        }
        return decodesFurther(segment) || isOverlong(segment)
    }

    /// Decodes again and again, as long as anything can be, and looks at what comes out.
    private static func decodesFurther(_ segment: [Character]) -> Bool {
        // Escapes of the first time were judged already; none but `%25` is part of another one.
        var text: [UInt8] = segment.map { $0.isEscaped && $0.byte != 0x25 ? 0x01 : $0.byte }
        while let start = text.indices.first(where: { index in
            text[index] == 0x25 && text[index...].dropFirst().prefix(2).filter(ReferenceCharacters.hexadecimal.contains).count == 2
        }) {
            guard let value = UInt8(Array(text[start + 1...start + 2]).text, radix: 16) else { return true }
            if [0x00, 0x2E, 0x2F, 0x5C].contains(value) { return true }
            text.replaceSubrange(start...start + 2, with: [value])
        }
        return false
    }

    /// RFC 3629 §3: two bytes for fewer than 8 bits, three for fewer than 12, four for fewer than 17.
    private static func isOverlong(_ segment: [Character]) -> Bool {
        zip(segment, segment.dropFirst()).contains { first, second in
            guard first.isEscaped, second.isEscaped, (0x80...0xBF).contains(second.byte) else { return false }
            switch first.byte {
            case 0xC0, 0xC1: return true
            case 0xE0: return second.byte < 0xA0
            case 0xF0: return second.byte < 0x90
            default: return false
            }
        }
    }

    /// The path that a servlet container or a WSGI server hands to an application: parameters cut off,
    /// everything decoded, repeated slashes one.
    static func asApplicationsRead(_ path: [UInt8]) -> [UInt8] {
        var decoded: [UInt8] = []
        var rest = path[...]
        while let byte = rest.popFirst() {
            if byte == 0x25, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
                decoded.append(value)
                rest = rest.dropFirst(2)
            } else {
                decoded.append(byte)
            }
        }
        let segments = decoded.parts(0x2F).map { Array($0.prefix { $0 != 0x3B }) }
        let last = segments.last ?? []
        return Array((segments.dropLast().filter { !$0.isEmpty } + [last]).map { [0x2F] + $0 }.joined())
    }
}
