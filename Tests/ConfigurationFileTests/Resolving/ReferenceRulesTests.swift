import Testing

@testable import ConfigurationFile

/// Rules that need a look at two tables.
struct ReferenceRulesTests {
    private static func link(_ lines: String = "", name: String = "link", organization: String = "globex", connection: String = "acme-okta")
        -> String
    {
        "[[external_connection]]\nname = \"\(name)\"\norganization = \"\(organization)\"\nconnection = \"\(connection)\"\nemail_domains = [\"acme.example\"]\n\(lines)\n"
    }

    private static func connection(_ name: String, organization: String = "acme", _ lines: String = "") -> String {
        "[[connection]]\nname = \"\(name)\"\norganization = \"\(organization)\"\ntype = \"oidc\"\nissuer = \"https://i.example\"\nclient_id = \"x\"\n\(lines)\n"
    }

    private static func organization(_ lines: String) -> String { "[[organization]]\nslug = \"initech\"\n\(lines)\n" }
    private static func route(_ lines: String, host: String = "a.example", organization: String = "acme") -> String {
        "[[route]]\nhost = \"\(host)\"\norganization = \"\(organization)\"\nupstream = [\"http://10.0.0.1:80\"]\n\(lines)\n"
    }

    static let connections: [Rule] = [
        Rule(
            "connection: unknown organization", .tenancy, bad: connection("c", organization: "acmee"), line: 3,
            "there is no organization `acmee`; did you mean `acme`?", good: connection("c")),
        Rule(
            "connection: name taken", .tenancy, bad: connection("acme-okta"), line: 2, "the name `acme-okta` is taken at line 9",
            good: connection("c")),
        Rule(
            "connection: id taken", .tenancy,
            bad: connection("c", "id = \"oidc-connection-live-1\"") + connection("d", "id = \"oidc-connection-live-1\""), line: 14,
            "is that of the declaration at line", good: connection("c", "id = \"oidc-connection-live-1\"") + connection("d")),
        Rule("link: name taken by a connection", .tenancy, bad: link(name: "acme-okta"), line: 2, "share one set of names", good: link()),
        Rule(
            "link: name is required", .tenancy, bad: link().replacing("name = \"link\"\n", with: ""),
            "[[external_connection]] needs `name`", good: link()),
        Rule(
            "link: organization is required", .tenancy, bad: link().replacing("organization = \"globex\"\n", with: ""),
            "[[external_connection]] needs `organization`", good: link()),
        Rule(
            "link: connection is required", .tenancy, bad: link().replacing("connection = \"acme-okta\"\n", with: ""),
            "[[external_connection]] needs `connection`", good: link()),
        Rule(
            "link: unknown organization", .tenancy, bad: link(organization: "nobody"), line: 3, "there is no organization `nobody`",
            good: link()),
        Rule(
            "link: to nothing", .tenancy, bad: link(connection: "acme-okto"), line: 4,
            "there is no connection `acme-okto`; did you mean `acme-okta`?", good: link()),
        Rule("link: to its own connection", .tenancy, bad: link(organization: "acme"), line: 4, "is the organization's own", good: link()),
        Rule(
            "link: to a link", .tenancy, bad: organization("") + link() + link(name: "second", organization: "initech", connection: "link"),
            line: 13, "sharing is not transitive: name the connection that it points at, `acme-okta`",
            good: organization("") + link() + link(name: "second", organization: "initech")),
        Rule(
            "link: to itself", .tenancy, bad: link(connection: "link"), line: 4, "sharing is not transitive: name a [[connection]]",
            good: link()),
        Rule(
            "link: twice", .tenancy, bad: link() + link(name: "again"), line: 7,
            "already has an external connection to `acme-okta` at line", good: link()),
        Rule(
            "link: an empty email_domains", .tenancy, bad: link().replacing("[\"acme.example\"]", with: "[]"), line: 5,
            "nobody could sign in", good: link()),
        Rule(
            "link: id of the kind", .tenancy, bad: link("id = \"external-1\""), line: 6, "external-connection-live-…",
            good: link("id = \"external-connection-live-1\"")),
        Rule(
            "link: jit is true or false", .tenancy, bad: link("jit = \"yes\""), line: 6, "must be true or false", good: link("jit = true")),
        Rule(
            "link: a typo", .tenancy, bad: link("role_cieling = []"), line: 6, "did you mean `role_ceiling`?",
            good: link("role_ceiling = []")),
        Rule(
            "ceiling: a role that never comes through", .tenancy, bad: link("roles = [\"editor\"]\nrole_ceiling = [\"viewer\"]"), line: 6,
            "`role_ceiling` never lets `editor` through", good: link("roles = [\"viewer\"]\nrole_ceiling = [\"viewer\"]")),
        Rule(
            "ceiling: a group's role that never comes through", .tenancy,
            bad: link("role_ceiling = [\"viewer\"]\n[external_connection.group_roles]\nadmins = [\"viewer\"]\nowners = [\"stytch_admin\"]"),
            line: 9, "never lets `stytch_admin` through",
            good: link("role_ceiling = [\"viewer\"]\ngroup_roles = { admins = [\"viewer\"] }")),
        Rule(
            "ceiling: nothing is a ceiling too", .tenancy, bad: link("roles = [\"viewer\"]\nrole_ceiling = []"), line: 6,
            "never lets `viewer` through", good: link("roles = [\"viewer\"]")),
    ]

