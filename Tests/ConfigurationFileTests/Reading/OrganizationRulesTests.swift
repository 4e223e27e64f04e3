import Testing

@testable import ConfigurationFile

struct OrganizationRulesTests {
    private static func organization(_ lines: String) -> String { "[[organization]]\nslug = \"initech\"\n\(lines)" }
    private static let fine = organization("")

    static let rules: [Rule] = [
        Rule("slug is required", .tenancy, bad: "[[organization]]\nname = \"Initech\"", "[[organization]] needs `slug`", good: fine),
        Rule("slug is in lower case", .tenancy, bad: "[[organization]]\nslug = \"Initech\"", line: 2, "lower-case DNS label", good: fine),
        Rule("slug has no dot", .tenancy, bad: "[[organization]]\nslug = \"a.b\"", line: 2, "lower-case DNS label", good: fine),
        Rule(
            "slug has no hyphen at its end", .tenancy, bad: "[[organization]]\nslug = \"a-\"", line: 2, "lower-case DNS label",
            good: "[[organization]]\nslug = \"a-b\""),
        Rule(
            "slug has 63 bytes", .tenancy, bad: "[[organization]]\nslug = \"\(String(repeating: "a", count: 64))\"", line: 2,
            "lower-case DNS label", good: "[[organization]]\nslug = \"\(String(repeating: "a", count: 63))\""),
        Rule(
            "slug is unique", .tenancy, bad: "[[organization]]\nslug = \"acme\"", line: 2,
            "the slug `acme` is taken by the organization at line 3", good: fine),
        Rule(
            "id is of the kind", .tenancy, bad: organization("id = \"initech\""), line: 3, "organization-live-…",
            good: organization("id = \"organization-live-1\"")),
        Rule(
            "id is unique", .tenancy,
            bad: organization("id = \"organization-live-1\"\n[[organization]]\nslug = \"hooli\"\nid = \"organization-live-1\""), line: 6,
            "the id `organization-live-1` is that of the declaration at line",
            good: organization("id = \"organization-live-1\"\n[[organization]]\nslug = \"hooli\"\nid = \"organization-live-2\"")),
        Rule(
            "a date has an offset", .tenancy, bad: organization("created_at = 2024-05-01T09:00:00"), line: 3,
            "a date and time with an offset", good: organization("created_at = 2024-05-01T09:00:00Z")),
        Rule(
            "a date is a date", .tenancy, bad: organization("created_at = \"2024-02-30T09:00:00Z\""), line: 3,
            "a date and time with an offset", good: organization("created_at = \"2024-02-29T09:00:00+02:00\"")),
        Rule(
            "a date alone is not enough", .tenancy, bad: organization("created_at = 2024-05-01"), line: 3, "a date and time with an offset",
            good: fine),
        Rule(
            "JIT is one of three", .tenancy, bad: organization("sso_jit_provisioning = \"ALL_ALOWED\""), line: 3,
            "did you mean `ALL_ALLOWED`?", good: organization("sso_jit_provisioning = \"ALL_ALLOWED\"")),
        Rule(
            "RESTRICTED needs a list", .tenancy, bad: organization("sso_jit_provisioning = \"RESTRICTED\""), line: 3,
            "RESTRICTED needs `sso_jit_provisioning_allowed_connections`", good: organization("sso_jit_provisioning = \"NOT_ALLOWED\"")),
        Rule(
            "RESTRICTED needs an entry", .tenancy,
            bad: organization("sso_jit_provisioning = \"RESTRICTED\"\nsso_jit_provisioning_allowed_connections = []"), line: 3,
            "RESTRICTED needs", good: fine),
        Rule(
            "the list needs RESTRICTED", .tenancy,
            bad: organization("sso_jit_provisioning = \"ALL_ALLOWED\"\nsso_jit_provisioning_allowed_connections = []"), line: 4,
            "it counts only with", good: fine),
        Rule(
            "a member has an address", .tenancy, bad: organization("members = [\n{ name = \"A\" }]"), line: 4, "members needs `email`",
            good: organization("members = [\n{ name = \"A\", email = \"a@a.example\" }]")),
        Rule(
            "an address is an address", .tenancy, bad: organization("members = [{ email = \"a@b@a.example\" }]"), line: 3, "one @",
            good: organization("members = [{ email = \"a+b@a.example\" }]")),
        Rule(
            "one member for an address", .tenancy,
            bad: organization("members = [\n{ email = \"a@a.example\" },\n{ email = \"A@A.example\" }]"), line: 5,
            "already has a member with the address a@a.example, at line",
            good: organization("members = [{ email = \"a@a.example\" }, { email = \"b@a.example\" }]")),
        Rule(
            "a member's keys are known", .tenancy, bad: organization("members = [{ mail = \"a@a.example\", email = \"a@a.example\" }]"),
            line: 3, "unknown key `mail`; did you mean `email`?", good: fine),
        Rule(
            "a member's id is of the kind", .tenancy, bad: organization("members = [{ email = \"a@a.example\", id = \"a\" }]"), line: 3,
            "member-live-…", good: organization("members = [{ email = \"a@a.example\", id = \"member-live-a\" }]")),
        Rule(
            "members are a list", .tenancy, bad: organization("members = { email = \"a@a.example\" }"), line: 3, "with double brackets",
            good: organization("[[organization.members]]\nemail = \"a@a.example\"")),
        Rule(
            "domain roles: a domain", .tenancy, bad: organization("email_domain_roles = { acme = [\"viewer\"] }"), line: 3,
            "write a whole mail domain", good: organization("email_domain_roles = { \"acme.example\" = [\"viewer\"] }")),
        Rule(
            "domain roles: a domain once", .tenancy,
            bad: organization("email_domain_roles = { \"acme.example\" = [], \"ACME.example\" = [] }"), line: 3, "has acme.example twice",
            good: organization("email_domain_roles = {}")),
        Rule(
            "an allowed domain", .tenancy, bad: organization("email_allowed_domains = [\"acme\"]"), line: 3, "write a whole mail domain",
            good: organization("email_allowed_domains = []")),
        Rule(
            "custom claims", .tenancy, bad: organization("custom_claims = { sub = \"x\" }"), line: 3,
            "`sub` is a claim of the gateway's own", good: organization("custom_claims = { team = \"{organization}\" }")),
        Rule(
            "a name is not too long", .tenancy, bad: organization("name = \"\(String(repeating: "n", count: 129))\""), line: 3,
            "longer than 128 bytes", good: organization("name = \"\(String(repeating: "n", count: 128))\"")),
        Rule(
            "a name can't turn the text around it", .tenancy, bad: organization("name = \"a\\u202Eb\""), line: 3, "invisible character",
            good: organization("name = \"Bücher & Söhne\"")),
    ]

