import Testing

@testable import Proxy

/// Responses of upstreams that speak HTTP/2: what is passed on, and to whom a broken one looks complete (nobody).
@Suite(.timeLimit(.minutes(3))) struct HTTP2UpstreamResponseTests {
    typealias Action = FrameUpstream.Action

    /// An upstream that answers `/bad` so, and everything else well.
    private static func upstream(_ actions: [Action]) async throws -> FrameUpstream {
        try await FrameUpstream.start(.init(atEnd: { $0.path == "/bad" ? actions : FrameUpstream.ok }))
    }

    struct Malformed: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let actions: [Action]
        init(_ description: String, _ actions: Action...) {
            testDescription = description
            self.actions = actions
        }
    }

    private static func head(_ description: String, _ fields: (String, String)...) -> Malformed {
        Malformed(description, .head([(":status", "200")] + fields, ends: true))
    }

    static let malformed: [Malformed] = [
        Malformed("no status", .head([("a", "b")], ends: true)),
        Malformed("an empty head", .head([], ends: true)),
        Malformed("an empty status", .head([(":status", "")], ends: true)),
        Malformed("a status of two digits", .head([(":status", "20")], ends: true)),
        Malformed("a status that is no number", .head([(":status", "abc")], ends: true)),
        Malformed("a status with more", .head([(":status", "200 OK")], ends: true)),
        Malformed("a status beyond", .head([(":status", "600")], ends: true)),
        Malformed("two statuses", .head([(":status", "200"), (":status", "200")], ends: true)),
        Malformed("a status after a field", .head([("a", "b"), (":status", "200")], ends: true)),
        Malformed("another pseudo-header field", .head([(":status", "200"), (":path", "/")], ends: true)),
        Malformed("101, which HTTP/2 does not have", .head([(":status", "101")])),
        Malformed("an informational response that is the last", .head([(":status", "103")], ends: true)),
        Malformed("a body before the head", .data("x", ends: true)),
        Malformed("trailers without a head", .trailers([("a", "b")])),
        head("an upper-case name", ("Server", "x")), head("a space in a name", ("a b", "x")), head("a colon in a name", ("a:b", "x")),
        head("a line end in a value", ("a", "x\r\nset-cookie: y")), head("a NUL in a value", ("a", "x\0")),
        head("a control byte in a value", ("a", "x\u{1}")), head("white space around a value", ("a", " x")),
        head("Connection", ("connection", "close")), head("Transfer-Encoding", ("transfer-encoding", "chunked")),
        head("Keep-Alive", ("keep-alive", "5")), head("Proxy-Connection", ("proxy-connection", "x")), head("Upgrade", ("upgrade", "h2c")),
        head("two lengths", ("content-length", "0"), ("content-length", "0")), head("a length with a sign", ("content-length", "+0")),
        head("a length without a body", ("content-length", "3")),
        head("a head that is too large", ("a", String(repeating: "x", count: 70_000))),
        Malformed("too many fields", .head([(":status", "200")] + (0..<120).map { ("a\($0)", "b") }, ends: true)),
        Malformed("reset with an error", .reset(2)), Malformed("reset for no reason", .reset(0)),
    ]

    @Test("a malformed response is 502, on its stream alone", arguments: malformed)
    func refuses(_ example: Malformed) async throws {
        let gate = FrameUpstream.Answers(
            atHead: { $0.path == "/slow" ? [.head([(":status", "200")]), .data("slow")] : [] },
            atEnd: { $0.path == "/bad" ? example.actions : $0.path == "/slow" ? [] : FrameUpstream.ok })
        let upstream = try await FrameUpstream.start(gate)
        try await StreamWorld.run(upstream) { world async throws in
            // Somebody else's response is under way on the same connection.
            let other = try await world.connect()
            try await other.send(World.request("/slow"))
            _ = try await other.wait { $0.firstRange(of: Array("slow".utf8)) != nil }
            #expect(try await world.exchange(World.request("/bad")).status == 502)
            #expect(world.local.last?.purpose == .badGateway)
            try await upstream.send(FrameClient.frame(FrameClient.Kind.data, FrameClient.Flag.endStream, 1, Array("!".utf8)))
            #expect(try await other.readResponse().text == "slow!")
            #expect(try await world.exchange(World.request()).text == "ok")
            // Who breaks the order of frames gets nothing more on that connection.
            #expect(upstream.connectionCount == (example.testDescription == "a body before the head" ? 2 : 1))
            await other.close()
        }
    }

    @Test func `informational responses are passed on, and not without end`() async throws {
        let hints = [Action](repeating: .head([(":status", "103"), ("link", "</a>")]), count: 2)
        let upstream = try await FrameUpstream.start(
            .init(atEnd: {
                switch $0.path {
                case "/hints": [.head([(":status", "100")])] + hints + FrameUpstream.ok
                case "/many": Array(repeating: .head([(":status", "103")]), count: 17) + FrameUpstream.ok
                default: FrameUpstream.ok
                }
            }))
        try await StreamWorld.run(upstream) { world async throws in
            let client = try await world.connect()
            try await client.send(World.request("/hints"))
            for _ in 0..<2 {
                let hint = try await client.readResponse()
                #expect(hint.status == 103 && hint.values("link") == ["</a>"])
            }
            #expect(try await client.readResponse().text == "ok")
            await client.close()
            #expect(try await world.connect().last(World.request("/many")) == 502)
        }
    }

    struct Bodiless: CustomTestStringConvertible, Sendable {
        var testDescription: String { "\(method) \(status) \(lengths)" }
        let method: String
        let status: Int
        let lengths: [String]
        let expected: [String]
    }

    @Test(
        "responses without a body",
        arguments: [
            Bodiless(method: "GET", status: 200, lengths: [], expected: ["0"]),
            Bodiless(method: "GET", status: 200, lengths: ["0"], expected: ["0"]),
            Bodiless(method: "HEAD", status: 200, lengths: ["7"], expected: ["7"]),
            Bodiless(method: "GET", status: 204, lengths: [], expected: []),
            Bodiless(method: "GET", status: 304, lengths: ["9"], expected: ["9"]),
        ])
    func bodiless(_ example: Bodiless) async throws {
        let actions: [Action] = [.head([(":status", "\(example.status)")] + example.lengths.map { ("content-length", $0) }, ends: true)]
        let upstream = try await FrameUpstream.start(.init(atEnd: { _ in actions }))
        try await StreamWorld.run(upstream) { world async throws in
            let client = try await world.connect()
            for _ in 0..<2 {
                try await client.send(World.request("/", method: example.method))
                let response = try await client.readResponse(toHead: example.method == "HEAD")
                #expect(response.status == example.status && response.body.isEmpty)
                #expect(response.values("content-length") == example.expected)
            }
            await client.close()
        }
    }

    @Test func `a response loses what is the gateway's, and bytes that are no text are replaced`() async throws {
        let block = FrameClient.block([
            (Array(":status".utf8), Array("200".utf8)), (Array("x-gateway-member".utf8), Array("evil".utf8)),
            (Array("x_gateway_roles".utf8), Array("evil".utf8)), (Array("set-cookie".utf8), Array("gateway-session=evil".utf8)),
            (Array("set-cookie".utf8), Array("app=1".utf8)), (Array("server".utf8), Array("a".utf8) + [0xE9]),
        ])
        let upstream = try await FrameUpstream.start(.init(atEnd: { _ in [.block(block, ends: false), .data("ok", ends: true)] }))
        try await StreamWorld.run(upstream) { world async throws in
            let response = try await world.exchange(World.request())
            #expect(response.status == 200 && response.text == "ok")
            #expect(!response.head.contains("evil"))
            #expect(response.values("set-cookie") == ["app=1"])
            #expect(response.values("server") == ["a\u{FFFD}"])
        }
    }

    static let brokenOff: [Malformed] = [
        Malformed("reset", .head([(":status", "200")]), .data("half"), .reset(2)),
        Malformed("reset without an error", .head([(":status", "200")]), .data("half"), .reset(0)),
        Malformed("the connection ends", .head([(":status", "200")]), .data("half"), .close),
        Malformed("shorter than its length", .head([(":status", "200"), ("content-length", "9")]), .data("half", ends: true)),
        Malformed("longer than its length", .head([(":status", "200"), ("content-length", "4")]), .data("halfmore", ends: true)),
        Malformed(
            "trailers before the length is reached", .head([(":status", "200"), ("content-length", "9")]), .data("half"), .trailers([])),
        Malformed("a pseudo-header field in trailers", .head([(":status", "200")]), .data("half"), .trailers([(":status", "200")])),
        Malformed("an upper-case name in trailers", .head([(":status", "200")]), .data("half"), .trailers([("A", "b")])),
        Malformed("Connection in trailers", .head([(":status", "200")]), .data("half"), .trailers([("connection", "b")])),
        Malformed("a line end in trailers", .head([(":status", "200")]), .data("half"), .trailers([("a", "b\r\nc: d")])),
        Malformed(
            "too large trailers", .head([(":status", "200")]), .data("half"), .trailers([("a", String(repeating: "x", count: 9_000))])),
        Malformed("trailers that do not end", .head([(":status", "200")]), .data("half"), .head([("a", "b")])),
    ]

    @Test("a response that breaks off never looks complete", arguments: brokenOff)
    func breaks(_ example: Malformed) async throws {
        let upstream = try await Self.upstream(example.actions)
        try await StreamWorld.run(upstream) { world async throws in
            let client = try await world.connect()
            try await client.send(World.request("/bad"))
            let text = String(decoding: try await client.readToEnd(), as: UTF8.self)
            #expect(text.hasPrefix("HTTP/1.1 200"))
            #expect(!text.hasSuffix("0\r\n\r\n") && !text.hasSuffix("more"))
            #expect(try await world.exchange(World.request()).text == "ok")
        }
    }

    @Test func `nor to a client of HTTP/2`() async throws {
        let upstream = try await FrameUpstream.start(
            .init(atEnd: { request in
                guard let number = Int(request.path.dropFirst()) else { return FrameUpstream.ok }
                return Self.brokenOff[number].actions
            }))
        try await StreamWorld.runWithTLS(upstream) { world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            var stream: UInt32 = 1
            for (number, example) in Self.brokenOff.enumerated() {
                try await client.open(stream, FrameClient.request("/\(number)"))
                let result = try await client.result(stream)
                #expect(result.status == 200 && !result.ended && result.reset == 2, "\(example)")
                try await client.open(stream + 2, FrameClient.request("/good"))
                #expect(try await client.result(stream + 2).text == "ok")
                stream += 4
            }
            await client.close()
        }
    }

    @Test("trailers reach clients of both protocols where the route keeps them", arguments: [true, false])
    func trailers(_ keeps: Bool) async throws {
        let trailers = [("grpc-status", "0"), ("grpc-message", "fine"), ("x-gateway-member", "evil"), ("set-cookie", "evil=1")]
        let actions: [Action] = [.head([(":status", "200"), ("content-type", "application/grpc")]), .data("ok"), .trailers(trailers)]
        let upstream = try await FrameUpstream.start(.init(atEnd: { _ in actions }))
        try await StreamWorld.runWithTLS(upstream, keepsTrailers: keeps) { world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(1, FrameClient.request(method: "POST", [("te", "trailers")]))
            let result = try await client.result(1)
            #expect(result.status == 200 && result.text == "ok" && result.ended)
            #expect(result.trailers.map(\.name) == (keeps ? ["grpc-status", "grpc-message"] : []))
            await client.close()
        }
        let again = try await FrameUpstream.start(.init(atEnd: { _ in actions }))
        try await StreamWorld.run(again, keepsTrailers: keeps) { world async throws in
            let client = try await world.connect()
            try await client.send(World.request())
            let bytes = try await client.wait { $0.suffix(4) == Array("\r\n\r\n".utf8)[...] && $0.firstRange(of: Array("ok".utf8)) != nil }
                .bytes
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.hasSuffix(keeps ? "0\r\ngrpc-status: 0\r\ngrpc-message: fine\r\n\r\n" : "0\r\n\r\n"))
            await client.close()
        }
    }

    @Test func `trailers of an upstream of HTTP/1.1 reach a client of HTTP/2`() async throws {
        let pki = try TestPKI()
        let reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Checksum: abc\r\nX-Gateway-Member: evil\r\n\r\n"
        try await World.run(
            secure: true, tls: try TLSContext(certificates: [try pki.server("wiki.acme.example")]),
            routes: { port in
                [
                    Route(
                        id: "wiki", host: .exact("wiki.acme.example"), organizationSlug: "acme",
                        upstreams: [Upstream(host: "127.0.0.1", port: port)], keepsTrailers: true)
                ]
            }, reply: { _ in .text(reply) }
        ) { world async throws in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(1, FrameClient.request())
            let result = try await client.result(1)
            #expect(result.text == "ok" && result.ended)
            #expect(result.trailers.map(\.name) == ["x-checksum"])
            await client.close()
        }
    }

    @Test func `an answer that is nothing but trailers stays one`() async throws {
        let upstream = try await FrameUpstream.start(
            .init(atEnd: { _ in [.head([(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "12")], ends: true)] }))
        try await StreamWorld.runWithTLS(upstream) { world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(1, FrameClient.request(method: "POST"))
            let result = try await client.result(1)
            #expect(result.headers.map(\.name) == [":status", "content-type", "grpc-status"])
            #expect(result.body.isEmpty && result.ended)
            await client.close()
        }
    }
}

extension RawClient {
    /// Sends a request and reads past informational responses: the final status.
    fileprivate func last(_ request: String) async throws -> Int {
        try await send(request)
        while true {
            let status = try await readResponse().status
            if status >= 200 { return status }
        }
    }
}
