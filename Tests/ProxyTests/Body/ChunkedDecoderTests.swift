import NIOCore
import Testing

@testable import Proxy

@Suite struct ChunkedDecoderTests {
    /// The decoded body and what is left, `nil` where it is malformed; `ended` tells whether the end was seen.
    private func decode(_ pieces: [[UInt8]]) -> (body: String, rest: String, ended: Bool)? {
        var decoder = BodyDecoder(.chunked)
        var body = ""
        var buffer = ByteBuffer()
        for piece in pieces {
            buffer.writeBytes(piece)
            reading: while true {
                switch decoder.next(&buffer) {
                case .data(let data): body += String(buffer: data)
                case .needMore: break reading
                case .malformed: return nil
                case .end: return (body, String(buffer: buffer), true)
                }
            }
        }
        return (body, String(buffer: buffer), false)
    }

    @Test(
        "a chunked body is decoded however it is cut",
        arguments: [
            ("5\r\nhello\r\n0\r\n\r\n", "hello"), ("1;a=b\r\nx\r\n00\r\n\r\n", "x"), ("a\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
            ("0\r\n\r\n", ""), ("1\r\na\r\n1\r\nb\r\n0\r\nX-Gateway-Member: eve\r\nA:b\r\n\r\n", "ab"),
            ("0005\r\nhello\r\n0;x=\"y\"\r\n\r\n", "hello"),
        ])
    func decodes(_ text: String, _ expected: String) throws {
        let bytes = Array((text + "GET /").utf8)
        for cut in 0...bytes.count {
            let outcome = try #require(decode([Array(bytes[..<cut]), Array(bytes[cut...])]))
            #expect(outcome.body == expected)
            #expect(outcome.ended)
            #expect("GET /".hasPrefix(outcome.rest))
        }
    }

    @Test(
        "a malformed chunked body is refused",
        arguments: [
            "5\nhello\r\n0\r\n\r\n", "5\r\nhello\n0\r\n\r\n", "5\r\nhelloX\r\n", "\r\n", "g\r\n", "-1\r\n", "+1\r\n", "0x1\r\n", " 5\r\n",
            "5 \r\nhello", "5\t\r\n",
            "5;a\nb\r\n", "5;a\u{0}\r\n", "5\r\r\n", "1000000000000000\r\n", "ffffffffffffffff\r\n", "10000000000000000\r\n", "0\r\n\n",
            "0\r\nX: y\n\r\n",
            "0\r\nGET / HTTP/1.1\r\n\r\n", "0\r\nX\r\n\r\n", "0\r\nX : y\r\n\r\n",
            "0\r\n X: y\r\n\r\n", "0\r\nX: \u{0}\r\n\r\n", "5,5\r\nhello", "5\r\nhello0\r\n\r\n",
        ])
    func refuses(_ text: String) {
        #expect(decode([Array(text.utf8)]) == nil)
    }

    @Test func `extensions and trailers are bounded`() {
        let long = String(repeating: "x", count: ChunkedDecoder.maximumExtensionBytes + 1)
        #expect(decode([Array("1;\(long)\r\n".utf8)]) == nil)
        let trailer = String(repeating: "x", count: ChunkedDecoder.maximumTrailerBytes + 1)
        #expect(decode([Array("0\r\nX: \(trailer)\r\n\r\n".utf8)]) == nil)
        #expect(decode([Array("0\r\nX: \(trailer.prefix(1_000))\r\n\r\n".utf8)])?.ended == true)
    }
}
