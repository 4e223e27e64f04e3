import NIOHPACK
import SwiftASN1
import Testing
import X509

@testable import Proxy

/// What an upstream receives in HTTP/2, and that nothing else is spoken to it.
@Suite(.timeLimit(.minutes(2))) struct HTTP2UpstreamRequestTests {
    @Test func `a request of HTTP/1.1 arrives as the fields that were decided on`() async throws {
        let upstream = try await FrameUpstream.start()
        try await StreamWorld.run(upstream) { world async throws in
            let fields =
                "X-Custom: Value\r\nCookie: app=1\r\nX-Gateway-Member: evil\r\nremote_user: evil\r\nConnection: X-Hop\r\nX-Hop: evil\r\nKeep-Alive: 5\r\nUpgrade: h2c\r\nTE: gzip\r\nContent-Length: 5\r\n"
            let response = try await world.exchange(World.request("/a/./b%41?q=%20", method: "POST", fields, body: "hello"))
            #expect(response.status == 200 && response.text == "ok")
            #expect(response.values("transfer-encoding") == ["chunked"])
            let seen = try #require(upstream.requests.first)
            #expect(seen.fields.prefix(4).map(\.name) == [":method", ":scheme", ":path", ":authority"])
            #expect(seen.fields.prefix(4).map(\.value) == ["POST", "http", "/a/bA?q=%20", "wiki.acme.example"])
            #expect(seen.fields.allSatisfy { $0.name == $0.name.lowercased() })
            #expect(String(decoding: seen.body, as: UTF8.self) == "hello")
            #expect(seen.values("x-custom") == ["Value"])
            #expect(seen.values("cookie") == ["app=1"])
            #expect(seen.values("x-gateway-assertion") == ["signed"])
            #expect(seen.values("x-forwarded-host") == ["wiki.acme.example"])
            #expect(seen.values("content-length") == ["5"])
            #expect(!seen.fields.contains { $0.value.contains("evil") })
            for name in ["connection", "keep-alive", "upgrade", "te", "host", "transfer-encoding", "x-gateway-member", "remote_user"] {
                #expect(seen.values(name) == [], "\(name)")
            }
        }
    }

    @Test func `secrets of one person stay out of the table that all requests of a connection share`() async throws {
        let upstream = try await FrameUpstream.start()
        try await StreamWorld.run(upstream) { world async throws in
            let response = try await world.exchange(World.request("/", "Cookie: app=1\r\nAuthorization: Bearer x\r\nAccept: a/b\r\n"))
            #expect(response.status == 200)
            let seen = try #require(upstream.requests.first)
            for name in ["cookie", "authorization", "x-gateway-assertion"] { #expect(seen.indexing[name] == .neverIndexed, "\(name)") }
            #expect(seen.indexing["x-request-id"] == .nonIndexable)
            #expect(seen.indexing["accept"] == .indexable)
        }
    }

    @Test("how the end of a request is said", arguments: ["none", "length", "chunked", "empty"])
    func ends(_ kind: String) async throws {
        let upstream = try await FrameUpstream.start()
        try await StreamWorld.run(upstream) { world async throws in
            let (fields, body, expected) =
                switch kind {
                case "length": ("Content-Length: 3\r\n", "abc", "abc")
                case "chunked": ("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde")
                case "empty": ("Transfer-Encoding: chunked\r\n", "0\r\n\r\n", "")
                default: ("", "", "")
                }
            #expect(try await world.exchange(World.request("/x", method: "POST", fields, body: body)).text == "ok")
            let seen = try #require(upstream.requests.first)
            #expect(String(decoding: seen.body, as: UTF8.self) == expected)
            #expect(seen.values("transfer-encoding") == [])
        }
    }

    @Test("trailers of a request go on where the route keeps them", arguments: [true, false])
    func trailers(_ keeps: Bool) async throws {
        let upstream = try await FrameUpstream.start()
        try await StreamWorld.runWithTLS(upstream, keepsTrailers: keeps) { world, pki in
            let client = try await FrameClient.connect(port: world.port, pki: pki)
            try await client.open(1, FrameClient.request("/1", method: "POST", [("te", "trailers")]), endsStream: false)
            try await client.data(1, Array("hi".utf8))
            try await client.open(1, [("x-checksum", "abc"), ("x-gateway-member", "evil"), ("cookie", "evil")])
            #expect(try await client.result(1).text == "ok")
            let seen = try #require(upstream.requests.last)
            #expect(seen.values("te") == (keeps ? ["trailers"] : []))
            #expect(seen.trailers.map(\.name) == (keeps ? ["x-checksum"] : []))
            #expect(String(decoding: seen.body, as: UTF8.self) == "hi")
            await client.close()
        }
        let other = try await FrameUpstream.start()
        try await StreamWorld.run(other, keepsTrailers: keeps) { world async throws in
            let body = "2\r\nhi\r\n0\r\nX-Checksum: abc\r\nX-Gateway-Member: evil\r\n\r\n"
            let response = try await world.exchange(World.request("/", method: "POST", "Transfer-Encoding: chunked\r\n", body: body))
            #expect(response.status == 200)
            #expect(other.requests.last?.trailers.map(\.name) == (keeps ? ["x-checksum"] : []))
        }
    }

    @Test func `a value that HTTP/2 here can't carry byte for byte is refused`() async throws {
        let upstream = try await FrameUpstream.start()
        try await StreamWorld.run(upstream) { world async throws in
            let client = try await world.connect()
            try await client.send(
                Array("GET / HTTP/1.1\r\nHost: wiki.acme.example\r\nCookie: gateway-session=\(World.token)\r\nX-Name: a".utf8))
            try await client.send([0xE9] + Array("\r\n\r\n".utf8))
            #expect(try await client.readResponse().status == 400)
            #expect(world.refusals.all == ["field_value"])
            #expect(upstream.events.all.isEmpty)
            // UTF-8 it can.
            #expect(try await world.exchange(World.request("/", "X-Name: é\r\n")).status == 200)
            #expect(upstream.requests.first?.values("x-name") == ["é"])
        }
    }

    @Test func `a WebSocket is refused, and never becomes another request`() async throws {
        let upstream = try await FrameUpstream.start()
        try await StreamWorld.run(upstream) { world async throws in
            let fields =
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            #expect(try await world.exchange(World.request("/", fields)).status == 501)
            #expect(world.refusals.all == ["web_socket"])
            #expect(upstream.events.all.isEmpty)
            #expect(try await world.exchange(World.request()).status == 200)
        }
    }

    @Test func `over TLS HTTP/2 is agreed on, or nothing is sent`() async throws {
        let authority = try TestAuthority()
        let pem = try authority.pem
        let make = { @Sendable (port: Int) in Upstream(host: "localhost", port: port, tls: .authorities(pem: pem), speaksHTTP2: true) }
        let upstream = try await FrameUpstream.start(tls: try authority.server([.dnsName("localhost")], protocols: ["h2", "http/1.1"]))
        try await StreamWorld.run(upstream, make: make) { world async throws in
            #expect(try await world.exchange(World.request()).status == 200)
            #expect(upstream.requests.first?.values(":scheme") == ["https"])
        }
        for protocols in [["http/1.1"], []] {
            let other = try await FrameUpstream.start(tls: try authority.server([.dnsName("localhost")], protocols: protocols))
            try await StreamWorld.run(other, make: make) { world async throws in
                #expect(try await world.exchange(World.request()).status == 502)
                #expect(await world.upstreamChanges.first { $0.change == .avoided }.reason == "no_http2")
                #expect(other.requests.isEmpty)
            }
        }
    }

    @Test func `a server of HTTP/1.1 is not mistaken for one of HTTP/2`() async throws {
        for reply in [RecordingUpstream.Reply.text(RecordingUpstream.ok), .silence, .close] {
            let plain = try await RecordingUpstream.start { _ in reply }
            try await World.run(
                upstream: plain,
                routes: { port in
                    [
                        Route(
                            id: "wiki", host: .exact("wiki.acme.example"), organizationSlug: "acme",
                            upstreams: [Upstream(host: "127.0.0.1", port: port, speaksHTTP2: true)],
                            timeouts: UpstreamTimeouts(connect: .milliseconds(300)))
                    ]
                }
            ) { world async throws in
                #expect(try await world.exchange(World.request("/", method: "POST", "Content-Length: 2\r\n", body: "hi")).status == 502)
                #expect(await world.upstreamChanges.first { $0.change == .avoided }.reason == "no_http2")
                // Nothing but the preface, which no server of HTTP/1 takes for a request it may act on.
                #expect(world.upstream.requests.allSatisfy { ["PRI * HTTP/2.0", "SM"].contains($0.head) })
            }
        }
    }

    @Test func `an upstream on a unix socket is spoken to in the same way`() async throws {
        let path = "/tmp/h2-\(UInt64.random(in: 0 ... .max)).sock"
        let upstream = try await FrameUpstream.start(unixPath: path)
        try await StreamWorld.run(upstream, make: { _ in Upstream(address: .unix(path: path), speaksHTTP2: true) }) { world async throws in
            #expect(try await world.exchange(World.request()).text == "ok")
        }
    }
}
