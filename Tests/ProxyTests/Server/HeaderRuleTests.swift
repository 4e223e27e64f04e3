import Testing

@testable import Proxy

/// What a route, a trace and a listed proxy change about headers.
@Suite(.timeLimit(.minutes(2))) struct HeaderRuleTests {
    @Test func `a route replaces and removes headers of its responses`() async throws {
        let reply =
            "HTTP/1.1 200 OK\r\nserver: app/1.2\r\nX-Powered-By: app\r\nStrict-Transport-Security: max-age=1\r\nX-Stays: here\r\nContent-Length: 2\r\n\r\nok"
        try await World.run(
            routes: { port in
                ["ruled.example", "plain.example"].map { host in
                    Route(
                        id: host, host: .exact(host), organizationSlug: "acme", upstreams: [Upstream(host: "127.0.0.1", port: port)],
                        responseHeaders: host == "plain.example"
                            ? []
                            : [
                                .init(name: "Server", value: ""), .init(name: "X-Powered-By", value: ""),
                                .init(name: "Strict-Transport-Security", value: "max-age=31536000"),
                                .init(name: "Referrer-Policy", value: "same-origin"),
                            ])
                }
            }, reply: { _ in .text(reply) }
        ) { world async throws in
            let ruled = try await world.exchange(World.request(host: "ruled.example"))
            #expect(ruled.values("Server") == [])
            #expect(ruled.values("X-Powered-By") == [])
            #expect(ruled.values("Strict-Transport-Security") == ["max-age=31536000"])
            #expect(ruled.values("Referrer-Policy") == ["same-origin"])
            #expect(ruled.values("X-Stays") == ["here"])
            #expect(ruled.text == "ok")
            let plain = try await world.exchange(World.request(host: "plain.example"))
            #expect(plain.values("Server") == ["app/1.2"])
            #expect(plain.values("Strict-Transport-Security") == ["max-age=1"])
        }
    }

    @Test func `a response header that is no header is no route table`() {
        #expect(throws: RouteTableError.responseHeader(route: "wiki")) {
            try RouteTable(
                routes: [
                    Route(
                        id: "wiki", host: .exact("wiki.acme.example"), organizationSlug: "acme",
                        upstreams: [Upstream(host: "127.0.0.1", port: 1)], responseHeaders: [.init(name: "A", value: "b\r\nC: d")])
                ], externalHost: "auth.example")
        }
    }

    private static let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test func `a trace goes on as it came`() async throws {
        try await World.run { world async throws in
            _ = try await world.exchange(World.request("/", "traceparent: \(Self.trace)\r\ntracestate: a=1\r\ntracestate: b=2\r\n"))
            let request = try #require(world.upstream.requests.last)
            #expect(request.values("traceparent") == [Self.trace])
            #expect(request.values("tracestate") == ["a=1", "b=2"])
        }
    }

    @Test(
        "what is no trace is dropped, and one begins under the request's id",
        arguments: [
            "", "traceparent: \(trace)\r\ntraceparent: \(trace)\r\n", "traceparent: \(trace.uppercased())\r\n",
            "traceparent: \(trace)-extra\r\n", "traceparent: \(trace.replacing("00-4", with: "ff-4"))\r\n",
            "traceparent: \(trace.replacing("4bf92f3577b34da6a3ce929d0e0e4736", with: String(repeating: "0", count: 32)))\r\n",
            "traceparent: \(trace.replacing("00f067aa0ba902b7", with: String(repeating: "0", count: 16)))\r\n",
            "traceparent: \(trace.replacing("a3ce", with: "a3zz"))\r\n", "trace_parent: \(trace)\r\nTraceParent: x\r\n",
        ])
    func noTrace(_ fields: String) async throws {
        try await World.run { world async throws in
            _ = try await world.exchange(World.request("/", fields + "tracestate: evil=1\r\n"))
            let request = try #require(world.upstream.requests.last)
            let id = try #require(request.values("X-Request-Id").first)
            let parent = try #require(request.headers.filter { $0.name == "traceparent" }.map(\.value).first)
            #expect(request.headers.filter { $0.name.lowercased() == "traceparent" }.count == 1)
            #expect(parent.hasPrefix("00-\(id)-") && parent.hasSuffix("-00") && parent.utf8.count == 55)
            #expect(withView(parent) { TraceContext.isValid($0) })
            #expect(!request.head.contains("evil"))
        }
    }

    @Test func `a prefix that a listed proxy has taken off is passed on, anybody else's is not`() async throws {
        let trusted = TrustedProxies(networks: [try #require(AddressRange("127.0.0.1"))])
        try await World.run(trusted: trusted) { world async throws in
            _ = try await world.exchange(World.request("/", "X-Forwarded-Prefix: /app\r\n"))
            #expect(world.upstream.requests.last?.values("X-Forwarded-Prefix") == ["/app"])
            for prefix in ["app", "/a//b", "/../x", "/a b", "//evil.example", "", "/a%2fb"] {
                _ = try await world.exchange(World.request("/", "X-Forwarded-Prefix: \(prefix)\r\nX_Forwarded_Prefix: /evil\r\n"))
                #expect(world.upstream.requests.last?.values("X-Forwarded-Prefix") == [], "\(prefix)")
            }
        }
        try await World.run { world async throws in
            _ = try await world.exchange(World.request("/", "X-Forwarded-Prefix: /app\r\n"))
            #expect(world.upstream.requests.last?.values("X-Forwarded-Prefix") == [])
        }
    }
}
