import Testing

@testable import SAML

@Suite struct SAMLTimeTests {
    @Test(
        "A time is read to the millisecond",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2000-02-29T23:59:59Z", 951_868_799_000), ("2026-03-04T05:06:07Z", 1_772_600_767_000),
            ("2026-03-04T05:06:07.1Z", 1_772_600_767_100), ("2026-03-04T05:06:07.12Z", 1_772_600_767_120),
            ("2026-03-04T05:06:07.123456789Z", 1_772_600_767_123), ("2038-01-19T03:14:08Z", 2_147_483_648_000),
            ("2100-03-01T00:00:00Z", 4_107_542_400_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ] as [(String, Int64)])
    func reads(text: String, milliseconds: Int64) {
        #expect(SAMLTime.parse(text) == milliseconds)
        if !text.contains(".") { #expect(SAMLTime.format(milliseconds) == text) }
    }

    @Test(
        "Anything else is refused",
        arguments: [
            "", "Z", "1969-12-31T23:59:59Z", "0000-01-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-13-01T00:00:00Z", "2026-04-31T00:00:00Z",
            "2025-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
            "2026-01-01T23:59:60Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00z", "2026-01-01t00:00:00Z", "2026-01-01T00:00:00+00:00",
            "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234567890Z", "2026-01-01T00:00:00,1Z", "2026-01-01T00:00:0aZ",
            "+026-01-01T00:00:00Z", "-2026-01-01T00:00:00Z", "12026-01-01T00:00:00Z", " 2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z ",
            "２026-01-01T00:00:00Z",
        ])
    func refuses(text: String) {
        #expect(SAMLTime.parse(text) == nil)
    }

    @Test("What is out of range is clamped when written")
    func clamps() {
        #expect(SAMLTime.format(.min) == "1970-01-01T00:00:00Z")
        #expect(SAMLTime.format(.max) == "9999-12-31T23:59:59Z")
    }
}
