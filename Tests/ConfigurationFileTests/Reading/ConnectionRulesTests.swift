import Testing

@testable import ConfigurationFile

struct ConnectionRulesTests {
    private static func oidc(_ lines: String, issuer: String = "https://i.example") -> String {
        "[[connection]]\nname = \"c\"\norganization = \"acme\"\ntype = \"oidc\"\nissuer = \"\(issuer)\"\nclient_id = \"x\"\n\(lines)"
    }

    private static func saml(_ lines: String) -> String {
        "[[connection]]\nname = \"c\"\norganization = \"acme\"\ntype = \"saml\"\n\(lines)"
    }

    private static let metadata = saml("metadata_url = \"https://i.example/m\"")
    private static let fine = oidc("")

    static let oidcRules: [Rule] = [
        Rule(
            "the example of the contract", .tenancy, bad: oidc("emial_domains = [\"a.example\"]"), line: 7,
            "unknown key `emial_domains`; did you mean `email_domains`?", good: oidc("email_domains = [\"a.example\"]")),
        Rule("name is required", .tenancy, bad: fine.replacing("name = \"c\"\n", with: ""), "[[connection]] needs `name`", good: fine),
        Rule(
            "organization is required", .tenancy, bad: fine.replacing("organization = \"acme\"\n", with: ""),
            "[[connection]] needs `organization`", good: fine),
        Rule("type is required", .tenancy, bad: fine.replacing("type = \"oidc\"\n", with: ""), "[[connection]] needs `type`", good: fine),
        Rule(
            "issuer is required", .tenancy, bad: fine.replacing("issuer = \"https://i.example\"\n", with: ""),
            "[[connection]] needs `issuer`", good: fine),
        Rule(
            "client_id is required", .tenancy, bad: fine.replacing("client_id = \"x\"\n", with: ""), "[[connection]] needs `client_id`",
            good: fine),
        Rule(
            "type is one of two", .tenancy, bad: fine.replacing("\"oidc\"", with: "\"oicd\""), line: 4,
            "write one of oidc, saml; did you mean `oidc`?", good: fine),
        Rule(
            "a key of the other type", .tenancy, bad: oidc("idp_initiated = true"), line: 7, "this one has type = \"oidc\": remove it",
            good: fine),
        Rule(
            "an issuer has no query", .tenancy, bad: oidc("", issuer: "https://i.example/?x"), line: 5, "an issuer has no query",
            good: oidc("", issuer: "https://i.example/")),
        Rule(
            "an issuer has no fragment", .tenancy, bad: oidc("", issuer: "https://i.example/#x"), line: 5, "an issuer has no fragment",
            good: oidc("", issuer: "https://i.example/x")),
        Rule(
            "an issuer is not the discovery document", .tenancy,
            bad: oidc("", issuer: "https://i.example/.well-known/openid-configuration"), line: 5, "write the issuer", good: fine),
        Rule(
            "an issuer is https", .tenancy, bad: oidc("", issuer: "http://i.example"), line: 5, "use https",
            good: oidc("", issuer: "http://idp.localhost:9000/")),
        Rule(
            "an issuer's port is a port", .tenancy, bad: oidc("", issuer: "https://i.example:99999"), line: 5, "from 1 to 65535",
            good: oidc("", issuer: "https://i.example:9999")),
        Rule(
            "Google alone", .tenancy, bad: oidc("", issuer: "https://accounts.google.com"), line: 5,
            "Google signs in people of every company: add `email_domains` or `required_claims`",
            good: oidc("email_domains = [\"a.example\"]", issuer: "https://accounts.google.com")),
        Rule(
            "Google with a claim", .tenancy, bad: oidc("required_claims = {}", issuer: "https://accounts.google.com"), line: 5,
            "Google signs in people of every company",
            good: oidc("required_claims = { hd = \"a.example\" }", issuer: "https://accounts.google.com")),
        Rule(
            "Entra common", .tenancy, bad: oidc("", issuer: "https://login.microsoftonline.com/common/v2.0"), line: 5,
            "Microsoft Entra's common", good: oidc("", issuer: "https://login.microsoftonline.com/0b1c/v2.0")),
        Rule(
            "Entra organizations", .tenancy, bad: oidc("", issuer: "https://login.microsoftonline.com/organizations/v2.0"), line: 5,
            "Microsoft Entra's organizations",
            good: oidc("required_claims = { tid = [\"0b1c\"] }", issuer: "https://login.microsoftonline.com/organizations/v2.0")),
        Rule(
            "Entra consumers", .tenancy, bad: oidc("", issuer: "https://login.microsoftonline.com/consumers/v2.0"), line: 5,
            "Microsoft Entra's consumers",
            good: oidc("email_domains = [\"a.example\"]", issuer: "https://login.microsoftonline.com/consumers/v2.0")),
        Rule(
            "an empty email_domains", .tenancy, bad: oidc("email_domains = []"), line: 7,
            "nobody could sign in; remove the key or list domains", good: oidc("email_domains = [\"a.example\"]")),
        Rule(
            "a domain is no address", .tenancy, bad: oidc("email_domains = [\"x@a.example\"]"), line: 7, "write the domain alone",
            good: oidc("email_domains = [\"a.example\"]")),
        Rule(
            "a domain is no wildcard", .tenancy, bad: oidc("email_domains = [\"*.a.example\"]"), line: 7, "write each subdomain",
            good: oidc("email_domains = [\"b.a.example\"]")),
        Rule(
            "a domain is in its ASCII form", .tenancy, bad: oidc("email_domains = [\"büro.example\"]"), line: 7, "`xn--…`",
            good: oidc("email_domains = [\"xn--bro-hoa.example\"]")),
        Rule(
            "a domain has two labels", .tenancy, bad: oidc("email_domains = [\"acme\"]"), line: 7, "write a whole mail domain",
            good: oidc("email_domains = [\"acme.example\"]")),
        Rule(
            "a required claim has a value", .tenancy, bad: oidc("required_claims = { hd = [] }"), line: 7, "`hd` must be a text",
            good: oidc("required_claims = { hd = [\"a\", \"b\"], n = 1, t = true }")),
        Rule(
            "a required claim is text", .tenancy, bad: oidc("required_claims = { hd = 1.5 }"), line: 7, "`hd` must be a text",
            good: oidc("required_claims = { hd = \"1.5\" }")),
        Rule(
            "algorithms: none", .tenancy, bad: oidc("algorithms = [\"none\"]"), line: 7, "a token without a signature proves nothing",
            good: oidc("algorithms = [\"RS256\"]")),
        Rule(
            "algorithms: HS256", .tenancy, bad: oidc("algorithms = [\"HS256\"]"), line: 7, "the client secret would be the signing key",
            good: oidc("algorithms = [\"PS512\"]")),
        Rule(
            "algorithms: RS1", .tenancy, bad: oidc("algorithms = [\"RS1\"]"), line: 7, "SHA-1 is broken",
            good: oidc("algorithms = [\"ES512\"]")),
        Rule(
            "algorithms: a slip", .tenancy, bad: oidc("algorithms = [\n\"EdDSA\",\n\"ES265\"]"), line: 9, "did you mean `ES256`?",
            good: oidc("algorithms = [\"EdDSA\"]")),
        Rule("algorithms: nothing", .tenancy, bad: oidc("algorithms = []"), line: 7, "no ID token could be accepted", good: oidc("")),
        Rule(
            "userinfo", .tenancy, bad: oidc("userinfo = \"allways\""), line: 7, "did you mean `always`?",
            good: oidc("userinfo = \"always\"")),
        Rule(
            "a scope is one word", .tenancy, bad: oidc("custom_scopes = [\"a b\"]"), line: 7, "write each scope as one entry",
            good: oidc("custom_scopes = [\"a\", \"b\"]")),
        Rule(
            "a query scope is one word", .tenancy, bad: oidc("query_scopes = [\"a\\\"b\"]"), line: 7, "write each scope as one entry",
            good: oidc("query_scopes = []")),
        Rule(
            "a mapping is text", .tenancy, bad: oidc("attribute_mapping = { email = 5 }"), line: 7,
            "`attribute_mapping.email` must be a string", good: oidc("attribute_mapping = { email = \"mail\" }")),
        Rule(
            "a mapping has no empty text", .tenancy, bad: oidc("attribute_mapping = { email = \"\" }"), line: 7, "is empty",
            good: oidc("attribute_mapping = {}")),
        Rule(
            "an id of the right kind", .tenancy, bad: oidc("id = \"saml-connection-live-1\""), line: 7, "oidc-connection-live-…",
            good: oidc("id = \"oidc-connection-live-1\"")),
        Rule(
            "an id is one path segment", .tenancy, bad: oidc("id = \"oidc-connection-live-../x\""), line: 7, "oidc-connection-live-…",
            good: oidc("id = \"oidc-connection-test-a_b-c\"")),
    ]

