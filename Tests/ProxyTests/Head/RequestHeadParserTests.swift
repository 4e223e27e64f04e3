import Testing

@testable import Proxy

@Suite struct RequestHeadParserTests {
    private func parse(_ bytes: [UInt8], limits: ProxyLimits = ProxyLimits()) -> (
        head: RequestHead?, refusal: Refusal?, fields: [(String, HeaderKind)]
    ) {
        withView(bytes) { view in
            var scanner = HeadScanner()
            switch scanner.scan(view, maximumBytes: limits.maximumHeadBytes, maximumFields: limits.maximumFields) {
            case .incomplete: return (nil, nil, [])
            case .refused(let refusal): return (nil, refusal, [])
            case .complete(let end):
                let normal = FieldSectionParser.makeNormalTable()
                defer { normal.deallocate() }
                let parser = RequestHeadParser(
                    section: FieldSectionParser(normal: normal), names: .request(extra: ["Remote-User"]),
                    maximumTargetBytes: limits.maximumTargetBytes)
                let list = FieldList(capacity: limits.maximumFields)
                switch parser.parse(view.slice(0, end), into: list) {
                case .refused(let refusal): return (nil, refusal, [])
                case .head(let head):
                    return (head, nil, (0..<list.count).map { (list[$0].name(in: view).string, list[$0].kind) })
                }
            }
        }
    }

    private func refusal(_ text: String) -> Refusal? { parse(Array(text.utf8)).refusal }

