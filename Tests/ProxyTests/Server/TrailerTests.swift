import Testing

@testable import Proxy

@Suite(.timeLimit(.minutes(2))) struct TrailerTests {
    private static let trailers =
        "X-Checksum: abc\r\nX-Gateway-Member: evil\r\nx_gateway_assertion: evil\r\nRemote_User: evil\r\nX-Forwarded-For: evil\r\nHost: evil\r\nCookie: gateway-session=evil\r\nAuthorization: evil\r\nContent-Length: 9\r\nSet-Cookie: gateway-session=evil\r\ntransfer_encoding: evil\r\nX-Original-URL: /evil\r\n"

    private func run(_ body: (World) async throws -> Void) async throws {
        try await World.run(
            routes: { port in
                [true, false].map { keeps in
                    Route(
                        id: keeps ? "keeps" : "drops", host: .exact(keeps ? "keeps.example" : "drops.example"), organizationSlug: "acme",
                        upstreams: [Upstream(host: "127.0.0.1", port: port)], headers: [.init(name: "Remote-User", template: [])],
                        keepsTrailers: keeps)
                }
            }, reply: { _ in .text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\(Self.trailers)\r\n") }, body)
    }

    @Test("trailers go on where the route keeps them, and never those that mean something", arguments: [true, false])
    func trailers(_ keeps: Bool) async throws {
        try await run { world async throws in
            let client = try await world.connect()
            let host = keeps ? "keeps.example" : "drops.example"
            let fields = "TE: trailers\r\nTransfer-Encoding: chunked\r\n"
            try await client.send(World.request(method: "POST", host: host, fields, body: "2\r\nhi\r\n0\r\n\(Self.trailers)\r\n"))
            let ending = keeps ? "0\r\nX-Checksum: abc\r\n\r\n" : "0\r\n\r\n"
            let bytes = try await client.wait { $0.suffix(4) == Array("\r\n\r\n".utf8)[...] && $0.firstRange(of: Array("ok".utf8)) != nil }
                .bytes
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.hasSuffix("2\r\nok\r\n" + ending))
            #expect(!text.contains("evil"))
            let request = try #require(world.upstream.requests.last)
            #expect(String(decoding: request.body, as: UTF8.self) == "hi")
            #expect(request.values("TE") == (keeps ? ["trailers"] : []))
            #expect(request.trailers == (keeps ? "X-Checksum: abc\r\n" : ""))
        }
    }

    @Test func `a trailer section that is not one is dropped whole`() async throws {
        try await run { world async throws in
            for trailer in ["X-A: 1\r\nContent-Length: x\r\n", "X-A: 1\r\nHost: a\r\nHost: b\r\n"] {
                let body = "2\r\nhi\r\n0\r\n\(trailer)\r\n"
                let response = try await world.exchange(
                    World.request(method: "POST", host: "keeps.example", "Transfer-Encoding: chunked\r\n", body: body))
                #expect(response.status == 200)
                #expect(world.upstream.requests.last?.trailers == "")
            }
        }
    }
}