    @Test("connections and external connections", arguments: connections)
    func checkConnections(rule: Rule) { rule.check() }

    static let warnings: [Rule] = [
        Rule(
            "link without a domain list", .tenancy, bad: link().replacing("email_domains = [\"acme.example\"]\n", with: ""),
            "`link` has no `email_domains`", good: link()),
        Rule(
            "jit of a link in vain", .tenancy, bad: organization("") + link("jit = true", organization: "initech"), line: 9,
            "`jit` has no effect",
            good: organization("sso_jit_provisioning = \"ALL_ALLOWED\"") + link("jit = true", organization: "initech")),
        Rule(
            "a route at external_url", .tenancy, bad: route("", host: "auth.example.com"), line: 2,
            "is that of `external_url`: the application's scripts share the origin with the switcher",
            good: route("", host: "wiki.example.com")),
        Rule(
            "a host that a later slug could take", .tenancy,
            bad: route("", host: "wiki.apps.example")
                + "[[route]]\nhost = \"{organization}.apps.example\"\nupstream = [\"http://10.0.0.1\"]", line: 2,
            "an organization with the slug `wiki`",
            good: route("", host: "acme.apps.example", organization: "acme")
                + "[[route]]\nhost = \"{organization}.apps.example\"\nupstream = [\"http://10.0.0.1\"]"),
    ]

    @Test("warnings", arguments: warnings)
    func checkWarnings(rule: Rule) { rule.check(.warning) }

    @Test("external_url under the hosts of organizations is a warning, and an error once one has the slug")
    func externalURLUnderLabel() {
        let route = "[[route]]\nhost = \"{organization}.example.com\"\nupstream = [\"http://10.0.0.1\"]\n"
        let found = problems(in: Rule.Base.server.text + route)
        #expect(found.map(\.line) == [1] && found.map(\.severity) == [.warning])
        let taken = problems(in: Rule.Base.server.text + route + "[[organization]]\nslug = \"auth\"")
        #expect(taken.map(\.line) == [1] && taken.map(\.severity) == [.error])
        #expect(problems(in: Rule.Base.server.text + route.replacing("example.com", with: "apps.example.com")) == [])
    }

