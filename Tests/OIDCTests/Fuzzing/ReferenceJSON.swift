import Foundation

@testable import OIDC

/// RFC 8259 read over a list of characters, each rule a function from what is left to what is left after it.
enum ReferenceJSON {
    private typealias Text = ArraySlice<Unicode.Scalar>

    /// `nil` where it is to be refused, for whatever reason.
    static func parse(_ bytes: [UInt8]) -> JSONValue? {
        guard let text = String(validating: bytes, as: UTF8.self),
            let (value, rest) = value(strip(Array(text.unicodeScalars)[...]), depth: 0), strip(rest).isEmpty
        else { return nil }
        return value
    }

    private static func strip(_ text: Text) -> Text { text.drop { " \t\r\n".unicodeScalars.contains($0) } }

    private static func value(_ text: Text, depth: Int) -> (JSONValue, Text)? {
        for (word, value) in [("true", JSONValue.bool(true)), ("false", .bool(false)), ("null", .null)]
        where text.starts(with: word.unicodeScalars) {
            return (value, text.dropFirst(word.count))
        }
        switch text.first {
        case "\"": return string(text).map { (.string($0.0), $0.1) }
        case "[":
            guard let (elements, rest) = list(text, "]", depth, value) else { return nil }
            return (.array(elements), rest)
        case "{":
            guard let (members, rest) = list(text, "}", depth, member) else { return nil }
            let object = Dictionary(members, uniquingKeysWith: { first, _ in first })
            return object.count == members.count ? (.object(object), rest) : nil
        default: return number(text)
        }
    }

    private static func member(_ text: Text, depth: Int) -> ((String, JSONValue), Text)? {
        guard let (name, afterName) = string(text), strip(afterName).first == ":",
            let (value, rest) = value(strip(strip(afterName).dropFirst()), depth: depth)
        else { return nil }
        return ((name, value), rest)
    }

    private static func list<Element>(
        _ text: Text, _ end: Unicode.Scalar, _ depth: Int, _ element: (Text, Int) -> (Element, Text)?
    ) -> ([Element], Text)? {
        guard depth < Bounds.maximumJSONDepth else { return nil }
        var rest = strip(text.dropFirst())
        if rest.first == end { return ([], rest.dropFirst()) }
        var elements: [Element] = []
        while let (next, after) = element(rest, depth + 1) {
            elements.append(next)
            rest = strip(after)
            if rest.first == end { return (elements, rest.dropFirst()) }
            guard rest.first == "," else { return nil }
            rest = strip(rest.dropFirst())
        }
        return nil
    }

    /// The longest run of characters that numbers have, which then has to be one.
    private static func number(_ text: Text) -> (JSONValue, Text)? {
        let run = String(String.UnicodeScalarView(text.prefix { "+-.0123456789eE".unicodeScalars.contains($0) }))
        guard isNumber(run), run.utf8.count <= Bounds.maximumJSONNumberBytes else { return nil }
        let number = strtod(run, nil)
        return number.isFinite ? (.number(number), text.dropFirst(run.utf8.count)) : nil
    }

    /// Integer, fraction and exponent, taken off from behind.
    private static func isNumber(_ run: String) -> Bool {
        func isDigits(_ part: some StringProtocol) -> Bool { !part.isEmpty && part.allSatisfy { ("0"..."9").contains($0) } }
        let parts = run.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        if parts.count == 2, !isDigits(parts[1].first == "+" || parts[1].first == "-" ? parts[1].dropFirst() : parts[1]) { return false }
        let mantissa = parts[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        if mantissa.count == 2, !isDigits(mantissa[1]) { return false }
        let integer = mantissa[0].first == "-" ? mantissa[0].dropFirst() : mantissa[0]
        return isDigits(integer) && (integer == "0" || integer.first != "0")
    }

    private static func string(_ text: Text) -> (String, Text)? {
        guard text.first == "\"" else { return nil }
        var units: [UInt16] = []
        var rest = text.dropFirst()
        while let next = rest.popFirst() {
            switch next {
            case "\"":
                // A surrogate without its partner can't be read as UTF-16.
                return String(validating: units, as: UTF16.self).map { ($0, rest) }
            case "\\":
                guard let escaped = rest.popFirst() else { return nil }
                if escaped == "u" {
                    let digits = String(String.UnicodeScalarView(rest.prefix(4)))
                    guard digits.utf8.count == 4, digits.allSatisfy(\.isHexDigit), let unit = UInt16(digits, radix: 16) else { return nil }
                    units.append(unit)
                    rest = rest.dropFirst(4)
                } else {
                    let plain: [Unicode.Scalar: Unicode.Scalar] = [
                        "\"": "\"", "\\": "\\", "/": "/", "b": "\u{8}", "f": "\u{C}", "n": "\n", "r": "\r", "t": "\t",
                    ]
                    guard let meant = plain[escaped] else { return nil }
                    units += UTF16.encode(meant).map { Array($0) } ?? []
                }
            case "\0"..."\u{1F}": return nil
            default: units += UTF16.encode(next).map { Array($0) } ?? []
            }
        }
        return nil
    }
}
