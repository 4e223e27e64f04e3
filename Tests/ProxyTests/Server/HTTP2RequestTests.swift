import NIOCore
import Testing

@testable import Proxy

/// Groups A14, A15, B1, B4 and H4 over HTTP/2: what is sent as frames, and what the upstream saw.
@Suite(.timeLimit(.minutes(2))) struct HTTP2RequestTests {
    static func run(
        limits: ProxyLimits = World.quickLimits, upstream: RecordingUpstream? = nil,
        reply: @escaping @Sendable (RecordingUpstream.Request) -> RecordingUpstream.Reply = { _ in .text(RecordingUpstream.ok) },
        _ body: (World, TestPKI) async throws -> Void
    ) async throws {
        let pki = try TestPKI()
        let tls = try TLSContext(certificates: [try pki.server("wiki.acme.example")])
        try await World.run(limits: limits, secure: true, tls: tls, upstream: upstream, reply: reply) { try await body($0, pki) }
    }

    /// The positive control: a new connection to the same world is served.
    static func expectServing(_ world: World, _ pki: TestPKI, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let before = world.upstream.requests.count
        let client = try await FrameClient.connect(port: world.port, pki: pki)
        try await client.open(1, FrameClient.request())
        let result = try await client.result(1)
        #expect(result.status == 200, sourceLocation: sourceLocation)
        #expect(result.text == "ok", sourceLocation: sourceLocation)
        #expect(world.upstream.requests.count == before + 1, sourceLocation: sourceLocation)
        await client.close()
    }

    @Test func `a request of a stream reaches the upstream as any other does`() async throws {
        try await Self.run { world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(
                1,
                FrameClient.request(
                    "/a/./b?c=%20",
                    [
                        ("cookie", "a=1"), ("cookie", "b=2"), ("x-forwarded-for", "203.0.113.9"), ("x-gateway-email", "evil"),
                        ("te", "trailers"),
                    ]))
            let result = try await client.result(1)
            #expect(result.status == 200 && result.ended)
            #expect(result.values("content-length") == ["2"])
            let request = try #require(world.upstream.requests.first)
            #expect(request.line == "GET /a/b?c=%20 HTTP/1.1")
            #expect(request.values("Host") == ["wiki.acme.example"])
            #expect(request.values("Cookie") == ["a=1; b=2"])
            #expect(request.values("X-Forwarded-Proto") == ["https"])
            #expect(request.values("X-Forwarded-For") == ["127.0.0.1"])
            #expect(request.values("X-Gateway-Organization") == ["acme"])
            #expect(!request.head.contains("evil"))
            #expect(request.values("TE").isEmpty && request.values("Transfer-Encoding").isEmpty && request.values("Content-Length").isEmpty)
            #expect(world.sessions.lookups.withLock { $0.last?.origin } == "https://wiki.acme.example")
            await client.close()
        }
    }

    /// One change to a request that is otherwise served.
    struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let fields: [(name: [UInt8], value: [UInt8])]

        init(_ what: String, _ change: (inout FrameClient.Fields) -> Void) {
            testDescription = what
            var fields = FrameClient.request()
            change(&fields)
            self.fields = fields.map { (Array($0.0.utf8), Array($0.1.utf8)) }
        }

        init(_ what: String, adding field: (name: [UInt8], value: [UInt8])) {
            testDescription = what
            fields = FrameClient.request().map { (Array($0.0.utf8), Array($0.1.utf8)) } + [field]
        }

        static func setting(_ name: String, _ value: String, _ what: String) -> Change {
            Change(what) { fields in for index in fields.indices where fields[index].0 == name { fields[index].1 = value } }
        }

        static func adding(_ name: String, _ value: String) -> Change {
            Change("\(name): \(value)", adding: (Array(name.utf8), Array(value.utf8)))
        }
    }

    static let refused: [Change] =
        ["\r\n", "\n", "\r", "\0"].flatMap { end in
            [
                Change.setting(":path", "/\(end)X: y", "\(end.debugDescription) in :path"),
                .setting(":path", "/ HTTP/1.1\(end)Host: other\(end)\(end)GET /admin", "a request in :path with \(end.debugDescription)"),
                .setting(":method", "GET\(end)X", "\(end.debugDescription) in :method"),
                .setting(":authority", "wiki.acme.example\(end)X: y", "\(end.debugDescription) in :authority"),
                .setting(":scheme", "https\(end)", "\(end.debugDescription) in :scheme"),
                .adding("x", "y\(end)X-Gateway-Email: evil"), .adding("x\(end)y", "z"), .adding("cookie", "a=\(end)b"),
            ]
        } + [
            .adding("X-Upper", "y"), .adding("x y", "z"), .adding("", "z"), .adding("x:", "z"), .adding("x", "y\u{FFFD}"),
            Change("bytes that are no UTF-8", adding: (Array("x".utf8), [0x61, 0xFF, 0x62])), .adding("x", "\u{7F}"), .adding("x", " y"),
            .adding("connection", "x-a"), .adding("connection", "close"), .adding("proxy-connection", "keep-alive"),
            .adding("keep-alive", "timeout=5"), .adding("transfer-encoding", "chunked"), .adding("upgrade", "h2c"),
            .adding("te", "gzip"), .adding("te", "trailers, deflate"), .adding("host", "other.example"),
            .adding(":path", "/"), .adding(":unknown", "x"), .adding(":status", "200"), .adding(":protocol", "websocket"),
            .adding("content-length", "5"), .adding("content-length", "+0"), .adding("content-length", "0, 0"),
            .setting(":path", "", "an empty :path"), .setting(":path", "admin", ":path without a slash"),
            .setting(":path", "https://other.example/", ":path with an authority"), .setting(":path", "*", ":path *"),
            .setting(":path", "/a b", "a space in :path"), .setting(":path", "/#x", "a fragment"),
            .setting(":authority", "user@wiki.acme.example", "userinfo"), .setting(":authority", "", "an empty :authority"),
            .setting(":authority", "wiki.acme.example:x", "no port"), .setting(":scheme", "http", "http on a TLS listener"),
            .setting(":method", "CONNECT", "CONNECT with a path"), .setting(":method", "", "no method"),
            .setting(":method", "TRACE", "TRACE"), .setting(":method", "GE T", "a space in the method"),
            Change("no :method") { $0.removeAll { $0.0 == ":method" } }, Change("no :path") { $0.removeAll { $0.0 == ":path" } },
            Change("no :scheme") { $0.removeAll { $0.0 == ":scheme" } },
            Change("no :authority and no host") { $0.removeAll { $0.0 == ":authority" } },
            Change("CONNECT") { fields in
                fields.removeAll { $0.0 == ":path" || $0.0 == ":scheme" }
                for index in fields.indices where fields[index].0 == ":method" { fields[index].1 = "CONNECT" }
            },
            Change("two :authority") { $0.insert((":authority", "other.example"), at: 0) },
            Change("two :method") { $0.insert((":method", "POST"), at: 0) },
            Change("two host") { $0 += [("host", "wiki.acme.example"), ("host", "wiki.acme.example")] },
            Change("a pseudo-header field after another") { $0.append($0.removeFirst()) },
        ]

    @Test("what could be read as something else is refused, and the upstream sees nothing", arguments: refused)
    func refusal(_ change: Change) async throws {
        try await Self.run { world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(1, raw: change.fields)
            #expect(try await client.result(1).isRefused)
            #expect(world.upstream.requests.isEmpty)
            #expect(world.local.count == 0)
            await client.close()
            try await Self.expectServing(world, pki)
        }
    }

    @Test(
        "a host is matched in its canonical form",
        arguments: [("aPp.Acme.Example", "app.acme.example"), ("wIkI.AcMe.Example.", "wiki.acme.example")])
    func canonicalHost(_ authority: String, _ expected: String) async throws {
        try await Self.run { world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(1, FrameClient.request(authority: authority, [("host", authority.uppercased())]))
            let result = try await client.result(1)
            if expected == "wiki.acme.example" {
                #expect(result.status == 200)
                #expect(world.upstream.requests.first?.values("Host") == [expected])
            } else {
                #expect(result.status == 404)
                #expect(world.local.last?.host == expected)
            }
            await client.close()
        }
    }

    @Test(
        "a body and its Content-Length must agree",
        arguments: [("2", "abc", true), ("4", "abc", true), ("3", "", true), ("3", "abc", false), ("0", "", false)])
    func contentLength(_ length: String, _ body: String, _ isRefused: Bool) async throws {
        try await Self.run { world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(1, FrameClient.request(method: "POST", [("content-length", length)]), endsStream: false)
            try await client.data(1, Array(body.utf8), endsStream: true)
            let result = try await client.result(1)
            #expect(result.isRefused == isRefused)
            #expect(world.upstream.requests.count == (isRefused ? 0 : 1))
            if !isRefused { #expect(world.upstream.requests.first.map { String(decoding: $0.body, as: UTF8.self) } == body) }
            await client.close()
            try await Self.expectServing(world, pki)
        }
    }

    @Test("framing for the upstream is made anew", arguments: [true, false])
    func framing(_ hasLength: Bool) async throws {
        try await Self.run { world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(1, FrameClient.request(method: "PUT", hasLength ? [("content-length", "6")] : []), endsStream: false)
            try await client.data(1, Array("abc".utf8))
            try await client.data(1, Array("def".utf8), endsStream: true)
            #expect(try await client.result(1).status == 200)
            let request = try #require(world.upstream.requests.first)
            #expect(request.body == Array("abcdef".utf8))
            #expect(request.values("Content-Length") == (hasLength ? ["6"] : []))
            #expect(request.values("Transfer-Encoding") == (hasLength ? [] : ["chunked"]))
            await client.close()
        }
    }

    @Test func `trailers end a body and are not passed on`() async throws {
        try await Self.run { world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(1, FrameClient.request(method: "POST", [("trailer", "x-gateway-email")]), endsStream: false)
            try await client.data(1, Array("hi".utf8))
            try await client.open(1, [("x-gateway-email", "evil"), ("x-other", "evil")])
            #expect(try await client.result(1).status == 200)
            let request = try #require(world.upstream.requests.first)
            #expect(request.body == Array("hi".utf8))
            #expect(!request.head.contains("evil"))
            await client.close()
        }
    }

    @Test func `two session cookies count as none, in however many fields`() async throws {
        try await Self.run { world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(1, FrameClient.request("/", [("cookie", "__Host-gateway-session=\(World.otherToken)")]))
            #expect(try await client.result(1).status == 401)
            #expect(world.upstream.requests.isEmpty)
            await client.close()
            try await Self.expectServing(world, pki)
        }
    }

    @Test func `a client that waits for a 100 gets it`() async throws {
        try await Self.run { world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(
                1, FrameClient.request(method: "POST", [("expect", "100-continue"), ("content-length", "2")]), endsStream: false)
            _ = try await client.wait { frames in frames.contains { $0.stream == 1 && $0.kind == FrameClient.Kind.headers } }
            #expect(world.upstream.requests.isEmpty)
            try await client.data(1, Array("hi".utf8), endsStream: true)
            let result = try await client.result(1)
            #expect(result.interim == [100] && result.status == 200)
            await client.close()
        }
    }

    @Test func `the gateway's own paths get their bodies`() async throws {
        try await Self.run { world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(1, FrameClient.request("/.gateway/sign-out", method: "POST"), endsStream: false)
            try await client.data(1, Array("a=".utf8))
            try await client.data(1, Array("b".utf8), endsStream: true)
            let result = try await client.result(1)
            #expect(result.status == 200 && result.text == "local" && result.values("x-request-id").count == 1)
            #expect(world.local.last?.body == Array("a=b".utf8))
            #expect(world.local.last?.origin == "https://wiki.acme.example")
            await client.close()
        }
    }
}
