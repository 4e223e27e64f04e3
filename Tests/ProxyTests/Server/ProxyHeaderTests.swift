import NIOCore
import Testing

@testable import Proxy

/// The PROXY protocol, byte by byte and over a socket.
@Suite(.timeLimit(.minutes(2))) struct ProxyHeaderTests {
    static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    static let four: [UInt8] = [203, 0, 113, 9, 10, 0, 0, 1, 0xC3, 0x50, 0x01, 0xBB]
    static let six: [UInt8] =
        [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [9] + [UInt8](repeating: 0, count: 15) + [1, 0xC3, 0x50, 0x01, 0xBB]

    static func binary(_ family: UInt8, _ rest: [UInt8], command: UInt8 = 0x21, length: Int? = nil) -> [UInt8] {
        let count = length ?? rest.count
        return signature + [command, family, UInt8(count >> 8), UInt8(count & 0xFF)] + rest
    }

    private func parse(_ bytes: [UInt8]) -> ProxyHeader.Outcome { withView(bytes) { ProxyHeader.parse($0) } }

    static let headers: [([UInt8], String?, UInt16)] = [
        (Array("PROXY TCP4 203.0.113.9 10.0.0.1 50000 443\r\n".utf8), "203.0.113.9", 443),
        (Array("PROXY TCP6 2001:db8::9 ::1 50000 443\r\n".utf8), "2001:db8::9", 443), (Array("PROXY UNKNOWN\r\n".utf8), nil, 0),
        (Array("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n".utf8), nil, 0), (binary(0x11, four), "203.0.113.9", 443),
        (binary(0x21, six), "2001:db8::9", 443), (binary(0x11, four + [0x04, 0, 1, 0]), "203.0.113.9", 443),
        (binary(0x00, [], command: 0x20), nil, 0),
        (binary(0x11, four, command: 0x20), nil, 0), (binary(0x31, [UInt8](repeating: 0, count: 216)), nil, 0),
    ]

    @Test("a header tells who the client is, whatever comes after it and however it is cut", arguments: headers)
    func complete(_ bytes: [UInt8], _ source: String?, _ port: UInt16) {
        let addresses = source.flatMap { IPAddress($0) }.map { ProxyHeader.Addresses(source: $0, destinationPort: port) }
        #expect(parse(bytes) == .complete(bytes.count, addresses))
        #expect(parse(bytes + Array("GET / HTTP/1.1\r\n".utf8)) == .complete(bytes.count, addresses))
        for count in 0..<bytes.count { #expect(parse(Array(bytes.prefix(count))) == .incomplete) }
    }

    static let malformed: [[UInt8]] =
        [
            "GET / HTTP/1.1\r\n", "PROXY TCP4 203.0.113.9 10.0.0.1 50000 443\n", "PROXY TCP4 203.0.113.9 10.0.0.1 50000\r\n",
            "PROXY TCP4  203.0.113.9 10.0.0.1 50000 443\r\n", "PROXY TCP4 203.0.113.9 10.0.0.1 50000 443 \r\n",
            "PROXY TCP4 2001:db8::9 ::1 50000 443\r\n", "PROXY TCP6 203.0.113.9 10.0.0.1 50000 443\r\n",
            "PROXY TCP4 203.0.113.9 10.0.0.1 50000 65536\r\n", "PROXY TCP4 203.0.113.9 10.0.0.1 050 443\r\n",
            "PROXY TCP4 203.0.113.256 10.0.0.1 50000 443\r\n", "PROXY UDP4 203.0.113.9 10.0.0.1 50000 443\r\n", "proxy UNKNOWN\r\n",
            "PROXY " + String(repeating: "x", count: 200), "X",
        ].map { Array($0.utf8) } + [
            signature + [0x11, 0x11, 0, 12] + four, binary(0x11, four, command: 0x22), binary(0x11, Array(four.dropLast())),
            binary(0x21, Array(six.dropLast())), binary(0x41, four), binary(0x11, [], length: 4_096), [0x0D, 0x0A, 0x0D, 0x0B],
        ]

    @Test("anything else is malformed", arguments: malformed)
    func refused(_ bytes: [UInt8]) { #expect(parse(bytes) == .malformed) }

    @Test("a listed peer speaks for the client that it names", arguments: [headers[0].0, headers[4].0])
    func listed(_ header: [UInt8]) async throws {
        try await World.run(proxies: [try #require(AddressRange("127.0.0.1"))]) { world async throws in
            let client = try await world.connect()
            // Byte by byte, and the request in the last piece.
            for byte in header { try await client.send([byte]) }
            try await client.send(World.request(host: "wiki.acme.example:443", "X-Forwarded-For: 192.0.2.1\r\n"))
            #expect(try await client.readResponse().status == 200)
            #expect(world.upstream.requests.last?.values("X-Forwarded-For") == ["203.0.113.9"])
            // The port that the client connected to, which is the proxy's.
            #expect(world.upstream.requests.last?.values("Host") == ["wiki.acme.example:443"])
            await client.close()
        }
    }

    @Test func `trust is in whom the header names, not in the proxy that sends it`() async throws {
        let loopback = try #require(AddressRange("127.0.0.1")), inner = try #require(AddressRange("203.0.113.0/24"))
        for (trusted, expected) in [(loopback, "203.0.113.9"), (inner, "192.0.2.1")] {
            try await World.run(trusted: TrustedProxies(networks: [trusted]), proxies: [loopback]) { world async throws in
                let client = try await world.connect()
                try await client.send(Self.headers[0].0 + Array(World.request("/", "X-Forwarded-For: 192.0.2.1\r\n").utf8))
                #expect(try await client.readResponse().status == 200)
                #expect(world.upstream.requests.last?.values("X-Forwarded-For") == [expected])
                await client.close()
            }
        }
    }

    @Test func `a listed peer without a header is refused, and so is the header of anybody else`() async throws {
        try await World.run(proxies: [try #require(AddressRange("127.0.0.1"))]) { world async throws in
            #expect(try await world.exchange(World.request()).status == 400)
            #expect(world.upstream.requests.isEmpty)
            #expect(world.refusals.all == ["proxy_header"])
        }
        for header in [Self.headers[0].0, Self.headers[4].0] {
            try await World.run { world async throws in
                let client = try await world.connect()
                try await client.send(header + Array(World.request().utf8))
                #expect(try await client.readResponse().status == 400)
                #expect(world.upstream.requests.isEmpty)
                await client.close()
                try await world.expectServing()
            }
        }
    }

    @Test func `a header that does not end is given up, and one before TLS is read`() async throws {
        var limits = World.quickLimits
        limits.headDeadline = .milliseconds(500)
        let loopback = try #require(AddressRange("127.0.0.1"))
        try await World.run(limits: limits, proxies: [loopback]) { world async throws in
            let client = try await world.connect()
            try await client.send("PROXY TCP4 203.0")
            #expect(try await client.readToEnd().isEmpty)
        }
        let pki = try TestPKI()
        try await World.run(secure: true, proxies: [loopback], tls: try TLSContext(certificates: [try pki.server("wiki.acme.example")])) {
            world async throws in
            let client = try await RawClient.connect(
                port: world.port, tls: try pki.clientContext(), serverName: "wiki.acme.example", before: Self.headers[4].0)
            try await client.send(World.request(secure: true))
            #expect(try await client.readResponse().status == 200)
            #expect(world.upstream.requests.last?.values("X-Forwarded-For") == ["203.0.113.9"])
            await client.close()
        }
    }
}
