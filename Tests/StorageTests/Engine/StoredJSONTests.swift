import Testing

@testable import Storage

@Suite struct StoredJSONTests {
    @Test(
        "What is written reads back, whatever is in it",
        arguments: [
            [:], ["a": []], ["a": ["b"]], ["a": ["b", "c"], "d": [""]], ["": ["\"", "\\", "\u{0}\n", "é\u{301}"]],
            ["{}[],:\"": ["]}", ","]],
        ] as [[String: [String]]])
    func lists(_ value: [String: [String]]) {
        #expect(StoredJSON.lists(StoredJSON.text(value)) == value)
        for strings in value.values { #expect(StoredJSON.strings(StoredJSON.text(strings)) == strings) }
    }

    @Test(
        "Other spellings of the same are read too, and nothing else is",
        arguments: [
            (" { \"a\" : [ \"b\" , \"\\u0063\" ] } ", ["a": ["b", "c"]]),
            ("{\"a\":[\"b\"]}x", nil), ("{\"a\":[\"b\"", nil), ("{\"a\":\"b\"}", nil), ("{\"a\":[1]}", nil), ("[]", nil), ("", nil),
            ("{,}", nil), ("{\"a\":[,\"b\"]}", nil), ("{\"a\":[\"b\" \"c\"]}", nil), ("{\"a\":[\"\u{1}\"]}", nil),
        ] as [(String, [String: [String]]?)])
    func spellings(_ text: String, _ value: [String: [String]]?) {
        #expect(StoredJSON.lists(text) == value)
    }
}
