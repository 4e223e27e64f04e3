import Tenancy
import Testing

@Suite("Addresses and domains from outside")
struct EmailAddressTests {
    @Test(
        "accepted, in one form",
        arguments: [
            ("alice@acme.example", "alice@acme.example"),
            ("Alice@ACME.Example", "alice@acme.example"),
            ("a@b.c", "a@b.c"),
            ("first.last+tag@mail.acme.example", "first.last+tag@mail.acme.example"),
            ("!#$%&'*+-/=?^_`{|}~@acme.example", "!#$%&'*+-/=?^_`{|}~@acme.example"),
            ("alice@xn--bcher-kva.example", "alice@xn--bcher-kva.example"),
            ("7@1.example", "7@1.example"),
            (String(repeating: "a", count: 64) + "@acme.example", String(repeating: "a", count: 64) + "@acme.example"),
        ])
    func accepted(text: String, form: String) {
        #expect(EmailAddress(text)?.rawValue == form)
    }

    @Test(
        "refused",
        arguments: [
            "", "@", "alice", "alice@", "@acme.example", "alice@acme", "alice@@acme.example",
            // Which of two would the domain be?
            "attacker@evil.example@acme.example", "\"attacker@evil.example\"@acme.example", "alice@acme.example@",
            "\"alice\"@acme.example", "(comment)alice@acme.example", "alice@acme.example (comment)",
            "<alice@acme.example>", "Alice <alice@acme.example>", "alice@acme.example,bob@acme.example",
            "alice@acme.example;", "a:b@acme.example", "a\\b@acme.example", "a[b]@acme.example",
            " alice@acme.example", "alice@acme.example ", "al ice@acme.example", "alice@ acme.example",
            "alice@acme.example\n", "alice@acme.example\r\n", "alice\u{0}@acme.example", "alice@acme.example\u{0}",
            "alice@acme.example\u{0}.evil.example", "alice\t@acme.example", "alice\u{7f}@acme.example",
            ".alice@acme.example", "alice.@acme.example", "al..ice@acme.example",
            "alice@.acme.example", "alice@acme.example.", "alice@acme..example",
            "alice@-acme.example", "alice@acme-.example", "alice@ac_me.example", "alice@[192.0.2.1]",
            "alice@acme.example/", "alice@acme.example#", "alice@acme.example:25",
            // Letters that fold or look like ASCII: dotted and dotless i, Kelvin, long s, full width, Cyrillic a.
            "al\u{130}ce@acme.example", "al\u{131}ce@acme.example", "alice@\u{212a}.example", "alice@acme.\u{17f}x",
            "\u{ff41}lice@acme.example", "alice@\u{430}cme.example", "alice\u{ff20}acme.example", "alice@acme\u{3002}example",
            "alice@b\u{fc}cher.example", "a\u{301}lice@acme.example", "alice\u{200b}@acme.example", "\u{feff}alice@acme.example",
            String(repeating: "a", count: 65) + "@acme.example",
            "a@" + String(repeating: "a", count: 64) + ".example",
            "a@" + String(repeating: "a.", count: 127) + "aa",
        ])
    func refused(text: String) {
        #expect(EmailAddress(text) == nil)
    }

    @Test(
        "a domain",
        arguments: [
            ("acme.example", "acme.example"), ("ACME.example", "acme.example"), ("a-b.c", "a-b.c"),
            (String(repeating: "a", count: 63) + ".b", String(repeating: "a", count: 63) + ".b"),
            (String(repeating: "a.", count: 126) + "a", String(repeating: "a.", count: 126) + "a"),
            ("", nil), ("localhost", nil), (".", nil), ("a.", nil), (".a", nil), ("a..b", nil), ("-a.b", nil), ("a-.b", nil),
            ("a_b.c", nil), ("a b.c", nil), ("*.acme.example", nil), ("@acme.example", nil), ("acme.example\n", nil),
            ("b\u{fc}cher.example", nil), ("\u{212a}.example", nil),
            (String(repeating: "a", count: 64) + ".b", nil), (String(repeating: "a.", count: 126) + "aa", nil),
        ] as [(String, String?)])
    func domain(text: String, form: String?) {
        #expect(EmailDomain(text)?.rawValue == form)
    }

    @Test("of all bytes only those of a dot-atom may stand in a local part")
    func bytes() {
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~".utf8)
        for byte in UInt8.min...UInt8.max {
            let local = String(decoding: [UInt8(ascii: "a"), byte, UInt8(ascii: "a")], as: UTF8.self)
            #expect((EmailAddress(local + "@acme.example") != nil) == (allowed.contains(byte) || byte == UInt8(ascii: ".")))
        }
    }
}
