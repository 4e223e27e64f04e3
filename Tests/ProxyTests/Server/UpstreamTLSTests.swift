import NIOCore
import NIOSSL
import SwiftASN1
import Testing
import X509

@testable import Proxy

@Suite(.timeLimit(.minutes(2))) struct UpstreamTLSTests {
    private static let loopback = GeneralName.ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1]))

    /// A world whose upstream speaks TLS.
    private func run(
        _ names: [GeneralName], host: String = "localhost", isExpired: Bool = false, trusts: TestAuthority? = nil,
        onName: @escaping @Sendable (String?) -> Void = { _ in }, _ body: (World) async throws -> Void
    ) async throws {
        let authority = try TestAuthority()
        let upstream = try await RecordingUpstream.start(
            tls: try authority.server(names, isExpired: isExpired, onName: onName))
        let pem = try (trusts ?? authority).pem
        try await World.run(
            upstream: upstream,
            routes: { port in
                [
                    Route(
                        id: "wiki", host: .exact("wiki.acme.example"), organizationSlug: "acme",
                        upstreams: [Upstream(host: host, port: port, tls: .authorities(pem: pem))])
                ]
            }, body)
    }

    @Test func `an upstream with TLS is asked by its own name, and its connection is used again`() async throws {
        let names = EventLog<String?>()
        try await run([.dnsName("localhost")], onName: { names.add($0) }) { world async throws in
            for _ in 0..<3 { try await world.expectServing() }
            #expect(world.upstream.connectionCount == 1)
            #expect(names.all == ["localhost"])
            // What the browser called it is in the request, not in the handshake.
            #expect(world.upstream.requests.last?.values("Host") == ["wiki.acme.example"])
        }
    }

    @Test func `an address is compared with the addresses of the certificate`() async throws {
        try await run([Self.loopback], host: "127.0.0.1") { world async throws in try await world.expectServing() }
        let other = GeneralName.ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 2]))
        try await run([other], host: "127.0.0.1") { world async throws in try await refuses(world) }
    }

    @Test func `a certificate of another name, of the past or of a stranger is never spoken to`() async throws {
        try await run([.dnsName("other.example")]) { world async throws in try await refuses(world) }
        try await run([.dnsName("localhost")], isExpired: true) { world async throws in try await refuses(world) }
        try await run([.dnsName("localhost")], trusts: try TestAuthority()) { world async throws in try await refuses(world) }
        try await run([.dnsName("*.localhost")]) { world async throws in try await refuses(world) }
    }

    private func refuses(_ world: World) async throws {
        let response = try await world.exchange(World.request())
        #expect(response.status == 502)
        #expect(world.upstream.requests.isEmpty)
        #expect(world.local.last?.purpose == .badGateway)
        let change = await world.upstreamChanges.first { $0.change == .avoided }
        #expect(change.reason == "tls_failed")
    }

    @Test func `an upstream that speaks no TLS, or nothing at all, is given up in time`() async throws {
        let authority = try TestAuthority()
        let pem = try authority.pem
        let plain = try await RecordingUpstream.start { _ in .silence }
        let route = { @Sendable (port: Int) in
            [
                Route(
                    id: "wiki", host: .exact("wiki.acme.example"), organizationSlug: "acme",
                    upstreams: [Upstream(host: "localhost", port: port, tls: .authorities(pem: pem))],
                    timeouts: UpstreamTimeouts(connect: .milliseconds(300)))
            ]
        }
        try await World.run(upstream: plain, routes: route) { world async throws in
            #expect(try await world.exchange(World.request()).status == 502)
            #expect(world.upstream.requests.isEmpty)
        }
    }

    @Test func `without close_notify a body that ends with its connection is cut off`() async throws {
        let authority = try TestAuthority()
        let pem = try authority.pem
        let upstream = try await RecordingUpstream.start(tls: try authority.server([.dnsName("localhost")])) { _ in
            .text("HTTP/1.1 200 OK\r\n\r\nhalf")
        }
        try await World.run(
            upstream: upstream,
            routes: { port in
                [
                    Route(
                        id: "wiki", host: .exact("wiki.acme.example"), organizationSlug: "acme",
                        upstreams: [Upstream(host: "localhost", port: port, tls: .authorities(pem: pem))])
                ]
            }
        ) { world async throws in
            let client = try await world.connect()
            try await client.send(World.request())
            _ = try await client.wait { $0.firstRange(of: Array("half".utf8)) != nil }
            // Past the TLS handler: the connection ends as if somebody had cut it.
            let channel = try #require(upstream.channels.first)
            try await channel.pipeline.context(handlerType: NIOSSLServerHandler.self).flatMap { context in
                context.close(promise: nil)
                return context.eventLoop.makeSucceededVoidFuture()
            }.get()
            let bytes = try await client.readToEnd()
            #expect(!String(decoding: bytes, as: UTF8.self).hasSuffix("0\r\n\r\n"))
        }
    }

    @Test func `authorities that can't be read are no route table`() {
        for pem in ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            #expect(throws: RouteTableError.authorities(route: "wiki")) {
                try RouteTable(
                    routes: [
                        Route(
                            id: "wiki", host: .exact("wiki.acme.example"), organizationSlug: "acme",
                            upstreams: [Upstream(host: "localhost", port: 1, tls: .authorities(pem: Array(pem.utf8)))])
                    ], externalHost: "auth.example")
            }
        }
    }
}
