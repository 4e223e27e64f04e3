import Testing

@testable import Fetch

/// The check at the moment of connecting.
@Suite("Fetch client: addresses")
struct FetchClientAddressTests {
    /// `%` stands for the port of a server on 127.0.0.1 that must see nothing.
    @Test(
        "A special address is refused in every spelling, and nobody is connected to",
        arguments: [
            "https://127.0.0.1:%/", "https://2130706433:%/", "https://0x7f000001:%/", "https://0x7F.1:%/", "https://017700000001:%/",
            "https://0177.0.0.1:%/", "https://127.1:%/", "https://127.0.1:%/", "https://0:%/", "https://0.0.0.0:%/",
            "https://[::1]:%/", "https://[::]:%/", "https://[::ffff:127.0.0.1]:%/", "https://[::ffff:7f00:1]:%/",
            "https://[0:0:0:0:0:ffff:7f00:0001]:%/", "https://[::127.0.0.1]:%/", "https://[64:ff9b::7f00:1]:%/",
            "https://[2002:7f00:1::]:%/", "https://[fe80::1]:%/", "https://[fd00:ec2::254]:%/", "https://169.254.169.254:%/",
            "https://10.0.0.1:%/", "https://192.168.0.1:%/", "https://localhost:%/", "https://LOCALHOST:%/",
            "https://a.localhost:%/", "http://localhost:%/", "http://127.0.0.1:%/", "http://[::1]:%/",
        ])
    func special(template: String) async throws {
        let server = try LocalServer { _, connection in connection.respond() }
        defer { server.stop() }
        let client = try FetchClient(allowedNetworks: [])
        let url = template.replacing("%", with: "\(server.port)")
        #expect(await client.failure(FetchRequest(url: url)) == .refusedAddress)
        #expect(server.stop() == 0)
    }

    @Test(
        "The same spellings reach the server when its network is listed",
        arguments: ["http://127.0.0.1:%/", "http://localhost:%/", "http://a.localhost:%/"])
    func listed(template: String) async throws {
        let server = try LocalServer { _, connection in connection.respond() }
        defer { server.stop() }
        let client = try FetchClient(allowedNetworks: AddressRange.network("127.0.0.1/32"))
        let url = template.replacing("%", with: "\(server.port)")
        #expect(try await client.send(FetchRequest(url: url)).status == 200)
    }

    /// No TLS at the other end: that it is asked for proves that the number was connected to.
    @Test("A listed address is connected to by its number", arguments: ["https://2130706433:%/", "https://[::ffff:7f00:1]:%/"])
    func listedNumber(template: String) async throws {
        let server = try LocalServer { _, connection in connection.respond() }
        defer { server.stop() }
        let client = try FetchClient(allowedNetworks: AddressRange.network("127.0.0.1/32"))
        let url = template.replacing("%", with: "\(server.port)")
        let request = FetchRequest(url: url, deadline: .milliseconds(300))
        #expect([.tls, .timedOut, .connectionLost].contains(try #require(await client.failure(request))))
        #expect(server.stop() == 1)
    }

    /// libcurl resolves `localhost` to ::1 and 127.0.0.1 itself: a name with two answers, one of them refused.
    @Test("Of a name's addresses only the allowed one is tried")
    func twoAnswers() async throws {
        let server = try LocalServer { _, connection in connection.respond() }
        defer { server.stop() }
        let url = "http://localhost:\(server.port)/"
        let onlyOther = try FetchClient(allowedNetworks: AddressRange.network("::1/128"))
        #expect(await onlyOther.failure(FetchRequest(url: url)) == .couldNotConnect)
        let onlyThis = try FetchClient(allowedNetworks: AddressRange.network("127.0.0.0/8"))
        #expect(try await onlyThis.send(FetchRequest(url: url)).status == 200)
        #expect(server.stop() == 1)
    }

    @Test("IPv6 is reached as well")
    func ipv6() async throws {
        let server = try LocalServer(ipv6: true) { _, connection in connection.respond() }
        defer { server.stop() }
        let client = try FetchClient(allowedNetworks: AddressRange.network("::1/128"))
        #expect(try await client.send(FetchRequest(url: "http://[::1]:\(server.port)/")).status == 200)
        #expect(try await client.send(FetchRequest(url: "http://localhost:\(server.port)/")).status == 200)
    }

    @Test("Networks that are no longer listed are refused over a connection that is already open")
    func replaced() async throws {
        let server = try LocalServer { _, connection in connection.respond() }
        defer { server.stop() }
        let client = try FetchClient(allowedNetworks: AddressRange.loopback)
        let request = FetchRequest(url: server.url)
        for _ in 0..<2 { _ = try await client.send(request) }
        client.replaceAllowedNetworks([])
        #expect(await client.failure(request) == .refusedAddress)
        #expect(server.requests.count == 2)
        client.replaceAllowedNetworks(AddressRange.loopback)
        #expect(try await client.send(request).status == 200)
    }
}
