import Testing

@testable import ConfigurationFile

/// The top of the file, `[tls]`, `[admin]`, `[session]`, `[limits]`, `[fetch]`.
struct ServerRulesTests {
    private static let listen = "\nlisten = [\"127.0.0.1:8000\"]"
    private static let url = "external_url = \"https://auth.example.com\"\n"
    private static let admin = "[admin]\nlisten = [\"127.0.0.1:9443\"]\n"

    static let top: [Rule] = [
        Rule(
            "a misspelled key has its nearest one", .server, bad: "trusted_proxes = []",
            "unknown key `trusted_proxes`; did you mean `trusted_proxies`?", good: "trusted_proxies = []"),
        Rule(
            "a misspelled table has its nearest one", .server, bad: "[fecth]", "unknown key `fecth`; did you mean `fetch`?", good: "[fetch]"
        ),
        Rule(
            "a key under the wrong heading is told its own", .server, bad: "[fetch]\ntrusted_proxies = []", line: 2,
            "it belongs under the top of the file", good: "trusted_proxies = []\n[fetch]"),
        Rule(
            "an unknown key that is near nothing is unknown", .server, bad: "zzzzzzzzzzzzzzzz = 1",
            "unknown key `zzzzzzzzzzzzzzzz`: remove it (the nearest valid one here is `", good: ""),
        Rule("a table that is there once has single brackets", .server, bad: "[[session]]", "write [session]", good: "[session]"),
        Rule(
            "a table that can be there often has double brackets", .server, bad: "[role]\nname = \"a\"", "write [[role]]",
            good: "[[role]]\nname = \"a\""),
        Rule("a wrong type is named", .server, bad: "store = 5", "`store` must be a string, not a whole number", good: ""),
        Rule(
            "a list is a list", .server, bad: "trusted_proxies = \"10.0.0.0/8\"", "must be a list of strings, not a string",
            good: "trusted_proxies = [\"10.0.0.0/8\"]"),
        Rule(
            "a list has nothing twice", .server, bad: "trusted_proxies = [\n\"10.0.0.0/8\",\n\"10.0.0.0/8\"]", line: 3, "twice",
            good: "trusted_proxies = [\"10.0.0.0/8\"]"),
        Rule("an empty text is no value", .server, bad: "store = \"\"", "`store` is empty", good: ""),
        Rule(
            "control characters are refused", .tenancy, bad: "[[role]]\nname = \"a\\u0000b\"", line: 2, "control or invisible character",
            good: "[[role]]\nname = \"ab\""),
        Rule("a file that is not TOML says where", .server, bad: "store = ", "not valid TOML", good: ""),
        Rule(
            "external_url is required", .nothing, bad: "listen = [\"127.0.0.1:8000\"]", "the top of the file needs `external_url`",
            good: url + listen),
        Rule("listen is required", .nothing, bad: url, "the top of the file needs `listen`", good: url + listen),
        Rule("listen is not empty", .nothing, bad: url + "listen = []", line: 2, "the list is empty", good: url + listen),
        Rule(
            "external_url has no path", .nothing, bad: "external_url = \"https://auth.example.com/\"" + listen,
            "such as https://auth.example.com", good: url + listen),
        Rule(
            "external_url has no default port", .nothing, bad: "external_url = \"https://auth.example.com:443\"" + listen,
            "write it as https://auth.example.com", good: url + listen),
        Rule(
            "external_url is in lower case", .nothing, bad: "external_url = \"https://Auth.example.com\"" + listen,
            "lower case: `auth.example.com`", good: url + listen),
        Rule(
            "external_url has no user", .nothing, bad: "external_url = \"https://a@auth.example.com\"" + listen, "remove the user name",
            good: url + listen),
        Rule(
            "external_url is http or https", .nothing, bad: "external_url = \"auth.example.com\"" + listen, "begins with https://",
            good: url + listen),
        Rule(
            "plain http is for loopback", .nothing, bad: "external_url = \"http://auth.example.com\"" + listen, "use https",
            good: "external_url = \"http://localhost:8000\"" + listen),
        Rule(
            "a name that only begins with localhost is not loopback", .nothing,
            bad: "external_url = \"http://localhost.example.com\"" + listen, "use https",
            good: "external_url = \"http://auth.localhost:8000\"" + listen),
        Rule(
            "an address that only looks like loopback is not", .nothing, bad: "external_url = \"http://128.0.0.1\"" + listen, "use https",
            good: "external_url = \"http://127.9.9.9\"" + listen),
        Rule(
            "IPv6 loopback is loopback", .nothing, bad: "external_url = \"http://[::2]:8000\"" + listen, "use https",
            good: "external_url = \"http://[::1]:8000\"" + listen),
        Rule(
            "listen is address and port", .nothing, bad: url + "listen = [\"8000\"]", line: 2, "write ADDRESS:PORT",
            good: url + "listen = [\"[::1]:8000\"]"),
        Rule(
            "listen takes no name", .nothing, bad: url + "listen = [\"localhost:8000\"]", line: 2, "127.0.0.1 or [::1]", good: url + listen),
        Rule(
            "plain HTTP off loopback needs a trusted proxy", .nothing, bad: url + "listen = [\"0.0.0.0:80\"]", line: 2,
            "0.0.0.0:80 is plain HTTP off loopback: add [tls], listen on 127.0.0.1, or list in trusted_proxies",
            good: url + "listen = [\"0.0.0.0:80\"]\ntrusted_proxies = [\"10.0.0.0/8\"]"),
        Rule(
            "an empty list trusts nobody", .nothing, bad: url + "listen = [\"0.0.0.0:80\"]\ntrusted_proxies = []", line: 2,
            "plain HTTP off loopback", good: url + "listen = [\"0.0.0.0:80\"]\ntrusted_proxies = [\"10.0.0.7\"]"),
        Rule(
            "a proxy is a network", .server, bad: "trusted_proxies = [\"10.0.0.0/33\"]", "write a network",
            good: "trusted_proxies = [\"10.0.0.0/32\"]"),
        Rule(
            "a network has no bits after its prefix", .server, bad: "trusted_proxies = [\"10.0.0.5/8\"]", "bits after the prefix",
            good: "trusted_proxies = [\"10.0.0.5/32\"]"),
        Rule(
            "not every address is a proxy", .server, bad: "trusted_proxies = [\"::/0\"]", "is every address",
            good: "trusted_proxies = [\"::/1\"]"),
        Rule("store is a file", .server, bad: "store = \"mysql://db\"", "write sqlite:", good: "store = \"sqlite:/tmp/x.db\""),
        Rule(
            "store in memory would forget every session", .server, bad: "store = \"sqlite::memory:\"", "write sqlite:",
            good: "store = \"sqlite:memory\""),
    ]