    @Test("[[organization]]", arguments: rules)
    func checkOrganization(rule: Rule) { rule.check() }

    static let roles: [Rule] = [
        Rule("name is required", .server, bad: "[[role]]\npermissions = {}", "[[role]] needs `name`", good: "[[role]]\nname = \"a\""),
        Rule(
            "name has no comma", .server, bad: "[[role]]\nname = \"a,b\"", line: 2, "letters, digits and _ - . : /",
            good: "[[role]]\nname = \"a.b:c/d-e_f\""),
        Rule(
            "name is declared once", .tenancy, bad: "[[role]]\nname = \"editor\"", line: 2, "declared twice, first at line",
            good: "[[role]]\nname = \"editors\""),
        Rule(
            "reserved names", .server, bad: "[[role]]\nname = \"stytch_owner\"", line: 2, "are reserved",
            good: "[[role]]\nname = \"stytch_admin\""),
        Rule(
            "permissions are lists", .server, bad: "[[role]]\nname = \"a\"\npermissions = { d = \"read\" }", line: 3,
            "`permissions.d` must be a list of strings", good: "[[role]]\nname = \"a\"\npermissions = { d = [\"read\"] }"),
        Rule(
            "permissions are not empty", .server, bad: "[[role]]\nname = \"a\"\npermissions = { d = [] }", line: 3, "`d` has no action",
            good: "[[role]]\nname = \"a\"\npermissions = {}"),
    ]

    @Test("[[role]]", arguments: roles)
    func checkRole(rule: Rule) { rule.check() }
}
