import NIOCore
import NIOSSL
import Testing

@testable import Proxy

@Suite(.timeLimit(.minutes(2))) struct TLSTests {
    /// The common name of the certificate that a new connection is shown; `nil` where the handshake fails.
    private func shown(_ world: World, _ pki: TestPKI, name: String) async throws -> String? {
        let client = try await RawClient.connect(port: world.port, tls: try pki.clientContext(), serverName: name)
        // Not waited for: after a failed handshake nothing is ever written.
        client.enqueue(Array(World.request(secure: true).utf8))
        let status = try? await client.readResponse().status
        let subject = status == nil ? nil : try await client.peerName()
        await client.close()
        return subject
    }

    @Test("HTTP/1.1 over TLS is https", arguments: [nil, "http/1.1"])
    func http1(_ name: String?) async throws {
        let pki = try TestPKI()
        try await World.run(secure: true, tls: try TLSContext(certificates: [try pki.server("wiki.acme.example")])) { world async throws in
            let client = try await RawClient.connect(
                port: world.port, tls: try pki.clientContext(protocols: name.map { [$0] } ?? []), serverName: "wiki.acme.example")
            for _ in 0..<3 {
                try await client.send(World.request("/a", secure: true))
                #expect(try await client.readResponse().text == "ok")
            }
            let request = try #require(world.upstream.requests.first)
            #expect(request.values("X-Forwarded-Proto") == ["https"])
            #expect(request.values("Host") == ["wiki.acme.example"])
            #expect(world.sessions.lookups.withLock { $0.last?.origin } == "https://wiki.acme.example")
            // The default port of https is no part of the origin, that of http is none of ours.
            try await client.send(World.request("/a", host: "wiki.acme.example:443", secure: true))
            #expect(try await client.readResponse().status == 200)
            #expect(world.upstream.requests.last?.values("Host") == ["wiki.acme.example"])
            await client.close()
        }
    }

    @Test func `the certificate is that of the host which the client names`() async throws {
        let pki = try TestPKI()
        let tls = try TLSContext(certificates: [
            try pki.server("first.example"), try pki.server("wiki.acme.example"), try pki.server("*.apps.example", "apps.example"),
        ])
        try await World.run(secure: true, tls: tls) { world async throws in
            #expect(try await shown(world, pki, name: "first.example") == "first.example")
            #expect(try await shown(world, pki, name: "WIKI.acme.example") == "wiki.acme.example")
            #expect(try await shown(world, pki, name: "globex.apps.example") == "*.apps.example")
            #expect(try await shown(world, pki, name: "apps.example") == "*.apps.example")
            // Two labels are more than the one that `*` stands for: the first certificate, which is not for that host.
            #expect(try await shown(world, pki, name: "a.b.apps.example") == nil)
        }
    }

    @Test func `new certificates are for new connections, and old connections go on`() async throws {
        let pki = try TestPKI(), next = try TestPKI("Next CA")
        try await World.run(secure: true, tls: try TLSContext(certificates: [try pki.server("wiki.acme.example")])) { world async throws in
            let old = try await RawClient.connect(port: world.port, tls: try pki.clientContext(), serverName: "wiki.acme.example")
            try await old.send(World.request(secure: true))
            #expect(try await old.readResponse().status == 200)
            await world.server.replace(tls: try TLSContext(certificates: [try next.server("wiki.acme.example")]))
            #expect(try await shown(world, next, name: "wiki.acme.example") == "wiki.acme.example")
            #expect(try await shown(world, pki, name: "wiki.acme.example") == nil)
            try await old.send(World.request(secure: true))
            #expect(try await old.readResponse().status == 200)
            await old.close()
        }
    }

    @Test func `a client may show a certificate, and one that does not verify ends the handshake`() async throws {
        let pki = try TestPKI(), clients = try TestPKI("Clients"), others = try TestPKI("Others")
        let tls = try TLSContext(certificates: [try pki.server("wiki.acme.example")], clientAuthority: try clients.authorityPEM)
        let routes: @Sendable (Int) -> [Route] = { port in
            [
                Route(
                    id: "wiki", host: .exact("wiki.acme.example"), organizationSlug: "acme",
                    upstreams: [.init(host: "127.0.0.1", port: port)],
                    headers: [.init(name: "X-Client", template: [.text("dn:"), .placeholder("client_certificate_subject")])])
            ]
        }
        try await World.run(secure: true, tls: tls, routes: routes) { world async throws in
            for (certificate, expected) in [
                (try clients.client("Alice Ä"), ["dn:CN=Alice %C3%84,O=Ex\\, Ample"]), (nil, []),
            ] as [(TLSCertificate?, [String])] {
                let client = try await RawClient.connect(
                    port: world.port, tls: try pki.clientContext(certificate: certificate), serverName: "wiki.acme.example")
                try await client.send(World.request("/", "X-Client: dn:CN=evil\r\nX_Client: evil\r\n", secure: true))
                #expect(try await client.readResponse().status == 200)
                #expect(world.upstream.requests.last?.values("X-Client") == expected)
                await client.close()
            }
            let before = world.upstream.requests.count
            let client = try await RawClient.connect(
                port: world.port, tls: try pki.clientContext(certificate: try others.client("Mallory")), serverName: "wiki.acme.example")
            client.enqueue(Array(World.request(secure: true).utf8))
            #expect(try await client.readToEnd().isEmpty)
            #expect(world.upstream.requests.count == before)
        }
    }

    @Test func `old versions and plain text get nowhere, and are closed in time`() async throws {
        let pki = try TestPKI()
        var limits = World.quickLimits
        limits.headDeadline = .milliseconds(600)
        try await World.run(limits: limits, secure: true, tls: try TLSContext(certificates: [try pki.server("wiki.acme.example")])) {
            world async throws in
            let old = try await RawClient.connect(
                port: world.port, tls: try pki.clientContext(maximum: .tlsv11), serverName: "wiki.acme.example")
            old.enqueue(Array(World.request(secure: true).utf8))
            #expect(try await old.readToEnd().isEmpty)
            let plain = try await world.connect()
            try await plain.send(World.request(secure: true))
            _ = try await plain.readToEnd()
            let silent = try await world.connect()
            #expect(try await silent.readToEnd().isEmpty)
            #expect(world.upstream.requests.isEmpty)
            #expect(try await shown(world, pki, name: "wiki.acme.example") == "wiki.acme.example")
        }
    }

    @Test func `what can't be served is told apart`() throws {
        let pki = try TestPKI()
        let first = try pki.server("a.example"), second = try pki.server("b.example")
        let mixed = TLSCertificate(chain: first.chain, privateKey: second.privateKey)
        #expect(throws: TLSContextError.mismatch(index: 0)) { try TLSContext(certificates: [mixed]) }
        #expect(throws: TLSContextError.mismatch(index: 1)) { try TLSContext(certificates: [first, mixed]) }
        #expect(throws: TLSContextError.certificate(index: 0)) { try TLSContext(certificates: []) }
        #expect(throws: TLSContextError.certificate(index: 1)) {
            try TLSContext(certificates: [first, TLSCertificate(chain: "", privateKey: second.privateKey)])
        }
        #expect(throws: TLSContextError.privateKey(index: 0)) {
            try TLSContext(certificates: [TLSCertificate(chain: first.chain, privateKey: first.chain)])
        }
        #expect(throws: TLSContextError.nameless(index: 1)) { try TLSContext(certificates: [first, try pki.server()]) }
        #expect(throws: TLSContextError.clientAuthority) { try TLSContext(certificates: [first], clientAuthority: "nothing") }
    }
}