    @Test("the top of the file", arguments: top)
    func checkTop(rule: Rule) { rule.check() }

    static let notServed: [Rule] = [
        Rule(
            "PostgreSQL", .server, bad: "store = \"postgresql://u@h/db\"", "is not served by this version: remove it",
            good: "store = \"sqlite:/db\"")
    ]

    @Test("what this version does not serve is refused, not ignored", arguments: notServed)
    func checkNotServed(rule: Rule) { rule.check() }

    @Test("every feature that is not served has a rule here")
    func notServedIsComplete() { #expect(Self.notServed.count == NotServedYet.features.count) }

    private static let tls = "[tls]\ncertificate = \"strong.pem\"\nprivate_key = \"strong.key\"\n"

    static let tlsRules: [Rule] = [
        Rule(
            "plain off loopback", .nothing, bad: url + "listen = [\"0.0.0.0:443\"]", line: 2, "is plain HTTP off loopback",
            good: url + "listen = [\"0.0.0.0:443\"]\n" + tls),
        Rule("a key for the certificate", .server, bad: "[tls]\ncertificate = \"strong.pem\"", "[tls] needs `private_key`", good: tls),
        Rule(
            "no weak certificate", .server, bad: "[tls]\ncertificate = \"weak.pem\"\nprivate_key = \"strong.key\"", line: 2,
            "RSA key of 1024 bits", good: tls),
        Rule(
            "no weak key", .server, bad: "[tls]\ncertificate = \"strong.pem\"\nprivate_key = \"weak.key\"", line: 3, "RSA key of 1024 bits",
            good: tls),
        Rule(
            "further certificates", .server, bad: tls + "additional = [{ certificate = \"missing\", private_key = \"strong.key\" }]",
            line: 4, "does not exist",
            good: tls + "additional = [{ certificate = \"elliptic.pem\", private_key = \"elliptic.key\" }]"),
        Rule(
            "all of a further certificate", .server, bad: tls + "[[tls.additional]]\ncertificate = \"elliptic.pem\"", line: 4,
            "[[tls.additional]] needs `private_key`",
            good: tls + "[[tls.additional]]\ncertificate = \"elliptic.pem\"\nprivate_key = \"elliptic.key\""),
        Rule(
            "an authority that is there", .server, bad: tls + "client_ca = \"missing\"", line: 4, "does not exist",
            good: tls + "client_ca = \"both.pem\""),
        Rule(
            "an authority that is one", .server, bad: tls + "client_ca = \"strong.key\"", line: 4, "where certificates belong",
            good: tls + "client_ca = \"strong.pem\""),
        Rule(
            "admin.tls", .server, bad: admin + "secret_file = \"secret\"\ntls = { certificate = \"strong.pem\" }", line: 4,
            "[tls] needs `private_key`",
            good: admin + "secret_file = \"secret\"\ntls = { certificate = \"strong.pem\", private_key = \"strong.key\" }"),
        Rule(
            "who sends PROXY headers", .nothing, bad: url + listen + "\nproxy_protocol_from = [\"0.0.0.0/0\"]", line: 4, "is every address",
            good: url + listen + "\nproxy_protocol_from = [\"10.0.0.0/8\"]"),
        Rule(
            "unix sockets for their owner", .nothing, bad: url + listen + "\nunix_socket_mode = \"0066\"", line: 4,
            "let the owner read and write",
            good: url + "listen = [\"unix:/run/g.sock\"]\nunix_socket_mode = \"0666\"\ntrusted_proxies = [\"unix\"]"),
        Rule(
            "a name of systemd's", .nothing, bad: url + "listen = [\"systemd:\"]", line: 2, "or systemd:NAME",
            good: url + "listen = [\"systemd:web\", \"systemd:0\"]"),
    ]

    @Test("listeners and TLS", arguments: tlsRules)
    func checkTLS(rule: Rule) { rule.check() }

    @Test("certificates and keys are kept as they were read")
    func tlsSettings() throws {
        let text =
            Self.url + Self.listen + "\n" + Self.tls
            + "client_ca = \"both.pem\"\n[[tls.additional]]\ncertificate = \"elliptic.pem\"\nprivate_key = \"elliptic.key\""
        let settings = try #require(try configuration(text).tls)
        #expect(settings.certificates.map(\.line) == [6, 10])
        #expect(settings.certificates.map(\.privateKey.revealed).allSatisfy { $0.contains("PRIVATE KEY") })
        #expect(settings.certificate.chain.contains("BEGIN CERTIFICATE"))
        #expect(settings.clientAuthority?.split(separator: "BEGIN CERTIFICATE").count == 3)
    }

    static let adminRules: [Rule] = [
        Rule(
            "admin off loopback", .server, bad: "[admin]\nlisten = [\"0.0.0.0:9443\"]\nsecret_file = \"secret\"", line: 2,
            "0.0.0.0:9443 is off loopback without TLS: listen on 127.0.0.1",
            good: "[admin]\nlisten = [\"[::1]:9443\"]\nsecret_file = \"secret\""),
        Rule(
            "admin listens", .server, bad: "[admin]\nsecret_file = \"secret\"", "[admin] needs `listen`",
            good: admin + "secret_file = \"secret\""),
        Rule(
            "admin listens somewhere", .server, bad: "[admin]\nlisten = []\nsecret_file = \"secret\"", line: 2, "the list is empty",
            good: admin + "secret_file = \"secret\""),
        Rule(
            "admin has an address of its own", .server, bad: "[admin]\nlisten = [\"127.0.0.1:8000\"]\nsecret_file = \"secret\"", line: 2,
            "is in `listen` too", good: admin + "secret_file = \"secret\""),
        Rule("admin has a secret", .server, bad: admin, "[admin] needs `secret_file`", good: admin + "secret = \"s\""),
        Rule(
            "one secret", .server, bad: admin + "secret = \"s\"\nsecret_file = \"secret\"", line: 4, "`secret` is given too: keep one",
            good: admin + "secret = \"s\""),
        Rule(
            "project id", .server, bad: admin + "secret = \"s\"\nproject_id = \"acme\"", line: 4, "write project-live- or project-test-",
            good: admin + "secret = \"s\"\nproject_id = \"project-test-1\""),
        Rule(
            "public token", .server, bad: admin + "secret = \"s\"\npublic_token = \"a b\"", line: 4, "letters, digits and hyphens",
            good: admin + "secret = \"s\"\npublic_token = \"a-b\""),
        Rule(
            "redirect URLs need the token", .server, bad: admin + "secret = \"s\"\nredirect_urls = [\"https://a.example/\"]", line: 4,
            "no effect without `public_token`",
            good: admin + "secret = \"s\"\npublic_token = \"t\"\nredirect_urls = [\"https://a.example/?a=b\"]"),
        Rule(
            "a redirect URL has no fragment", .server,
            bad: admin + "secret = \"s\"\npublic_token = \"t\"\nredirect_urls = [\"https://a.example/#x\"]", line: 5, "remove the fragment",
            good: admin + "secret = \"s\"\npublic_token = \"t\"\nredirect_urls = [\"http://localhost:3000/x\"]"),
        Rule(
            "a redirect URL is https", .server,
            bad: admin + "secret = \"s\"\npublic_token = \"t\"\nredirect_urls = [\"http://a.example/\"]", line: 5, "use https",
            good: admin + "secret = \"s\"\npublic_token = \"t\"\nredirect_urls = [\"https://a.example/\"]"),
        Rule(
            "an origin is an origin", .server,
            bad: admin + "secret = \"s\"\npublic_token = \"t\"\nallowed_origins = [\"https://a.example/x\"]", line: 5,
            "scheme and host alone",
            good: admin + "secret = \"s\"\npublic_token = \"t\"\nallowed_origins = [\"https://a.example\"]"),
        Rule(
            "an origin is no wildcard", .server, bad: admin + "secret = \"s\"\npublic_token = \"t\"\nallowed_origins = [\"*\"]", line: 5,
            "begins with https://",
            good: admin + "secret = \"s\"\npublic_token = \"t\"\nallowed_origins = []"),
    ]

    @Test("[admin]", arguments: adminRules)
    func checkAdmin(rule: Rule) { rule.check() }

    static let session: [Rule] = [
        Rule(
            "a duration has a unit", .server, bad: "[session]\nlifetime = 86400", line: 2, "write \"86400s\"",
            good: "[session]\nlifetime = \"86400s\""),
        Rule(
            "a duration has one unit", .server, bad: "[session]\nlifetime = \"1h30m\"", line: 2, "one unit",
            good: "[session]\nlifetime = \"90m\"\nidle_timeout = \"90m\""),
        Rule(
            "a duration has a known unit", .server, bad: "[session]\nlifetime = \"1w\"", line: 2, "one unit",
            good: "[session]\nlifetime = \"7d\""),
        Rule(
            "a lifetime has an upper bound", .server, bad: "[session]\nlifetime = \"367d\"", line: 2, "from 1m to 366d",
            good: "[session]\nlifetime = \"366d\""),
        Rule(
            "audit events are kept a day at least", .server, bad: "[audit]\nretention = \"23h\"", line: 2, "from 1d to 3660d",
            good: "[audit]\nretention = \"1d\""),
        Rule(
            "audit events are not kept for ever", .server, bad: "[audit]\nretention = \"3661d\"", line: 2, "from 1d to 3660d",
            good: "[audit]\nretention = \"3660d\""),
        Rule(
            "a lifetime has a lower bound", .server, bad: "[session]\nlifetime = \"59s\"", line: 2, "from 1m to 366d",
            good: "[session]\nlifetime = \"60s\""),
        Rule(
            "idle within lifetime", .server, bad: "[session]\nidle_timeout = \"2h\"\nlifetime = \"1h\"", line: 2,
            "longer than `lifetime` (1h)", good: "[session]\nidle_timeout = \"1h\"\nlifetime = \"1h\""),
        Rule(
            "idle within the default lifetime", .server, bad: "[session]\nidle_timeout = \"25h\"", line: 2, "longer than `lifetime` (1d)",
            good: "[session]\nidle_timeout = \"24h\""),
        Rule(
            "grace is short", .server, bad: "[session]\nstore_grace = \"6m\"", line: 2, "from 0s to 5m",
            good: "[session]\nstore_grace = \"0s\""),
        Rule(
            "a claim of the gateway's own", .server, bad: "[session]\ncustom_claims = { roles = \"x\" }", line: 2,
            "`roles` is a claim of the gateway's own", good: "[session]\ncustom_claims = { rolls = \"x\" }"),
        Rule(
            "a claim's placeholder", .server, bad: "[session]\n[session.custom_claims]\na = \"{emial}\"", line: 3,
            "did you mean `email`?", good: "[session]\n[session.custom_claims]\na = \"x-{email}\""),
        Rule(
            "untrusted metadata is no claim", .server, bad: "[session]\ncustom_claims = { a = \"{member.untrusted_metadata.x}\" }", line: 2,
            "is not a placeholder", good: "[session]\ncustom_claims = { a = \"{member.trusted_metadata.x.y}\" }"),
        Rule(
            "a brace alone", .server, bad: "[session]\ncustom_claims = { a = \"{member\" }", line: 2, "a brace is open",
            good: "[session]\ncustom_claims = { a = \"{member}\" }"),
    ]

    @Test("[session]", arguments: session)
    func checkSession(rule: Rule) { rule.check() }

    @Test("every network in allow_networks is a warning")
    func allowEverything() {
        Rule(
            "", .server, bad: "[fetch]\nallow_networks = [\"0.0.0.0/0\"]", line: 2, "is every address",
            good: "[fetch]\nallow_networks = [\"10.0.0.0/8\", \"::1\"]"
        )
        .check(.warning)
    }

    @Test("a lifetime below the default idle timeout shortens that")
    func clampedIdle() throws {
        let settings = try configuration(Self.url + Self.listen + "\n[session]\nlifetime = \"1h\"").session
        #expect(settings.idleTimeout == .seconds(3600))
    }

    /// Each limit with a value just outside of its bounds, and the bound itself.
    static let limits: [Rule] =
        [
            ("request_head_bytes", "1023", "request_head_bytes = 1024\nrequest_target_bytes = 1024"),
            ("request_head_bytes", "262145", "request_head_bytes = 262144"),
            ("request_head_fields", "15", "request_head_fields = 16"), ("request_target_bytes", "511", "request_target_bytes = 512"),
            ("request_body_bytes", "0", ""), ("local_body_bytes", "65535", "local_body_bytes = 65536"),
            ("local_body_bytes", "16777217", "local_body_bytes = 16777216"), ("connections", "15", "connections = 16"),
            ("connections_per_peer", "0", ""),
            ("upstream_keep_alive_connections_per_loop", "-1", "upstream_keep_alive_connections_per_loop = 0"),
            ("sign_ins_per_minute_per_address", "0", "sign_ins_per_minute_per_address = 1"),
            ("discoveries_per_minute_per_address", "0", "discoveries_per_minute_per_address = 1"),
            ("session_cache_entries", "999", "session_cache_entries = 1000"),
            ("request_head_timeout", "\"999ms\"", "request_head_timeout = \"1s\""),
            ("request_head_timeout", "\"6m\"", "request_head_timeout = \"5m\""),
            ("idle_timeout", "\"0s\"", "idle_timeout = \"1s\""),
            ("upstream_connect_timeout", "\"99ms\"", "upstream_connect_timeout = \"100ms\""),
            ("upstream_response_timeout", "\"61m\"", "upstream_response_timeout = \"1h\""),
        ].map { key, bad, good in
            Rule("\(key) = \(bad)", .server, bad: "[limits]\n\(key) = \(bad)", line: 2, "`\(key)` must be from ", good: "[limits]\n\(good)")
        } + [
            Rule(
                "the target fits into the head", .server, bad: "[limits]\nrequest_head_bytes = 4096", line: 2,
                "does not fit into the head (4096 bytes)", good: "[limits]\nrequest_head_bytes = 4096\nrequest_target_bytes = 4096"),
            Rule(
                "a number is a number", .server, bad: "[limits]\nconnections = 1e3", line: 2, "must be a whole number, not a number",
                good: "[limits]\nconnections = 1000"),
        ]

    @Test("[limits]", arguments: limits)
    func checkLimits(rule: Rule) { rule.check() }

    @Test("each limit arrives in its own field")
    func limitFields() throws {
        // A distinct value for each, so that two swapped fields show.
        let lines = """
            request_head_bytes = 200000
            request_head_fields = 321
            request_target_bytes = 2002
            request_head_timeout = "23s"
            idle_timeout = "24s"
            local_body_bytes = 65542
            connections = 65543
            upstream_connect_timeout = "29s"
            upstream_response_timeout = "30s"
            upstream_keep_alive_connections_per_loop = 11
            sign_ins_per_minute_per_address = 65548
            discoveries_per_minute_per_address = 65549
            session_cache_entries = 65550
            """
        let limits = try configuration(Self.url + Self.listen + "\n[limits]\n" + lines).limits
        #expect(limits.requestHeadBytes == 200_000)
        #expect(limits.requestHeadFields == 321)
        #expect(limits.requestTargetBytes == 2002)
        #expect(limits.requestHeadTimeout == .seconds(23))
        #expect(limits.idleTimeout == .seconds(24))
        #expect(limits.localBodyBytes == 65_542)
        #expect(limits.connections == 65_543)
        #expect(limits.upstreamConnectTimeout == .seconds(29))
        #expect(limits.upstreamResponseTimeout == .seconds(30))
        #expect(limits.upstreamKeepAliveConnectionsPerLoop == 11)
        #expect(limits.signInsPerMinutePerAddress == 65_548)
        #expect(limits.discoveriesPerMinutePerAddress == 65_549)
        #expect(limits.sessionCacheEntries == 65_550)
    }
}