    static let organizations: [Rule] = [
        Rule(
            "default: unknown", .tenancy, bad: organization("default_connection = \"acme-oktaa\""), line: 3, "did you mean `acme-okta`?",
            good: organization("")),
        Rule(
            "default: another organization's", .tenancy, bad: organization("default_connection = \"acme-okta\""), line: 3,
            "it needs an [[external_connection]] to it",
            good: organization("default_connection = \"own\"") + connection("own", organization: "initech")),
        Rule(
            "default: the root of its link", .tenancy,
            bad: organization("default_connection = \"acme-okta\"") + link(organization: "initech"), line: 3,
            "it accepts it through `link`: write that", good: organization("default_connection = \"link\"") + link(organization: "initech")),
        Rule(
            "default: another's link", .tenancy, bad: organization("default_connection = \"link\"") + link(), line: 3,
            "an external connection of another organization",
            good: organization("default_connection = \"link\"") + link(organization: "initech")),
        Rule(
            "JIT list: unknown", .tenancy,
            bad: organization("sso_jit_provisioning = \"RESTRICTED\"\nsso_jit_provisioning_allowed_connections = [\n\"nothing\"]"), line: 5,
            "there is no connection `nothing`",
            good: organization("sso_jit_provisioning = \"RESTRICTED\"\nsso_jit_provisioning_allowed_connections = [\"own\"]")
                + connection("own", organization: "initech")),
        Rule(
            "JIT list: another organization's", .tenancy,
            bad: organization("sso_jit_provisioning = \"RESTRICTED\"\nsso_jit_provisioning_allowed_connections = [\"acme-okta\"]"), line: 4,
            "belongs to another organization",
            good: organization("sso_jit_provisioning = \"RESTRICTED\"\nsso_jit_provisioning_allowed_connections = [\"link\"]")
                + link(organization: "initech")),
        Rule(
            "JIT list: by id", .tenancy,
            bad: organization(
                "sso_jit_provisioning = \"RESTRICTED\"\nsso_jit_provisioning_allowed_connections = [\"external-connection-live-2\"]")
                + link("id = \"external-connection-live-1\"", organization: "initech"), line: 4,
            "there is no connection `external-connection-live-2`",
            good: organization(
                "sso_jit_provisioning = \"RESTRICTED\"\nsso_jit_provisioning_allowed_connections = [\"external-connection-live-1\"]")
                + link("id = \"external-connection-live-1\"", organization: "initech")),
    ]

    @Test("connections that organizations name", arguments: organizations)
    func checkOrganizations(rule: Rule) { rule.check() }

    /// Every place that names a role, with the role on the fragment's last line.
    static let roles: [Rule] = [
        ("member", organization("members = [{ email = \"a@a.example\", roles = [\"ROLE\"] }]"), 3),
        ("domain", organization("email_domain_roles = { \"a.example\" = [\"ROLE\"] }"), 3),
        ("connection", connection("c", "roles = [\"ROLE\"]"), 7),
        ("connection group", connection("c", "group_roles = { g = [\"ROLE\"] }"), 7),
        ("link", link("roles = [\"ROLE\"]"), 6), ("link group", link("group_roles = { g = [\"ROLE\"] }"), 6),
        ("ceiling", link("role_ceiling = [\"ROLE\"]"), 6),
        ("route", route("require_roles = [\"ROLE\"]"), 5),
    ].flatMap { place, text, line in
        ["editor", "stytch_member", "stytch_admin"].map { good in
            Rule(
                "\(place), \(good)", .tenancy, bad: text.replacing("ROLE", with: "edtior"), line: line,
                "no role `edtior` is declared; did you mean `editor`?", good: text.replacing("ROLE", with: good))
        }
    }

    @Test("roles are declared", arguments: roles)
    func checkRoles(rule: Rule) { rule.check() }

    static let routes: [Rule] = [
        Rule(
            "unknown organization", .tenancy, bad: route("", organization: "globax"), line: 3,
            "there is no organization `globax`; did you mean `globex`?", good: route("", organization: "globex")),
        Rule(
            "one host, two organizations", .tenancy, bad: route("") + route("path = \"/x\"", organization: "globex"), line: 7,
            "the host a.example belongs to `acme` (line", good: route("") + route("path = \"/x\"")),
        Rule(
            "one host, one path, twice", .tenancy, bad: route("path = \"/x\"") + route("path = \"/x\""), line: 7,
            "has the same host and path", good: route("path = \"/x\"") + route("path = \"/y\"")),
        Rule(
            "the default path, twice", .tenancy, bad: route("") + route("path = \"/\""), line: 7, "has the same host and path",
            good: route("") + route("", host: "b.example")),
        Rule(
            "a host of another's label", .tenancy,
            bad: "[[route]]\nhost = \"{organization}.apps.example\"\nupstream = [\"http://10.0.0.1\"]\n"
                + route("", host: "globex.apps.example"), line: 5, "is that of the organization `globex`",
            good: "[[route]]\nhost = \"{organization}.apps.example\"\nupstream = [\"http://10.0.0.1\"]\n"
                + route("", host: "globex.apps.example", organization: "globex")),
    ]

    @Test("hosts of routes", arguments: routes)
    func checkRoutes(rule: Rule) { rule.check() }
}
