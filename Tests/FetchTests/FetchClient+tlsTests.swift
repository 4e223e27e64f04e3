import Testing

@testable import Fetch

@Suite("Fetch client: TLS", .serialized)
struct FetchClientTLSTests {
    private let pki: TestPKI

    init() throws { pki = try TestPKI() }

    /// What a client that trusts `authorities` gets from a server with the certificate that was issued last.
    private func fetch(host: String = "localhost", authorities: String?, options: [String] = []) async throws -> FetchError? {
        let server = try TLSServer(pki, options: options)
        defer { server.stop() }
        let client = try FetchClient(
            allowedNetworks: AddressRange.loopback, certificateAuthorityFile: authorities.map { pki.path($0) })
        let failure = await client.failure(FetchRequest(url: "https://\(host):\(server.port)/"))
        await client.shutDown()
        return failure
    }

    @Test("A certificate of the right authority for the right name is accepted")
    func right() async throws {
        try pki.issue(alternativeName: "DNS:localhost")
        #expect(try await fetch(authorities: "authority.pem") == nil)
    }

    @Test("An address needs a certificate for the address")
    func address() async throws {
        try pki.issue(alternativeName: "IP:127.0.0.1")
        #expect(try await fetch(host: "127.0.0.1", authorities: "authority.pem") == nil)
        #expect(try await fetch(host: "localhost", authorities: "authority.pem") == .tls)
    }

    @Test(
        "A certificate for another name is refused",
        arguments: ["DNS:other.example", "DNS:*.localhost", "DNS:localhost.example", "IP:127.0.0.1"])
    func wrongName(name: String) async throws {
        try pki.issue(alternativeName: name)
        #expect(try await fetch(authorities: "authority.pem") == .tls)
    }

    @Test("An expired certificate is refused")
    func expired() async throws {
        try pki.issue(alternativeName: "DNS:localhost", isExpired: true)
        #expect(try await fetch(authorities: "authority.pem") == .tls)
    }

    @Test("An authority that is not in the file is refused; so are all when the file can't be read")
    func unknownAuthority() async throws {
        try pki.issue(alternativeName: "DNS:localhost")
        #expect(try await fetch(authorities: "stranger.pem") == .tls)
        #expect(try await fetch(authorities: nil) == .tls)
        #expect(try await fetch(authorities: "absent.pem") == .tls)
    }

    @Test("TLS 1.2 is the least")
    func version() async throws {
        try pki.issue(alternativeName: "DNS:localhost")
        let old = ["-cipher", "ALL:@SECLEVEL=0"]
        #expect(try await fetch(authorities: "authority.pem", options: ["-tls1_1"] + old) == .tls)
        #expect(try await fetch(authorities: "authority.pem", options: ["-tls1_2"] + old) == nil)
    }

    @Test("A server without TLS learns nothing of the request")
    func noTLS() async throws {
        let server = try LocalServer { _, connection in connection.respond() }
        defer { server.stop() }
        let client = try FetchClient(allowedNetworks: AddressRange.loopback)
        let request = FetchRequest(url: "https://127.0.0.1:\(server.port)/secret", deadline: .milliseconds(300))
        #expect(await client.failure(request) != nil)
        #expect(server.requests.isEmpty)
        #expect(server.stop() == 1)
    }
}
