import Foundation
import FuzzSupport

@testable import Web

/// `FormParameters`: the whole input is a form or a query.
struct FormFuzz: FuzzTarget {
    static let name = "form"

    func disagreement(_ input: [UInt8]) -> String? {
        var wrong = Disagreement()
        let found = FormParameters(input)?.pairs.map { [Array($0.name.utf8), Array($0.value.utf8)] }
        wrong.expectEqual(found, Self.reference(input), "pairs")
        return wrong.text
    }

    private static func reference(_ input: [UInt8]) -> [[[UInt8]]]? {
        let pieces = input.split(separator: UInt8(ascii: "&"))
        guard pieces.count <= FormParameters.maximumPairs else { return nil }
        var pairs: [[[UInt8]]] = []
        for piece in pieces {
            let halves = piece.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decode(halves[0]), let value = decode(halves.count == 2 ? halves[1] : []) else { return nil }
            pairs.append([name, value])
        }
        return pairs
    }

    /// What stands after each `%` begins with two digits.
    private static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let runs = text.map { $0 == UInt8(ascii: "+") ? 0x20 : $0 }.split(separator: UInt8(ascii: "%"), omittingEmptySubsequences: false)
        var decoded = Array(runs[0])
        for run in runs.dropFirst() {
            let digits = String(decoding: run.prefix(2), as: UTF8.self)
            guard digits.count == 2, digits.allSatisfy({ $0.isHexDigit && $0.isASCII }), let byte = UInt8(digits, radix: 16) else {
                return nil
            }
            decoded += [byte] + run.dropFirst(2)
        }
        return String(bytes: decoded, encoding: .utf8) == nil ? nil : decoded
    }
}
