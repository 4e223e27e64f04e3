import FuzzSupport

@testable import OIDC

/// `JSONValue.parse`: the whole input is a JSON text.
struct JSONFuzz: FuzzTarget {
    static let name = "json"

    func disagreement(_ input: [UInt8]) -> String? {
        var wrong = Disagreement()
        let found = try? JSONValue.parse(input, maximumBytes: 4096).get()
        wrong.expectEqual(found.map(exactText), ReferenceJSON.parse(input).map(exactText), "value")
        return wrong.text
    }

    /// Tells every two different values apart, also strings that compare as equal.
    private func exactText(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .number(let value): "\(value.bitPattern)"
        case .string(let value): "\(Array(value.utf8))"
        case .array(let values): "[" + values.map(exactText).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { "\(Array($0.key.utf8)):\(exactText($0.value))" }.sorted().joined(separator: ",") + "}"
        }
    }
}
