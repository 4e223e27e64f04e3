import Testing

@testable import ConfigurationFile

struct TOMLDocumentTests {
    private func entries(_ text: String) throws -> [TOMLEntry] {
        guard case .table(let entries) = try TOMLDocument.parse(text).get().value else { return [] }
        return entries
    }

    @Test("values arrive with their types and lines, in the order of the file")
    func values() throws {
        let found = try entries(
            "z = \"ü\\u0041\"\na = -5\nm = 1.5\nt = true\nd = 1979-05-27T07:32:00.123456-08:00\nl = 1979-05-27\nx = [\n1,\n\"b\"]\n[s]\nk = { i = 1 }\n[[r]]\n[[r]]\nn = 2"
        )
        #expect(found.map(\.key) == ["z", "a", "m", "t", "d", "l", "x", "s", "r"])
        #expect(found.map(\.line).prefix(7) == [1, 2, 3, 4, 5, 6, 7])
        #expect(found[0].node.value == .string("üA"))
        #expect(found[1].node.value == .integer(-5))
        #expect(found[2].node.value == .float(1.5))
        #expect(found[3].node.value == .boolean(true))
        #expect(
            found[4].node.value
                == .dateTime(
                    CivilDateTime(year: 1979, month: 5, day: 27, hour: 7, minute: 32, second: 0, millisecond: 123, offsetMinutes: -480)))
        #expect(found[5].node.value == .partialTime)
        #expect(found[6].node.value == .array([TOMLNode(line: 8, value: .integer(1)), TOMLNode(line: 9, value: .string("b"))]))
        guard case .table(let inner) = found[7].node.value, case .array(let tables) = found[8].node.value else {
            Issue.record("not a table and a list of tables")
            return
        }
        #expect(found[7].node.line == 10 && inner.map(\.line) == [11])
        #expect(tables.map(\.line) == [12, 13])
    }

    @Test(
        "what is no TOML is one problem with its line",
        arguments: [
            ("a = 1\nb = ", 2), ("a = 1\na = 2", 2), ("[s]\n[s]", 2), ("a = \"x", 1), ("\n\na = 01", 3), ("a = \"\u{0}\"", 1), ("= 1", 1),
            ("a = 1 b = 2", 1),
        ])
    func refused(text: String, line: Int) {
        guard case .failure(let problem) = TOMLDocument.parse(text) else {
            Issue.record("accepted")
            return
        }
        #expect(problem.line == line)
        #expect(problem.message.hasPrefix("not valid TOML, and nothing after it was checked: "))
    }

    @Test("depth is bounded, by brackets and by dots")
    func depth() throws {
        func brackets(_ count: Int) -> String { "a = " + String(repeating: "[", count: count) + String(repeating: "]", count: count) }
        func dots(_ count: Int) -> String { "a" + String(repeating: ".a", count: count) + " = 1" }
        #expect(try entries(brackets(8)).count == 1)
        #expect(try entries(dots(512)).count == 1)
        for text in [brackets(9), brackets(1_000_000), dots(513), dots(1_000_000), "[a" + String(repeating: ".a", count: 1_000_000) + "]"] {
            #expect((try? TOMLDocument.parse(text).get()) == nil)
        }
    }

    @Test("an empty file is an empty table")
    func empty() throws { #expect(try entries("") == []) }
}