    static let accepted: [(String, BodyFraming)] = [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", .none),
        ("GET / HTTP/1.0\r\nHost: a\r\n\r\n", .none),
        ("get /x?y=%zz&\"<> HTTP/1.1\r\nhost:a\r\n\r\n", .none),
        ("M-SEARCH /a HTTP/1.1\r\nHost: \t a \t\r\nX: \r\n\r\n", .none),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", .length(0)),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5 \r\n\r\nhello", .length(5)),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 123456789012345678\r\n\r\n", .length(123_456_789_012_345_678)),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n", .chunked),
        ("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", .none),
        ("GET HTTPS://a?x HTTP/1.1\r\nHost: a\r\n\r\n", .none),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: caf\u{E9}\tb\r\n\r\n", .none),
        ("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n", .length(1)),
    ]

    @Test("a well-formed head is accepted with its framing", arguments: accepted)
    func accepts(_ text: String, _ framing: BodyFraming) {
        let outcome = parse(Array(text.utf8))
        #expect(outcome.refusal == nil)
        #expect(outcome.head?.framing == framing)
    }

    static let refused: [(String, Refusal)] = [
        // Two framings, odd lengths, odd codings (B3).
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", .framingConflict),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n", .framingConflict),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", .contentLength),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", .contentLength),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n", .contentLength),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n", .contentLength),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5,5\r\n\r\n", .contentLength),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n", .contentLength),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\n", .contentLength),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5 5\r\n\r\n", .contentLength),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \r\n\r\n", .contentLength),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\t5\r\n\r\n", .contentLength),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1234567890123456789\r\n\r\n", .contentLength),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551617\r\n\r\n", .contentLength),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n", .transferEncoding),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .transferEncoding),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", .transferEncoding),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", .transferEncoding),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\tchunked\r\n\r\n", .transferEncoding),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\t\r\n\r\n", .transferEncoding),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n", .transferEncoding),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;a=b\r\n\r\n", .transferEncoding),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n", .transferEncoding),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", .transferEncoding),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n", .transferEncoding),
        ("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", .transferEncoding),
        // Lines.
        ("GET / HTTP/1.1\nHost: a\n\n", .lineEnding),
        ("GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", .lineEnding),
        ("GET / HTTP/1.1\r\nHost: a\r\n\n", .lineEnding),
        ("GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", .fieldValue),
        ("GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", .fieldValue),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", .fieldName),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n\tb\r\n\r\n", .fieldName),
        ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", .fieldName),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{0}b\r\n\r\n", .fieldValue),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{1}b\r\n\r\n", .fieldValue),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{B}b\r\n\r\n", .fieldValue),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: 12345678\u{7F}\r\n\r\n", .fieldValue),
        // Names (A1).
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", .fieldName),
        ("GET / HTTP/1.1\r\nHost\t: a\r\n\r\n", .fieldName),
        ("GET / HTTP/1.1\r\nHost: a\r\nX-Gateway-Member : eve\r\n\r\n", .fieldName),
        ("GET / HTTP/1.1\r\nHost: a\r\nX Gateway: eve\r\n\r\n", .fieldName),
        ("GET / HTTP/1.1\r\nHost: a\r\n: eve\r\n\r\n", .fieldName),
        ("GET / HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n", .fieldName),
        ("GET / HTTP/1.1\r\nHost: a\r\nX\u{0}Y: eve\r\n\r\n", .fieldName),
        ("GET / HTTP/1.1\r\nHost: a\r\nX\u{E9}: eve\r\n\r\n", .fieldName),
        ("GET / HTTP/1.1\r\nHost: a\r\nX(: eve\r\n\r\n", .fieldName),
        // Request lines.
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", .requestLine),
        ("GET /  HTTP/1.1\r\nHost: a\r\n\r\n", .requestLine),
        ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", .requestLine),
        (" GET / HTTP/1.1\r\nHost: a\r\n\r\n", .requestLine),
        ("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", .requestLine),
        ("GET /\tHTTP/1.1\r\nHost: a\r\n\r\n", .target),
        ("GET /\r\nHost: a\r\n\r\n", .target),
        ("GET\r\nHost: a\r\n\r\n", .requestLine),
        ("G@T / HTTP/1.1\r\nHost: a\r\n\r\n", .requestLine),
        ("GET / http/1.1\r\nHost: a\r\n\r\n", .requestLine),
        ("GET / HTTP/1.1\r\rHost: a\r\n\r\n", .requestLine),
        ("GET / HTTP/11\r\nHost: a\r\n\r\n", .requestLine),
        ("GET / HTTP/1.2\r\nHost: a\r\n\r\n", .version),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", .version),
        ("PRI * HTTP/2.0\r\n\r\n", .version),
        ("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", .method),
        ("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", .method),
        ("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", .target),
        ("GET /a\u{7F} HTTP/1.1\r\nHost: a\r\n\r\n", .target),
        ("GET /\u{E9} HTTP/1.1\r\nHost: a\r\n\r\n", .target),
        ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", .target),
        ("GET a HTTP/1.1\r\nHost: a\r\n\r\n", .target),
        ("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", .target),
        ("GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", .target),
        // Hosts.
        ("GET / HTTP/1.1\r\n\r\n", .hostMissing),
        ("GET / HTTP/1.0\r\n\r\n", .hostMissing),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .hostRepeated),
        ("GET / HTTP/1.1\r\nHost: a\r\nhOST: b\r\n\r\n", .hostRepeated),
        ("GET / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n", .expectation),
    ]

    @Test("an ambiguous or malformed head is refused", arguments: refused)
    func refuses(_ text: String, _ expected: Refusal) {
        // A byte for a scalar, so that \u{E9} is one byte that is not UTF-8.
        let bytes = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        #expect(parse(bytes).refusal == expected)
    }

    @Test(
        "names are recognized in every spelling that a server could read as the same name",
        arguments: [
            ("X-Gateway-Member", HeaderKind.reserved), ("x_gateway_member", .reserved), ("X-GATEWAY_Email", .reserved),
            ("X.Gateway.Anything", .reserved), ("x-gateway-", .other), ("X-Gateway-x", .reserved), ("X~Gateway|Roles", .reserved),
            ("Remote-User", .reserved), ("REMOTE_USER", .reserved), ("Remote.User", .reserved), ("RemoteUser", .other),
            ("X-Forwarded-For", .forwardedFor), ("X_Forwarded_For", .alias), ("x-forwarded-prefix", .forwardedPrefix),
            ("X_Forwarded_Ssl", .forwarding), ("Forwarded", .forwarding), ("X-Original-URL", .forwarding), ("X_Rewrite_Url", .forwarding),
            ("X-Real-Ip", .forwarding), ("Proxy", .forwarding), ("Content_Length", .alias), ("Transfer_Encoding", .alias),
            ("Transfer.Encoding", .alias), ("TE", .hopByHop), ("Upgrade", .upgrade), ("traceparent", .traceParent),
            ("TraceState", .traceState), ("Keep_Alive", .hopByHop), ("Accept", .other),
            ("X-Gateways", .other), ("X-Http-Method-Override", .other), ("Authorization", .other),
        ])
    func kinds(_ name: String, _ kind: HeaderKind) {
        let outcome = parse(Array("GET / HTTP/1.1\r\nHost: a\r\n\(name): x\r\n\r\n".utf8))
        #expect(outcome.fields.last?.1 == kind)
    }

    @Test func `no configured header name changes what a framing field means`() {
        let normal = FieldSectionParser.makeNormalTable()
        defer { normal.deallocate() }
        let names = HeaderNames.request(extra: ["Content-Length", "host"])
        withView("Content-Length") { name in
            #expect(names.kind(of: name, hash: ByteHash.of(HeaderNames.normalForm("Content-Length")), normal: normal) == .contentLength)
        }
    }

    @Test func `a target over its limit is 414, a head over its limit 431, too many fields 431`() {
        var limits = ProxyLimits()
        limits.maximumHeadBytes = 2_000
        limits.maximumTargetBytes = 500
        limits.maximumFields = 10
        let long = String(repeating: "x", count: 600)
        #expect(parse(Array("GET /\(long) HTTP/1.1\r\nHost: a\r\n\r\n".utf8), limits: limits).refusal == .targetTooLong)
        #expect(parse(Array("GET /\(long)\(long)\(long)\(long)".utf8), limits: limits).refusal == .targetTooLong)
        #expect(
            parse(Array("GET / HTTP/1.1\r\nHost: a\r\nX: \(long)\(long)\(long)\(long)\r\n\r\n".utf8), limits: limits).refusal
                == .headTooLarge)
        let nine = (0..<9).map { "X\($0): y\r\n" }.joined()
        #expect(parse(Array("GET / HTTP/1.1\r\nHost: a\r\n\(nine)\r\n".utf8), limits: limits).refusal == nil)
        #expect(parse(Array("GET / HTTP/1.1\r\nHost: a\r\n\(nine)Z: y\r\n\r\n".utf8), limits: limits).refusal == .tooManyFields)
    }

    @Test func `damaged heads neither trap nor pass with a control byte`() {
        var generator = SeededGenerator(state: 1)
        let good = Array("POST /a/b?c HTTP/1.1\r\nHost: wiki.example\r\nContent-Length: 3\r\nCookie: a=b; c=d\r\nX-Y: z\r\n\r\n".utf8)
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: index)
                default: bytes.insert([0, 9, 10, 13, 32, 58, 127, 255].randomElement(using: &generator) ?? 0, at: index)
                }
            }
            let outcome = parse(bytes)
            guard outcome.head != nil, let end = bytes.firstRange(of: [13, 10, 13, 10]) else { continue }
            let lines = bytes[..<end.lowerBound].split(separator: 10).flatMap { $0.last == 13 ? $0.dropLast() : $0 }
            #expect(!lines.contains { ($0 < 32 && $0 != 9) || $0 == 127 })
        }
    }
}