    @Test("type = \"oidc\"", arguments: oidcRules)
    func checkOidc(rule: Rule) { rule.check() }

    static let samlRules: [Rule] = [
        Rule(
            "the IdP is required", .tenancy, bad: saml(""), "[[connection]] needs `metadata_url`, or `metadata_file`, or `idp_entity_id`",
            good: metadata),
        Rule("the IdP once", .tenancy, bad: metadata + "\nmetadata_file = \"metadata.xml\"", "in several ways", good: metadata),
        Rule("the IdP once, fields too", .tenancy, bad: metadata + "\nidp_entity_id = \"urn:x\"", "in several ways", good: metadata),
        Rule(
            "fields: the entity ID", .tenancy, bad: saml("idp_sso_url = \"https://i.example\"\ncertificate_file = \"strong.pem\""),
            "needs `idp_entity_id`", good: metadata),
        Rule(
            "fields: the URL", .tenancy, bad: saml("idp_entity_id = \"urn:x\"\ncertificate_file = \"strong.pem\""), "needs `idp_sso_url`",
            good: metadata),
        Rule(
            "fields: the certificate", .tenancy, bad: saml("idp_entity_id = \"urn:x\"\nidp_sso_url = \"https://i.example\""),
            "needs `certificate_file`", good: metadata),
        Rule(
            "metadata is https", .tenancy, bad: saml("metadata_url = \"http://i.example/m\""), line: 5, "use https",
            good: saml("metadata_url = \"http://127.0.0.1:9000/m\"")),
        Rule(
            "sign-in at the IdP is https", .tenancy,
            bad: saml("idp_entity_id = \"urn:x\"\nidp_sso_url = \"http://i.example\"\ncertificate_file = \"strong.pem\""), line: 6,
            "use https",
            good: saml(
                "idp_entity_id = \"http://i.example/entity\"\nidp_sso_url = \"https://i.example\"\ncertificate_file = \"strong.pem\"")),
        Rule(
            "metadata is metadata", .tenancy, bad: saml("metadata_file = \"other.xml\""), line: 5, "no EntityDescriptor",
            good: saml("metadata_file = \"metadata.xml\"")),
        Rule(
            "metadata exists", .tenancy, bad: saml("metadata_file = \"missing.xml\""), line: 5, "/etc/gateway/missing.xml does not exist",
            good: saml("metadata_file = \"metadata.xml\"")),
        Rule(
            "clock_skew at most 3 minutes", .tenancy, bad: metadata + "\nclock_skew = \"181s\"", line: 6, "from 0s to 3m",
            good: metadata + "\nclock_skew = \"180s\""),
        Rule(
            "an entity ID has no space", .tenancy, bad: metadata + "\nsp_entity_id = \"a b\"", line: 6, "no spaces",
            good: metadata + "\nsp_entity_id = \"urn:a\""),
        Rule(
            "a key of the other type", .tenancy, bad: metadata + "\nclient_id = \"x\"", line: 6, "this one has type = \"saml\": remove it",
            good: metadata),
        Rule(
            "true or false", .tenancy, bad: metadata + "\nidp_initiated = \"yes\"", line: 6, "must be true or false, not a string",
            good: metadata + "\nidp_initiated = true"),
        Rule(
            "an id of the right kind", .tenancy, bad: metadata + "\nid = \"oidc-connection-live-1\"", line: 6, "saml-connection-live-…",
            good: metadata + "\nid = \"saml-connection-live-1\""),
    ]

    @Test("type = \"saml\"", arguments: samlRules)
    func checkSaml(rule: Rule) { rule.check() }
}
