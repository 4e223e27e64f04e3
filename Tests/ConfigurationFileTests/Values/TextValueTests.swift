import Tenancy
import Testing

@testable import ConfigurationFile

/// Durations, dates, edit distances.
struct TextValueTests {
    @Test(
        "durations",
        arguments: [
            ("0s", 0), ("500ms", 500), ("90s", 90_000), ("15m", 900_000), ("8h", 28_800_000), ("7d", 604_800_000),
            ("9007199254740991ms", nil), ("104249992d", nil), ("999999999999999d", nil),
            ("", nil), ("s", nil), ("15", nil), ("15 m", nil), (" 15m", nil), ("15M", nil), ("-1s", nil), ("+1s", nil), ("1.5h", nil),
            ("1h30m", nil), ("015m", nil), ("00s", nil), ("15min", nil), ("1s\u{301}", nil), ("1\u{301}s", nil), ("１s", nil),
        ] as [(String, Int64?)])
    func durations(text: String, milliseconds: Int64?) { #expect(DurationText.parse(text)?.wholeMilliseconds == milliseconds) }

    @Test("durations are shown with the longest unit that divides them", arguments: ["0s", "1ms", "1500ms", "90s", "90m", "8h", "7d"])
    func shown(text: String) throws { #expect(DurationText.text(try #require(DurationText.parse(text))) == text) }

    @Test(
        "RFC 3339",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:30:45.5Z", 951_827_445_500), ("2024-05-01T11:00:00+02:00", 1_714_554_000_000),
            ("2024-05-01T00:30:00-00:30", 1_714_525_200_000), ("2024-12-31T23:59:59.999999Z", 1_735_689_599_999),
            ("9999-12-31T23:59:59Z", 253_402_300_799_000), ("2038-01-19T03:14:08Z", 2_147_483_648_000),
            ("2100-02-29T00:00:00Z", nil), ("2023-02-29T00:00:00Z", nil), ("2024-04-31T00:00:00Z", nil), ("2024-13-01T00:00:00Z", nil),
            ("2024-00-01T00:00:00Z", nil), ("2024-01-00T00:00:00Z", nil),
            ("2024-01-01T24:00:00Z", nil), ("2024-01-01T00:60:00Z", nil), ("2024-01-01T00:00:60Z", nil), ("2024-01-01T00:00:00", nil),
            ("2024-01-01 00:00:00Z", nil), ("2024-01-01t00:00:00z", nil),
            ("2024-01-01T00:00:00.Z", nil), ("2024-01-01T00:00:00+2400", nil), ("2024-01-01T00:00:00+24:00", nil),
            ("2024-01-01T00:00:00Zx", nil), ("24-01-01T00:00:00Z", nil), ("1969-12-31T23:59:59Z", nil), ("", nil),
        ] as [(String, Int64?)])
    func dates(text: String, milliseconds: Int64?) { #expect(CivilDateTime(rfc3339: text)?.instant?.milliseconds == milliseconds) }

    @Test(
        "edit distances",
        arguments: [
            ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("emial", "email", 1), ("abc", "acb", 1), ("abc", "xbc", 1),
            ("kitten", "sitting", 3), ("ca", "abc", 3),
        ])
    func distances(left: String, right: String, distance: Int) {
        #expect(Nearest.distance(left, right) == distance)
        #expect(Nearest.distance(right, left) == distance)
    }

    @Test("the distance of huge texts is that of their beginnings")
    func hugeTexts() { #expect(Nearest.distance(String(repeating: "a", count: 1_000_000), "a") == Nearest.maximumBytes - 1) }

    @Test("a suggestion is for a slip alone")
    func suggestions() {
        #expect(Nearest.suggestion(for: "editro", among: ["viewer", "editor"]) == "; did you mean `editor`?")
        #expect(Nearest.suggestion(for: "owner", among: ["viewer-all", "editor"]) == "")
        #expect(Nearest.suggestion(for: "x", among: []) == "")
    }

    @Test("ten thousand wrong references cost a hundred suggestions")
    func boundedSuggestions() {
        let problems = ProblemList()
        let hints = (0..<10_000).map { _ in problems.suggestion(for: "editro", among: ["editor"]) }
        #expect(hints.count { !$0.isEmpty } == ProblemList.maximumSuggestions)
    }
}
