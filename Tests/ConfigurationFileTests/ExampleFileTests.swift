import Testing

@testable import ConfigurationFile

/// `gateway.conf.example` is read by people; these tests keep it true.
struct ExampleFileTests {
    private static let path = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/gateway.conf.example"
    private static let files = StubFiles([
        "/etc/gateway/project-secret": "correct horse battery staple\n", "/etc/gateway/acme-okta.secret": "hunter2\n",
        "/etc/gateway/fullchain.pem": PEMFixture.strongCertificate, "/etc/gateway/privkey.pem": PEMFixture.strongKey,
        "/etc/gateway/globex-adfs.pem": PEMFixture.strongCertificate, "/etc/gateway/globex-saml.pem": PEMFixture.strongKey,
        "/etc/gateway/internal-ca.pem": PEMFixture.strongCertificate,
        "/etc/gateway/globex-metadata.xml": "<EntityDescriptor/>",
    ])

    private func text() throws -> String {
        let file = try SystemFileReader(folder: "/").read(Self.path, maximumBytes: TOMLDocument.maximumBytes).get()
        return String(decoding: file.bytes, as: UTF8.self)
    }

    @Test("the example is valid as it is, without a warning")
    func valid() throws {
        #expect(problems(in: try text(), files: Self.files) == [])
        let configuration = try configuration(try text(), files: Self.files)
        #expect(configuration.declaration.organizations.map(\.slug) == ["acme", "globex"])
        #expect(configuration.routes.count == 2)
    }

    @Test("the example shows every key that there is", arguments: KnownKeys.tables.map(\.heading))
    func complete(heading: String) throws {
        let table = try #require(KnownKeys.tables.first { $0.heading == heading })
        #expect(!table.keys.isEmpty)
        let lines = try text().split(separator: "\n")
        for key in table.keys {
            let isShown = lines.contains { line in
                let code = line.drop { $0 == "#" }
                return code.hasPrefix("\(key) = ") || code == "[\(key)]" || code == "[[\(key)]]" || code.contains("{ \(key) = ")
                    || code.contains(", \(key) = ")
            }
            #expect(isShown, "\(heading) \(key)")
        }
    }

    @Test("the commented keys are keys, with values of the right type and range")
    func commentedKeys() throws {
        let uncommented = try text().split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.wholeMatch(of: /#(\[[a-z]+\]|[a-z_]+ = .*|  \{.*)/).map { String($0.output.1) } ?? String(line)
        }
        let found = problems(in: uncommented.joined(separator: "\n"), files: Self.files).map(\.message)
        // Pairs that exclude each other, and what this version does not serve. All else is as it should be.
        let allowed = [
            "is not served by this version", "is given too: keep one of them",
            "says in several ways who the IdP is", "has no effect without access", "no upstream of the route is https",
        ]
        #expect(found.filter { message in !allowed.contains { message.contains($0) } } == [])
        #expect(found.count == 7)
    }

    @Test("the defaults that the example states are the defaults")
    func defaults() throws {
        let text = try text()
        func number(_ key: String) -> Int? {
            text.split(separator: "\n").first { $0.hasPrefix("#\(key) = ") }.flatMap { Int($0.split(separator: " ").last ?? "") }
        }
        let limits = Limits()
        #expect(number("request_head_bytes") == limits.requestHeadBytes)
        #expect(number("request_head_fields") == limits.requestHeadFields)
        #expect(number("request_target_bytes") == limits.requestTargetBytes)
        #expect(number("local_body_bytes") == limits.localBodyBytes)
        #expect(number("connections") == limits.connections)
        #expect(number("minimum_body_bytes_per_second") == limits.minimumBodyBytesPerSecond)
        #expect(number("connections_per_peer") == limits.connectionsPerPeer)
        #expect(number("http2_streams") == limits.http2Streams)
        #expect(number("http2_resets_per_minute") == limits.http2ResetsPerMinute)
        #expect(number("http2_control_frames_per_minute") == limits.http2ControlFramesPerMinute)
        #expect(number("upstream_keep_alive_connections_per_loop") == limits.upstreamKeepAliveConnectionsPerLoop)
        #expect(number("sign_ins_per_minute_per_address") == limits.signInsPerMinutePerAddress)
        #expect(number("discoveries_per_minute_per_address") == limits.discoveriesPerMinutePerAddress)
        #expect(number("session_cache_entries") == limits.sessionCacheEntries)
        for (line, value) in [
            ("\n#request_head_timeout = \"10s\"\n", limits.requestHeadTimeout), ("\n#idle_timeout = \"75s\"\n", limits.idleTimeout),
            ("\n#body_timeout = \"30s\"\n", limits.bodyTimeout), ("\n#upstream_idle_timeout = \"10m\"\n", limits.upstreamIdleTimeout),
            ("\n#upstream_connect_timeout = \"5s\"\n", limits.upstreamConnectTimeout),
            ("\n#upstream_response_timeout = \"60s\"\n", limits.upstreamResponseTimeout),
            ("\n#drain_timeout = \"20s\"\n", limits.drainTimeout),
            ("\n#idle_timeout = \"8h\"\n", SessionSettings().idleTimeout), ("\n#lifetime = \"24h\"\n", SessionSettings().lifetime),
            ("\n#store_grace = \"30s\"\n", SessionSettings().storeGrace),
            ("\n#retention = \"90d\"\n", AuditSettings().retention),
        ] {
            #expect(text.contains(line))
            #expect(line.split(separator: "\"").dropFirst().first.flatMap { DurationText.parse(String($0)) } == value)
        }
    }
}
