import Tenancy
import Testing

@testable import ConfigurationFile

/// The file as a whole.
struct ConfigurationTests {
    /// One mistake in every table, each on a line of its own.
    private static let everythingWrong = """
        external_url = "https://auth.example.com/x"
        listen = ["nowhere"]
        trusted_proxys = []
        [admin]
        listen = ["0.0.0.0:9443"]
        secret_file = "missing"
        [session]
        idle_timeout = 5
        [limits]
        connections = 0
        [fetch]
        allow_networks = ["10.0.0.1/8"]
        [[organization]]
        slug = "Acme"
        [[connection]]
        name = "c"
        organization = "acme"
        type = "oidc"
        issuer = "https://i.example?x"
        client_id = "x"
        algorithms = ["none"]
        [[connection]]
        name = "s"
        organization = "Acme"
        type = "saml"
        metadata_url = "ftp://i.example"
        [[external_connection]]
        name = "l"
        organization = "Acme"
        connection = "s"
        [[role]]
        name = "a b"
        [[route]]
        host = "A.example"
        organization = "Acme"
        upstream = ["http://10.0.0.1"]
        """

    @Test("one mistake in every table gives every problem at once, on its line, sorted")
    func everyProblemAtOnce() {
        let found = problems(in: Self.everythingWrong)
        #expect(found.map(\.line) == [1, 2, 3, 5, 6, 8, 10, 12, 14, 17, 19, 21, 26, 27, 30, 32, 34])
        #expect(found == found.sorted())
        // 27 is the link without a domain list.
        #expect(found.filter { $0.severity == .warning }.map(\.line) == [27])
    }

    private static let file = """
        external_url = "https://auth.example.com:8443"
        listen = ["127.0.0.1:8000", "[::1]:8000"]
        trusted_proxies = ["10.0.0.0/8"]
        [admin]
        listen = ["127.0.0.1:9443"]
        project_id = "project-test-1"
        secret_file = "secret"
        [[organization]]
        slug = "acme"
        name = "Acme"
        created_at = 2024-05-01T11:00:00.250+02:00
        email_allowed_domains = ["ACME.example"]
        sso_jit_provisioning = "ALL_ALLOWED"
        default_connection = "acme-okta"
        email_domain_roles = { "acme.example" = ["viewer"] }
        members = [{ email = "Alice@acme.example", name = "Alice", roles = ["editor"] }]
        [[organization]]
        slug = "globex"
        sso_jit_provisioning = "RESTRICTED"
        sso_jit_provisioning_allowed_connections = ["globex-via-acme", "globex-adfs"]
        default_connection = "globex-via-acme"
        [[connection]]
        name = "acme-okta"
        display_name = "Acme staff"
        organization = "acme"
        type = "oidc"
        issuer = "https://acme.okta.example/"
        client_id = "0oa1"
        client_secret_file = "secret"
        required_claims = { hd = ["a", "b"], verified = true, level = 3 }
        custom_scopes = ["groups"]
        group_roles = { engineering = ["editor"] }
        [[connection]]
        name = "globex-adfs"
        organization = "globex"
        type = "saml"
        idp_entity_id = "http://adfs.globex.example/trust"
        idp_sso_url = "https://adfs.globex.example/ls"
        certificate_file = "both.pem"
        clock_skew = "2m"
        [[connection]]
        name = "globex-other"
        organization = "globex"
        type = "saml"
        sp_entity_id = "urn:gateway"
        metadata_file = "metadata.xml"
        [[external_connection]]
        name = "globex-via-acme"
        organization = "globex"
        connection = "acme-okta"
        email_domains = ["acme.example"]
        role_ceiling = ["viewer"]
        [[role]]
        name = "viewer"
        [[role]]
        name = "editor"
        permissions = { documents = ["read", "write"] }
        [[route]]
        host = "wiki.acme.example"
        organization = "acme"
        upstream = ["http://127.0.0.1:8080", "http://app.internal"]
        require_roles = ["editor"]
        max_age = "15m"
        acr = ["urn:mfa", "urn:hwk"]
        [[route]]
        host = "{organization}.apps.example.com"
        path = "/app"
        upstream = ["http://[::1]:8080"]
        keep_repeated_slashes = true
        """

