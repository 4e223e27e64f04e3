import Glibc
import NIOCore
import Testing

@testable import Proxy

@Suite(.timeLimit(.minutes(2))) struct ListeningTests {
    /// A server on the given addresses in front of the recording upstream.
    private func serve(
        _ listen: [ListenAddress], trusted: TrustedProxies = TrustedProxies(), mode: UInt32 = 0o660, inheriting: [InheritedSocket] = [],
        _ body: (ProxyServer, [ListenAddress], RecordingUpstream) async throws -> Void
    ) async throws {
        let upstream = try await RecordingUpstream.start()
        let table = try RouteTable(routes: World.routes(upstreamPort: upstream.port), externalHost: "auth.example")
        let settings = ProxySettings(
            listen: listen, loops: 2, secureCookies: false, trustedProxies: trusted, unixSocketMode: mode, limits: World.quickLimits)
        let server = ProxyServer(settings: settings, routes: table, sessions: StubSessions(), local: StubLocal(), clock: { 0 })
        do {
            try await body(server, try await server.start(inheriting: inheriting), upstream)
        } catch {
            await server.shutDown(deadline: .zero)
            await upstream.stop()
            throw error
        }
        await server.shutDown(deadline: .zero)
        await upstream.stop()
    }

    private func status(_ address: SocketAddress, _ fields: String = "") async throws -> Int {
        let client = try await RawClient.connect(to: address)
        try await client.send(World.request("/", fields))
        let status = try await client.readResponse().status
        await client.close()
        return status
    }

    private func folder() throws -> String {
        var template = Array("/tmp/gateway-listen-XXXXXX\0".utf8CString.dropLast())
        try #require(mkdtemp(&template) != nil)
        return String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    @Test func `several addresses, of both families and of unix, serve side by side`() async throws {
        let path = try folder() + "/g.sock"
        try await serve([.tcp(host: "127.0.0.1", port: 0), .tcp(host: "::1", port: 0), .unix(path: path)], mode: 0o600) {
            _, bound, upstream async throws in
            var addresses: [SocketAddress] = []
            for case .tcp(let host, let port) in bound { addresses.append(try SocketAddress(ipAddress: host, port: port)) }
            addresses.append(try SocketAddress(unixDomainSocketPath: path))
            #expect(addresses.count == 3)
            for address in addresses { #expect(try await status(address) == 200) }
            #expect(upstream.requests.map { $0.values("X-Forwarded-For") } == [["127.0.0.1"], ["::1"], ["unknown"]])
            var status = stat()
            #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        }
        // Gone with the listener.
        #expect(access(path, F_OK) != 0)
    }

    @Test("whoever can open the unix socket is believed only where that is said", arguments: [true, false])
    func trustedUnix(_ isTrusted: Bool) async throws {
        let path = try folder() + "/g.sock"
        try await serve([.unix(path: path)], trusted: TrustedProxies(includesUnixSockets: isTrusted)) { _, _, upstream async throws in
            let address = try SocketAddress(unixDomainSocketPath: path)
            #expect(try await status(address, "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\n") == 200)
            #expect(upstream.requests.last?.values("X-Forwarded-For") == [isTrusted ? "203.0.113.9" : "unknown"])
            #expect(upstream.requests.last?.values("X-Forwarded-Proto") == [isTrusted ? "https" : "http"])
        }
    }

    @Test func `a socket that a dead process left is replaced; one that is listened on, or a file, is not`() async throws {
        let path = try folder() + "/g.sock"
        let dead = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let address = try SocketAddress(unixDomainSocketPath: path)
        let bound = address.withSockAddr { bind(dead, $0, socklen_t($1)) }
        #expect(bound == 0)
        close(dead)
        try await serve([.unix(path: path)]) { _, _, _ async throws in
            #expect(try await self.status(address) == 200)
            await #expect(throws: ListenError.system(.unix(path: path), errno: EADDRINUSE)) {
                try await self.serve([.unix(path: path)]) { _, _, _ async throws in }
            }
            #expect(try await self.status(address) == 200)
        }
        close(open(path, O_CREAT | O_WRONLY, 0o600))
        await #expect(throws: ListenError.system(.unix(path: path), errno: EADDRINUSE)) {
            try await self.serve([.unix(path: path)]) { _, _, _ async throws in }
        }
        #expect(access(path, F_OK) == 0)
    }

    @Test func `what is not handed over, or no listening socket, is told apart`() async throws {
        let web = ListenAddress.inherited(name: "web")
        await #expect(throws: ListenError.notInherited(web)) { try await self.serve([web]) { _, _, _ async throws in } }
        let other = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(other) }
        await #expect(throws: ListenError.notListening(web)) {
            try await self.serve([web], inheriting: [InheritedSocket(names: ["systemd:web"], descriptor: other)]) { _, _, _ async throws in
            }
        }
    }

    /// What a hand-over is made of: the second server listens on the first one's socket before that stops.
    @Test func `a second server goes on with the sockets of the first, and no request is lost`() async throws {
        try await serve([.tcp(host: "127.0.0.1", port: 0)]) { first, bound, _ async throws in
            guard case .tcp(_, let port)? = bound.first else { throw RawClient.Closed() }
            let address = try SocketAddress(ipAddress: "127.0.0.1", port: port)
            let copies = first.listeningSockets.map {
                InheritedSocket(names: $0.names, descriptor: fcntl($0.descriptor, F_DUPFD_CLOEXEC, 0))
            }
            try await self.serve([.tcp(host: "127.0.0.1", port: 0)], inheriting: copies) { _, second, _ async throws in
                #expect(second == bound)
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<4 {
                        group.addTask {
                            for _ in 0..<50 { guard try await self.status(address) == 200 else { throw RawClient.Closed() } }
                            return 50
                        }
                    }
                    group.addTask {
                        await first.shutDown(deadline: .seconds(10), paths: .keep)
                        return 0
                    }
                    var served = 0
                    for try await count in group { served += count }
                    #expect(served == 200)
                }
                #expect(try await status(address) == 200)
            }
        }
    }
}
