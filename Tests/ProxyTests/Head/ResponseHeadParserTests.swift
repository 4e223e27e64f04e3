import Testing

@testable import Proxy

@Suite struct ResponseHeadParserTests {
    private func parse(_ text: String) -> ResponseHead? {
        let normal = FieldSectionParser.makeNormalTable()
        defer { normal.deallocate() }
        return withView(text) { ResponseHeadParser(section: FieldSectionParser(normal: normal)).parse($0, into: FieldList(capacity: 20)) }
    }

    @Test(
        "a well-formed response has the framing of RFC 9112 §6.3",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false, BodyFraming.length(5)),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true, .none),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false, .chunked),
            ("HTTP/1.1 200 \r\n\r\n", false, .untilClose),
            ("HTTP/1.0 200\r\n\r\n", false, .untilClose),
            ("HTTP/1.1 204 No Content\r\n\r\n", false, .none),
            ("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", false, .none),
            ("HTTP/1.1 404 N\u{F6}t\r\nContent-Length: 0\r\n\r\n", false, .length(0)),
        ])
    func accepts(_ text: String, _ isHead: Bool, _ framing: BodyFraming) {
        #expect(parse(text)?.framing(toHead: isHead) == framing)
    }

    @Test(
        "what is not strictly HTTP/1 is no response",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 204 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX : y\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX: y\u{0}\r\n\r\n",
            "HTTP/1.1 200 O\u{1}K\r\n\r\n",
            "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n", "HTTP/1.1 600 OK\r\n\r\n",
            "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.2 200 OK\r\n\r\n", "ICY 200 OK\r\n\r\n", "200 OK\r\n\r\n", "\r\n",
        ])
    func refuses(_ text: String) {
        #expect(parse(text) == nil)
    }
}
