import Testing

@testable import Fetch

@Suite("Response head")
struct ResponseHeadTests {
    private static func read(_ lines: [String]) throws(ResponseHead.Refusal) -> ResponseHead {
        var head = ResponseHead()
        for line in lines { try head.receive(Array((line + "\r\n").utf8)) }
        return head
    }

    @Test("Status and fields, without the white space around values")
    func plain() throws {
        let head = try Self.read(["HTTP/1.1 200 OK", "A: b", "c:\t d e \t", "Empty:", "A: second", ""])
        #expect(head.status == 200)
        #expect(
            head.fields == [HeaderField("A", "b"), HeaderField("c", "d e"), HeaderField("Empty", ""), HeaderField("A", "second")])
    }

    @Test("There is no status before the blank line")
    func unfinished() throws {
        #expect(try Self.read(["HTTP/1.1 200 OK", "A: b"]).status == nil)
        #expect(try Self.read([]).status == nil)
    }

    @Test("Interim responses and their fields count for nothing")
    func interim() throws {
        let head = try Self.read([
            "HTTP/1.1 100 Continue", "Location: https://evil.example", "", "HTTP/1.1 103 Early Hints", "Link: x", "",
            "HTTP/1.1 204 No Content", "A: b", "",
        ])
        #expect(head.status == 204)
        #expect(head.fields == [HeaderField("A", "b")])
        #expect(try Self.read(["HTTP/1.1 103 Early Hints", "Link: x", ""]).status == nil)
    }

    @Test("Trailers are dropped, also one that looks like a status line")
    func trailers() throws {
        let head = try Self.read(["HTTP/1.1 200 OK", "A: b", "", "Location: https://evil.example", "HTTP/1.1 500 X", ""])
        #expect(head.status == 200)
        #expect(head.fields == [HeaderField("A", "b")])
    }

    @Test(
        "A line that is not HTTP/1 is refused",
        arguments: [
            ["hello"], [""], ["HTTP/2 200"], ["HTTP/1.2 200 OK"], ["HTTP/0.9 200 OK"], ["HTTP/1.1  200 OK"], ["HTTP/1.1 20"],
            ["HTTP/1.1 2000 OK"], ["HTTP/1.1 +20 OK"], ["HTTP/1.1 099 X"], ["HTTP/1.1 600 X"], ["HTTP/1.1 200 a\u{0}b"],
            ["http/1.1 200 OK"], ["HTTP/1.1 200 OK", "no colon"], ["HTTP/1.1 200 OK", "A : b"], ["HTTP/1.1 200 OK", ": b"],
            ["HTTP/1.1 200 OK", "A: b", " folded: c"], ["HTTP/1.1 200 OK", "A: b\rC: d"], ["HTTP/1.1 200 OK", "A: b\u{0}"],
            ["HTTP/1.1 200 OK", "HTTP/1.1 200 OK", ""], ["HTTP/1.1 101 Switching Protocols", "Upgrade: h2c", ""],
        ])
    func malformed(lines: [String]) {
        #expect(throws: ResponseHead.Refusal.malformed) { try Self.read(lines) }
    }

    @Test("A line without its end is refused")
    func unterminated() {
        var head = ResponseHead()
        #expect(throws: ResponseHead.Refusal.malformed) { try head.receive(Array("HTTP/1.1 200 OK".utf8)) }
    }

    @Test("Fields are counted to 200, bytes to 64 KiB")
    func bounds() throws {
        let start = ["HTTP/1.1 200 OK"]
        #expect(try Self.read(start + Array(repeating: "A: b", count: 200) + [""]).fields.count == 200)
        #expect(throws: ResponseHead.Refusal.tooLarge) { try Self.read(start + Array(repeating: "A: b", count: 201)) }
        // 17 bytes of status line, 2 of the blank line, 5 around the value.
        let value = String(repeating: "x", count: 65536 - 17 - 2 - 5)
        #expect(try Self.read(start + ["A: " + value, ""]).status == 200)
        #expect(throws: ResponseHead.Refusal.tooLarge) { try Self.read(start + ["A: " + value + "x", ""]) }
    }

    @Test("Interim responses and trailers count towards the bound as well")
    func boundsBeyondTheHead() {
        let interim = ["HTTP/1.1 103 Early Hints", "Link: " + String(repeating: "x", count: 30_000), ""]
        #expect(throws: ResponseHead.Refusal.tooLarge) { try Self.read(interim + interim + interim) }
        let trailers = Array(repeating: "A: " + String(repeating: "x", count: 30_000), count: 3)
        #expect(throws: ResponseHead.Refusal.tooLarge) { try Self.read(["HTTP/1.1 200 OK", ""] + trailers) }
    }
}
