extension DemoWorld {
    static let clientSecretFile = "acme-oidc.secret"
    static let projectSecretFile = "project.secret"

    /// `gateway.conf` of the demo: three organizations, an OpenID connection that two of them share, and a
    /// SAML connection.
    ///
    /// - Parameters:
    ///   - ports: all of them bound or chosen, none 0.
    ///   - storePath: of the SQLite database.
    ///   - listensOnIPv6: whether the gateway listens on ::1 too.
    public static func configuration(ports: Ports, storePath: String, listensOnIPv6: Bool) -> String {
        [
            server(ports: ports, storePath: storePath, listensOnIPv6: listensOnIPv6), organizations,
            connections(ports: ports), routes(ports: ports),
        ].joined(separator: "\n")
    }

    private static func server(ports: Ports, storePath: String, listensOnIPv6: Bool) -> String {
        let listen = ["127.0.0.1:\(ports.gateway)"] + (listensOnIPv6 ? ["[::1]:\(ports.gateway)"] : [])
        var text = """
            # The demo, all on this machine. Everything but the addresses is as it would be in earnest.
            external_url = \(quoted(ports.gatewayOrigin))
            listen       = [\(listen.map(quoted).joined(separator: ", "))]
            store        = \(quoted("sqlite:" + storePath))

            # The identity providers of the demo are on loopback, which is refused unless it is listed.
            [fetch]
            allow_networks = ["127.0.0.0/8", "::1/128"]

            """
        if let admin = ports.admin {
            text += """

                [admin]
                listen       = [\(quoted("127.0.0.1:\(admin)"))]
                project_id   = \(quoted(projectID))
                public_token = \(quoted(publicToken))
                secret_file  = \(quoted(projectSecretFile))

                """
        }
        return text
    }

    private static let organizations = """
        [[role]]
        name = "viewer"
        permissions = { documents = ["read"] }

        [[role]]
        name = "editor"
        permissions = { documents = ["read", "write"] }

        [[organization]]
        slug = "acme"
        name = "Acme"
        email_allowed_domains = ["acme.example"]
        sso_jit_provisioning  = "NOT_ALLOWED"
        default_connection    = "acme-oidc"
        members = [
        \(member(.alice, roles: ["editor"])),
        \(member(.bob, roles: [])),
        ]

        # Globex was bought by Acme. It has no identity provider of its own any more and uses Acme's.
        [[organization]]
        slug = "globex"
        name = "Globex"
        email_allowed_domains = ["globex.example"]
        sso_jit_provisioning  = "NOT_ALLOWED"
        default_connection    = "globex-via-acme"
        members = [
        \(member(.gina, roles: [])),
        \(member(.bob, roles: [])),
        ]

        [[organization]]
        slug = "initech"
        name = "Initech"
        email_allowed_domains = ["initech.example"]
        sso_jit_provisioning  = "NOT_ALLOWED"
        default_connection    = "initech-saml"
        members = [
        \(member(.ivan, roles: [])),
        ]

        """

    private static func connections(ports: Ports) -> String {
        """
        [[connection]]
        name          = "acme-oidc"
        id            = \(quoted(oidcConnectionID))
        display_name  = "Acme"
        organization  = "acme"
        type          = "oidc"
        issuer        = \(quoted(ports.issuer))
        client_id     = \(quoted(clientID))
        client_secret_file = \(quoted(clientSecretFile))
        email_domains = ["acme.example", "globex.example"]
        custom_scopes = ["groups"]
        attribute_mapping = { groups = "groups" }
        roles         = ["viewer"]
        group_roles   = { engineering = ["editor"] }

        [[connection]]
        name          = "initech-saml"
        id            = \(quoted(samlConnectionID))
        display_name  = "Initech"
        organization  = "initech"
        type          = "saml"
        metadata_url  = \(quoted(ports.samlOrigin + "/metadata"))
        email_domains = ["initech.example"]
        attribute_mapping = { email = "mail", full_name = "displayName", groups = "memberOf" }
        roles         = ["viewer"]

        [[external_connection]]
        name          = "globex-via-acme"
        id            = \(quoted(externalConnectionID))
        display_name  = "Acme"
        organization  = "globex"
        connection    = "acme-oidc"
        jit           = false
        email_domains = ["acme.example", "globex.example"]
        roles         = ["viewer"]
        group_roles   = { engineering = ["editor"] }
        role_ceiling  = ["viewer", "editor"]

        """
    }

    private static func routes(ports: Ports) -> String {
        """
        [[route]]
        host     = "{organization}.wiki.localhost"
        upstream = [\(quoted("http://127.0.0.1:\(ports.wiki)"))]
        public_paths = ["/public/"]

        [[route]]
        host     = "{organization}.tickets.localhost"
        upstream = [\(quoted("http://127.0.0.1:\(ports.tickets)"))]
        public_paths = ["/public/"]
        headers  = { "Remote-User" = "{email}" }

        """
    }

    private static func member(_ user: DemoUser, roles: [String]) -> String {
        let roles = roles.map(quoted).joined(separator: ", ")
        return "  { email = \(quoted(user.email)), name = \(quoted(user.name)), roles = [\(roles)] }"
    }

    /// A TOML basic string.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                quoted += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
