import Foundation
import Testing

@testable import DemoWorld

@Suite(.timeLimit(.minutes(2))) struct DemoWorldTests {
    @Test func `The configuration is TOML that names what runs`() async throws {
        let running = try await DemoWorld.start(ports: .init(gateway: 8080, admin: 8081)) { _ in [] }
        let files = running.files(storePath: "/tmp/a \"b\" \\c.db")
        await running.stop()
        let text = try #require(files.first { $0.name == "gateway.conf" }?.contents)
        let configuration = try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("gateway.conf")
            try Data(text.utf8).write(to: file)
            let program = "import json, sys, tomllib; json.dump(tomllib.load(open(sys.argv[1], 'rb')), sys.stdout)"
            let result = try run("python3", ["-c", program, file.path])
            return try #require(JSONValue(parsing: Array(result.output.utf8)), "\(result.output)")
        }
        #expect(configuration["external_url"] == "http://auth.localhost:8080")
        #expect(configuration["store"] == "sqlite:/tmp/a \"b\" \\c.db")
        #expect(configuration["admin"]?["listen"] == .array(["127.0.0.1:8081"]))
        let connections = try #require(configuration["connection"]?.array)
        #expect(
            connections.map { $0["issuer"] ?? $0["metadata_url"] } == [
                .string(running.identityProvider.issuer), .string(running.samlIdentityProvider.entityID),
            ])
        #expect(configuration["external_connection"]?.array?.first?["connection"] == connections.first?["name"])
        #expect(configuration["organization"]?.array?.map { $0["slug"] } == ["acme", "globex", "initech"])
        let upstreams = configuration["route"]?.array?.compactMap { $0["upstream"]?.array?.first?.string }
        #expect(upstreams == ["http://127.0.0.1:\(running.ports.wiki)", "http://127.0.0.1:\(running.ports.tickets)"])
    }

    @Test func `Secrets are in files of their own, and nowhere else`() async throws {
        let running = try await DemoWorld.start(ports: .init(gateway: 8080, admin: 8081)) { _ in [] }
        await running.stop()
        let files = running.files(storePath: "x.db")
        let secrets = [running.secrets.client, running.secrets.project]
        #expect(Set(secrets).count == 2)
        for secret in secrets {
            #expect(secret.utf8.count >= 43)
            #expect(files.count { $0.contents.contains(secret) } == 1)
        }
        let configuration = try #require(files.first { $0.name == "gateway.conf" }?.contents)
        for file in files where file.name != "gateway.conf" { #expect(configuration.contains("\"\(file.name)\"")) }
        #expect(!"\(running.secrets)".contains(secrets[0]))
        #expect(!String(reflecting: running.secrets).contains(secrets[0]))
        #expect(!DemoWorld.guide(ports: running.ports).contains(secrets[0]))
    }

    @Test func `The gateway's client and service provider are registered with the callbacks of the configuration`() async throws {
        let running = try await DemoWorld.start(ports: .init(gateway: 8080)) { _ in [] }
        await running.stop()
        let callback = "http://auth.localhost:8080/v1/b2b/sso/callback/" + DemoWorld.oidcConnectionID
        var browser = Browser(running.identityProvider)
        let target = RelyingParty().authorizationTarget(["client_id": DemoWorld.clientID, "redirect_uri": callback])
        let reply = await browser.post(target, ["user": "gina"])
        #expect(reply.value(of: "Location")?.hasPrefix(callback + "?code=") == true)
        let consumer = "http://auth.localhost:8080/v1/b2b/sso/callback/" + DemoWorld.samlConnectionID
        var other = Browser(running.samlIdentityProvider)
        let page = await other.post(SingleSignOnTests.target(issuer: consumer), ["user": "ivan"])
        #expect(page.text.contains("action=\"\(consumer)\""))
    }

    @Test func `Starting where a port is taken fails, and leaves nothing behind`() async throws {
        let running = try await DemoWorld.start(ports: .init(gateway: 8080)) { _ in [] }
        let taken = running.ports.tickets
        await #expect(throws: (any Error).self) {
            _ = try await DemoWorld.start(ports: .init(gateway: 8080, tickets: taken)) { _ in [] }
        }
        let ports = running.ports
        await running.stop()
        let again = try await DemoWorld.start(ports: ports) { _ in [] }
        #expect(again.ports == ports)
        await again.stop()
    }

    @Test func `The guide names every person and every page`() {
        let guide = DemoWorld.guide(ports: .init(gateway: 8080))
        for user in DemoWorld.acmeUsers + DemoWorld.initechUsers { #expect(guide.contains(user.email)) }
        #expect(guide.contains("http://globex.wiki.localhost:8080/"))
    }
}
