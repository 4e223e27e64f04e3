import Testing

@testable import Fetch

@Suite("Header fields to send")
struct HeaderFieldTests {
    @Test(
        "A field that stays on its line is sent",
        arguments: [
            ("Accept", "application/json"), ("X-Empty", ""), ("Authorization", "Basic Zm9v\tbar"), ("x!#$%&'*+-.^_`|~9", "ü"),
        ])
    func sendable(name: String, value: String) {
        #expect(HeaderField(name, value).isSendable)
    }

    @Test(
        "A field that could end its line, take over the framing or vanish is refused",
        arguments: [
            ("", "x"), ("A B", "x"), ("A:", "x"), ("A\r\nB", "x"), ("Ä", "x"), ("A", "x\r\nB: y"), ("A", "x\ny"), ("A", "x\ry"),
            ("A", "x\u{0}y"), ("A", "x\u{7F}"), ("A", " "), ("A", " x"), ("A", "x\t"), ("Host", "evil.example"), ("hOsT", "x"),
            ("Content-Length", "5"), ("Transfer-Encoding", "chunked"), ("Connection", "close"), ("Expect", "100-continue"),
            ("Upgrade", "h2c"), ("TE", "trailers"), ("Trailer", "x"), ("Keep-Alive", "x"),
        ])
    func refused(name: String, value: String) {
        #expect(!HeaderField(name, value).isSendable)
    }
}
