import Testing

@testable import OIDC

@Suite struct JSONValueTests {
    private func parse(_ text: String) -> Result<JSONValue, JSONRefusal> {
        JSONValue.parse(Array(text.utf8), maximumBytes: 1 << 20)
    }

    @Test(
        "A JSON text is read as what it says",
        arguments: [
            ("null", .null), (" true\n", true), ("false", false), ("0", 0), ("-0.5e1", -5), ("1e300", .number(1e300)),
            ("\"\"", ""), (#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{8}\u{C}\n\r\t"), (#""\u00e9\u20AC""#, "é€"),
            (#""\ud83d\ude00""#, "😀"), ("\"é😀\"", "é😀"), (#""\u0000""#, "\u{0}"),
            ("[]", []), ("[1,[2],{}]", [1, [2], [:]]), (#"{"a":{"b":[null]} , "c":1}"#, ["a": ["b": [.null]], "c": 1]),
        ] as [(String, JSONValue)])
    func aTextIsReadAsWhatItSays(text: String, expected: JSONValue) {
        #expect(parse(text) == .success(expected))
    }

    @Test(
        "What is not JSON is refused",
        arguments: [
            "", " ", "nul", "nulll", "True", "NaN", "Infinity", "-", "01", "+1", "1.", ".5", "1e", "1e+", "0x1", "'a'",
            "\"", "\"a", "\"\\", #""\x""#, #""\u12""#, #""\u12G4""#, #""\ud800""#, #""\udc00""#, #""\ud800\u0041""#,
            #""\ud800x""#, "\"\u{1}\"", "\"\n\"", "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{", "{a:1}", "{\"a\"}",
            "{\"a\":}", "{\"a\":1,}", "{,}", "{1:1}", "1 2", "{}{}", "[]x", "\u{FEFF}{}", "/*c*/1", "1//",
        ])
    func whatIsNotJSONIsRefused(text: String) {
        #expect(parse(text) == .failure(.malformed))
    }

    @Test(
        "Bytes that are not UTF-8 are refused, not repaired",
        arguments: [[0xFF], [0xC0, 0xAE], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xF5, 0x80, 0x80, 0x80]] as [[UInt8]])
    func bytesThatAreNotUTF8AreRefused(bytes: [UInt8]) {
        #expect(JSONValue.parse([0x22] + bytes + [0x22], maximumBytes: 100) == .failure(.malformed))
        #expect(JSONValue.parse(bytes, maximumBytes: 100) == .failure(.malformed))
    }

    @Test(
        "Two members with one name are refused, also when they are spelled differently",
        arguments: [#"{"a":1,"a":1}"#, #"{"a":1,"\u0061":2}"#, #"{"x":{"a":1,"b":2,"a":3}}"#, "{\"\u{E9}\":1,\"e\u{301}\":2}"])
    func duplicateNamesAreRefused(text: String) {
        #expect(parse(text) == .failure(.duplicateName))
    }

    @Test(
        "A number that no double holds is refused, and none is long without end",
        arguments: ["1e309", "-1e309", "1e999999999", "1" + String(repeating: "0", count: 64)])
    func numbersOutOfRangeAreRefused(text: String) {
        #expect(parse(text) == .failure(.numberOutOfRange))
    }

    @Test func `Depth is bounded`() {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(parse(nested(Bounds.maximumJSONDepth)).value != nil)
        #expect(parse(nested(Bounds.maximumJSONDepth + 1)) == .failure(.tooDeep))
        #expect(parse(String(repeating: "[", count: 1_000_000)) == .failure(.tooDeep))
        #expect(parse(String(repeating: "{\"a\":", count: 100_000)) == .failure(.tooDeep))
    }

    @Test func `The number of values is bounded`() {
        func zeros(_ count: Int) -> String {
            "[" + repeatElement("0", count: count).joined(separator: ",") + "]"
        }
        #expect(parse(zeros(Bounds.maximumJSONValues - 1)).value != nil)
        #expect(parse(zeros(Bounds.maximumJSONValues)) == .failure(.tooManyValues))
    }

    @Test func `The size is checked before anything is read`() {
        #expect(JSONValue.parse(Array("[1]".utf8), maximumBytes: 3).value != nil)
        #expect(JSONValue.parse(Array("[12".utf8), maximumBytes: 2) == .failure(.tooLarge))
    }

    @Test(
        "Only an integer that a double holds exactly is one",
        arguments: [
            (0, 0), (-1, -1), (9_007_199_254_740_991, 9_007_199_254_740_991), (9_007_199_254_740_992, nil), (1e300, nil),
            (-1e300, nil), (0.5, nil),
        ] as [(Double, Int64?)])
    func exactIntegers(number: Double, expected: Int64?) {
        #expect(JSONValue.number(number).exactInteger == expected)
        #expect(JSONValue.number(number).textValue == expected.map { String($0) })
    }

    @Test func `Every truncation and every changed byte of a text ends in a value or a refusal`() {
        let text = Array(#"{"a":[1,-2.5e+3,true,null,"\u00e9\ud83d\ude00x"],"b":{"c":""}}"#.utf8)
        #expect(JSONValue.parse(text, maximumBytes: 1000).value != nil)
        for end in text.indices {
            #expect(JSONValue.parse(Array(text[..<end]), maximumBytes: 1000).value == nil)
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[end] = byte
                _ = JSONValue.parse(changed, maximumBytes: 1000)
            }
        }
    }
}