    @Test("a file becomes the value that it describes")
    func value() throws {
        let value = try configuration(Self.file)
        #expect(value.externalURL.text == "https://auth.example.com:8443")
        #expect(value.listen.map(\.description) == ["127.0.0.1:8000", "[::1]:8000"])
        #expect(value.store == .sqlite(path: "/var/lib/gateway/gateway.db"))
        #expect(value.trustedProxies.first?.contains("::ffff:10.1.2.3") == true)
        #expect(value.projectID == "project-test-1")
        #expect(value.admin?.secret.revealed == "correct horse battery staple")
        #expect(value.tls == nil && value.session == SessionSettings() && value.limits == Limits() && value.fetch == FetchSettings())
        #expect(value.routes.map(\.host) == [.exact("wiki.acme.example"), .organizationLabel(suffix: "apps.example.com")])
        #expect(value.routes.map(\.path) == ["/", "/app"])
        #expect(value.routes.map(\.organizationSlug) == ["acme", nil])
        #expect(value.routes.map(\.organization) == [value.declaration.organizations.first?.id, nil])
        #expect(value.routes.first?.upstreams == [.http(host: "127.0.0.1", port: 8080), .http(host: "app.internal", port: 80)])
        #expect(value.routes.last?.upstreams == [.http(host: "::1", port: 8080)])
        #expect(value.routes.map(\.keepsRepeatedSlashes) == [false, true])
        #expect(value.routes.first?.requireRoles == [RoleID("editor")])
        #expect(value.routes.map(\.maximumSignInAge) == [.seconds(900), nil])
        #expect(value.routes.map(\.authenticationContexts) == [["urn:mfa", "urn:hwk"], []])
    }

