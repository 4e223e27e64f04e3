import Testing

@testable import DemoWorld

@Suite struct TextTests {
    @Test func `Interpolated text is escaped, markup is not`() {
        let inner: HTML = "<b>\("<&>\"'")</b>"
        let outer: HTML = "<p title=\"\("\"x")\">\(inner)\(7)\("\u{1B}[31m\0")</p>"
        #expect(outer.markup == "<p title=\"&quot;x\"><b>&lt;&amp;&gt;&quot;&#39;</b>7\u{FFFD}[31m\u{FFFD}</p>")
    }

    @Test(
        "JSON survives being written and read",
        arguments: [
            .null, true, -5, .integer(.max), .number(1.5), "a \"b\" \\ \n \u{0} \u{1F600}", .array([1, "x", .array([])]),
            .object(["b": 1, "a": .object([:])]),
        ] as [JSONValue])
    func json(value: JSONValue) {
        #expect(JSONValue(parsing: Array(value.serialized.utf8)) == value)
    }

    @Test func `Members are in order, and what is not JSON is nothing`() {
        #expect(JSONValue.object(["b": 1, "a": .number(.infinity)]).serialized == "{\"a\":null,\"b\":1}")
        for text in ["", "{", "nul", "{\"a\":1}x", String(repeating: "[", count: 100_000)] {
            #expect(JSONValue(parsing: Array(text.utf8)) == nil)
        }
        #expect(JSONValue(parsing: Array(("\"" + String(repeating: "x", count: JSONValue.maximumBytes) + "\"").utf8)) == nil)
    }

    @Test(
        "base64url has one accepted form",
        arguments: [
            ("", []), ("AA", [0]), ("_-8", [255, 239]), ("AB", nil), ("AA==", nil), ("A", nil), ("+/8", nil), ("A A", nil), ("AA\n", nil),
        ] as [(String, [UInt8]?)])
    func base64url(text: String, bytes: [UInt8]?) {
        #expect(Base64URL.decode(text) == bytes)
        if let bytes { #expect(Base64URL.encode(bytes) == text) }
    }

    @Test(
        "Times are written in UTC",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (1_800_000_000, "2027-01-15T08:00:00Z"), (Int64.max, "9999-12-31T23:59:59Z"),
            (Int64.min, "1970-01-01T00:00:00Z"),
        ])
    func time(seconds: Int64, text: String) { #expect(UTCTime.text(seconds: seconds) == text) }
}
