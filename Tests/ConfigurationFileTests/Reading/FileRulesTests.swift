import Testing

@testable import ConfigurationFile

/// Secrets, certificates and keys, inline and in files.
struct FileRulesTests {
    private static func oidc(_ lines: String) -> String {
        "[[connection]]\nname = \"c\"\norganization = \"acme\"\ntype = \"oidc\"\nissuer = \"https://i.example\"\nclient_id = \"x\"\n\(lines)"
    }

    private static func saml(_ lines: String) -> String {
        "[[connection]]\nname = \"c\"\norganization = \"acme\"\ntype = \"saml\"\n\(lines)"
    }

    private static func certificate(_ file: String) -> String {
        saml("idp_entity_id = \"urn:idp\"\nidp_sso_url = \"https://i.example/sso\"\ncertificate_file = \"\(file)\"")
    }

    private static func key(_ file: String) -> String { saml("metadata_file = \"metadata.xml\"\ndecryption_key_file = \"\(file)\"") }

    private static let secretIsFine = oidc("client_secret_file = \"secret\"")

    static let secrets: [Rule] =
        [
            ("missing", "/etc/gateway/missing does not exist"), ("empty", "/etc/gateway/empty is empty"), ("blank", "is empty"),
            ("two-lines", "the secret on one line"), ("binary", "is not text"), ("large", "is larger than 65536 bytes"),
            ("group.secret", "can be read or changed by others than its owner: run chmod 600"), ("others.secret", "run chmod 600"),
        ].map { file, message in
            Rule("secret file: \(file)", .tenancy, bad: oidc("client_secret_file = \"\(file)\""), line: 7, message, good: secretIsFine)
        } + [
            Rule(
                "a secret once", .tenancy, bad: oidc("client_secret = \"a\"\nclient_secret_file = \"secret\""), line: 8,
                "`client_secret` is given too: keep one of them", good: secretIsFine),
            Rule(
                "a secret of one line", .tenancy, bad: oidc("client_secret = \"a\\nb\""), line: 7, "control or invisible",
                good: oidc("client_secret = \"a b\"")),
            Rule(
                "admin's secret file", .server, bad: "[admin]\nlisten = [\"127.0.0.1:9443\"]\nsecret_file = \"group.secret\"", line: 3,
                "run chmod 600", good: "[admin]\nlisten = [\"127.0.0.1:9443\"]\nsecret_file = \"secret\""),
            Rule("decryption key file", .tenancy, bad: key("others.key"), line: 6, "run chmod 600", good: key("strong.key")),
        ]

    @Test("secret files", arguments: secrets)
    func checkSecrets(rule: Rule) { rule.check() }

    @Test("[tls] private_key must be its owner's alone")
    func tlsKey() {
        let text =
            "external_url = \"https://a.example\"\nlisten = [\"127.0.0.1:1\"]\n[tls]\ncertificate = \"strong.pem\"\nprivate_key = \"others.key\""
        #expect(problems(in: text).map(\.line) == [5])
        #expect(problems(in: text.replacing("others.key", with: "strong.key")) == [])
    }

    static let certificates: [Rule] = [
        ("missing", "does not exist"), ("empty", "is empty"), ("text.pem", "there is no PEM block in it"),
        ("cut.pem", "no matching END line"), ("not-base64.pem", "is not base64"), ("not-der.pem", "it is not DER inside"),
        ("strong.key", "it holds a PRIVATE KEY where certificates belong"),
        ("weak.pem", "the certificate has an RSA key of 1024 bits: at least 2048 are needed"),
        ("strong-then-weak.pem", "certificate 2 has an RSA key of 1024 bits"), ("eleven.pem", "more than 10 certificates"),
        ("other-curve.pem", "a curve other than P-256"), ("ed25519.pem", "with which XML can't be signed"),
        ("ed448.pem", "neither RSA nor ECDSA"),
    ].map { file, message in
        Rule("certificate: \(file)", .tenancy, bad: certificate(file), line: 7, message, good: certificate("strong.pem"))
    }

    @Test("certificates of an IdP", arguments: certificates)
    func checkCertificates(rule: Rule) { rule.check() }

    @Test(
        "strong certificates are accepted, also by group and others",
        arguments: ["strong.pem", "small-exponent.pem", "pss.pem", "elliptic.pem", "both.pem"])
    func strongCertificates(file: String) {
        var files = StubFiles.all
        files.files[file]?.permissions = 0o644
        #expect(problems(in: Rule.Base.tenancy.text + Self.certificate(file), files: files) == [])
    }

    static let keys: [Rule] = [
        ("weak.key", "the private key has an RSA key of 1024 bits"), ("encrypted.key", "encrypted with a password"),
        ("elliptic.key", "assertions are encrypted for RSA keys"), ("two.key", "exactly one private key, and holds 2"),
        ("strong.pem", "exactly one private key, and holds 0"), ("text.pem", "there is no PEM block"),
    ].map { file, message in Rule("key: \(file)", .tenancy, bad: key(file), line: 6, message, good: key("pkcs1.key")) }

    @Test("decryption keys", arguments: keys)
    func checkKeys(rule: Rule) { rule.check() }

    @Test("a certificate and a key can be written inline")
    func inline() throws {
        let text =
            Rule.Base.tenancy.text
            + Self.saml(
                "idp_entity_id = \"urn:idp\"\nidp_sso_url = \"https://i.example/sso\"\ncertificate = '''\n\(PEMFixture.strongCertificate)\n'''\ndecryption_key = '''\n\(PEMFixture.strongKey)\n'''"
            )
        let declared = try #require(try configuration(text).declaration.connections.last)
        guard case .saml(let settings) = declared.settings, case .fields(_, _, let certificates) = settings.identityProvider else {
            Issue.record("not SAML fields")
            return
        }
        #expect(certificates == [PEMFixture.strongCertificate])
        #expect(settings.decryptionKey?.revealed == PEMFixture.strongKey)
    }

    @Test("the last line end of a secret file is not the secret's", arguments: ["s", "s\n", "s\r\n"])
    func lineEnd(text: String) throws {
        let configuration = try configuration(
            Rule.Base.tenancy.text + Self.oidc("client_secret_file = \"f\""), files: StubFiles(["f": text]))
        guard case .oidc(let settings) = try #require(configuration.declaration.connections.last).settings else { return }
        #expect(settings.clientSecret?.revealed == "s")
    }

    @Test("no message and no description holds a secret")
    func nothingLeaks() throws {
        let text =
            Rule.Base.tenancy.text + Self.oidc("client_secret = \"canary-1\"\nclient_secret_file = \"f\"")
            + "\n[admin]\nlisten = 5\nsecret = \"canary-2\"\nsecret_file = \"f\"\n"
        let found = problems(
            in: "store = \"postgresql://u:canary-3@h/db\"\n" + text, files: StubFiles(["f": "canary-4\nx"], permissions: 0o666))
        #expect(!found.isEmpty)
        #expect(!"\(found)".contains("canary"))
        let value = try configuration("store = \"sqlite:/x\"\n" + Rule.Base.tenancy.text + Self.oidc("client_secret = \"canary-1\""))
        #expect(!"\(value)".contains("canary"))
        #expect(!"\(StoreLocation.postgresql(url: "postgresql://u:canary@h"))".contains("canary"))
    }
}