    @Test("the tenancy is declared as the file says")
    func declaration() throws {
        let declaration = try configuration(Self.file).declaration
        let acme = try #require(declaration.organizations.first), globex = try #require(declaration.organizations.last)
        let okta = try #require(declaration.connections.first), adfs = declaration.connections[1]
        let link = try #require(declaration.externalConnections.first?.externalConnection)
        let viewer = RoleID("viewer"), editor = RoleID("editor"), domain = try #require(EmailDomain("acme.example"))
        #expect(acme.createdAt == Instant(milliseconds: 1_714_554_000_250))
        #expect(acme.allowedDomains == [domain] && acme.domainRoles == [domain: [viewer]])
        #expect(acme.provisioning == .allAllowed && acme.defaultConnection == .owned(okta.connection.id))
        #expect(acme.members.map(\.email.rawValue) == ["alice@acme.example"] && acme.members.map(\.roles) == [[editor]])
        #expect(globex.name == "globex" && globex.createdAt == nil)
        #expect(globex.provisioning == .restricted(to: [.external(link.id), .owned(adfs.connection.id)]))
        #expect(globex.defaultConnection == .external(link.id))
        #expect(okta.connection.displayName == "Acme staff" && okta.connection.organizationID == acme.id)
        #expect(okta.connection.requiredClaims == ["hd": ["a", "b"], "verified": ["true"], "level": ["3"]])
        #expect(okta.connection.emailDomains == nil && okta.connection.groupRoles == ["engineering": [editor]])
        #expect(
            okta.settings
                == .oidc(
                    OIDCConnectionSettings(
                        issuer: "https://acme.okta.example/", clientID: "0oa1", clientSecret: Secret("correct horse battery staple"),
                        customScopes: ["groups"])))
        #expect(
            adfs.settings
                == .saml(
                    SAMLConnectionSettings(
                        identityProvider: .fields(
                            entityID: "http://adfs.globex.example/trust", ssoURL: "https://adfs.globex.example/ls",
                            certificates: [PEMFixture.strongCertificate, PEMFixture.ellipticCertificate]),
                        clockSkew: .seconds(120))))
        #expect(link.borrowerID == globex.id && link.connectionID == okta.connection.id && !link.provisions)
        #expect(link.emailDomains == [domain] && link.roleCeiling == [viewer])
        #expect(declaration.roles == [Role(id: viewer), Role(id: editor, permissions: ["documents": ["read", "write"]])])
    }

    @Test("the URLs for IdPs' administrators")
    func connectionURLs() throws {
        let value = try configuration(Self.file)
        let ids = value.declaration.connections.map(\.connection.id)
        let base = "https://auth.example.com:8443/v1/b2b/sso/callback/"
        #expect(
            value.connectionURLs == [
                ConnectionURLs(name: "acme-okta", organization: "acme", type: .oidc, connectionID: ids[0], redirectURL: "\(base)\(ids[0])"),
                ConnectionURLs(
                    name: "globex-adfs", organization: "globex", type: .saml, connectionID: ids[1], acsURL: "\(base)\(ids[1])",
                    entityID: "\(base)\(ids[1])", metadataURL: "https://auth.example.com:8443/.gateway/saml/metadata/\(ids[1])"),
                ConnectionURLs(
                    name: "globex-other", organization: "globex", type: .saml, connectionID: ids[2], acsURL: "\(base)\(ids[2])",
                    entityID: "urn:gateway", metadataURL: "https://auth.example.com:8443/.gateway/saml/metadata/\(ids[2])"),
            ])
    }

    // MARK: Ids

    @Test("the same file gives the same ids on every run and every machine")
    func stableIDs() throws {
        let first = try configuration(Self.file), second = try configuration(Self.file)
        #expect(first == second)
        // Worked out apart, from the description of `IdentifierDerivation`. A change would orphan every member.
        #expect(
            first.declaration.organizations.map(\.id.rawValue) == [
                "organization-test-0bf64a53-bd8a-8564-8ec6-07a9a4a571ad", "organization-test-bb1e9beb-cbff-8750-9202-ad1f24d22e53",
            ])
        #expect(first.declaration.organizations.first?.members.map(\.id.rawValue) == ["member-test-7b530ea7-0e83-8391-894c-a8121d17d772"])
        #expect(
            first.declaration.connections.map(\.connection.id.rawValue).prefix(2) == [
                "oidc-connection-test-d0ead157-b7f2-8eaf-a135-d50e030066d3", "saml-connection-test-5fffa83f-fe64-8bdd-8fac-c65adc25299d",
            ])
        #expect(
            first.declaration.externalConnections.map(\.externalConnection.id.rawValue) == [
                "external-connection-test-52bad1ba-2fe9-8d7c-a5e3-5b24a6f120f4"
            ])
    }

    @Test("ids follow the project id, the kind and the name, and nothing else")
    func derivation() throws {
        let base = try configuration(Self.file).declaration
        let moved = try configuration(
            Self.file.replacing("issuer = \"https://acme.okta.example/\"", with: "issuer = \"https://other.example\"")
        ).declaration
        #expect(base.connections.map(\.connection.id) == moved.connections.map(\.connection.id))
        let other = try configuration(Self.file.replacing("project-test-1", with: "project-live-1")).declaration
        #expect(other.organizations.allSatisfy { $0.id.rawValue.hasPrefix("organization-live-") })
        #expect(Set(base.organizations.map(\.id)).isDisjoint(with: other.organizations.map(\.id)))
        let renamed = try configuration(
            Self.file.replacing("slug = \"acme\"\n", with: "slug = \"acme2\"\nid = \"\(base.organizations[0].id)\"\n")
                .replacing("organization = \"acme\"\n", with: "organization = \"acme2\"\n")
        ).declaration
        #expect(renamed.organizations[0].id == base.organizations[0].id)
        #expect(renamed.organizations[0].members == base.organizations[0].members)
    }

    @Test("names are separated: no two lists of names give one id")
    func separation() {
        let ids = IdentifierDerivation(projectID: "project-live-1")
        #expect(ids.id(.member, "ab", "c") != ids.id(.member, "a", "bc"))
        #expect(ids.id(.member, "ab") != ids.id(.organization, "ab").replacing("organization", with: "member"))
    }

    @Test("a derived id is a UUID of version 8")
    func uuid() {
        let id = IdentifierDerivation(projectID: "project-test-1").id(.oidcConnection, "x")
        #expect(id.wholeMatch(of: /oidc-connection-test-[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
    }

    @Test(
        "without a project id it follows external_url",
        arguments: [("https://auth.example.com", "project-live-"), ("http://localhost:8000", "project-test-")])
    func derivedProjectID(url: String, prefix: String) throws {
        let text = "external_url = \"\(url)\"\nlisten = [\"127.0.0.1:8000\"]"
        let first = try configuration(text).projectID
        #expect(first.hasPrefix(prefix))
        #expect(try configuration(text).projectID == first)
        #expect(try configuration(text.replacing("800", with: "900")).projectID == first || url.contains("8000"))
    }
}
