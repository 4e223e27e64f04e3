import Testing

@testable import OIDC

@Suite struct ProviderMetadataTests {
    static let issuer = "https://op.example"

    private func parse(
        _ changes: [String: JSONValue] = [:], without names: [String] = [], issuer: String = Self.issuer
    ) -> Result<ProviderMetadata, ProviderRefusal> {
        let text = TestProvider(issuer: Self.issuer).metadata(changes, without: names).text
        return ProviderMetadata.parse(Array(text.utf8), issuer: issuer)
    }

    @Test func `A usual document is read`() throws {
        let metadata = try parse().get()
        #expect(metadata.issuer == Self.issuer)
        #expect(metadata.authorizationEndpoint.text == "https://op.example/authorize")
        #expect(metadata.tokenEndpoint.text == "https://op.example/token")
        #expect(metadata.keySetURL.text == "https://op.example/jwks")
        #expect(metadata.userinfoEndpoint?.text == "https://op.example/userinfo")
        #expect(metadata.clientAuthentications == [.clientSecretBasic])
        #expect(!metadata.sendsIssuerParameter)
    }

    @Test(
        "The address is the issuer, without a final slash, and the well-known path",
        arguments: [
            ("https://op.example", "https://op.example/.well-known/openid-configuration"),
            ("https://op.example/", "https://op.example/.well-known/openid-configuration"),
            ("https://op.example/realms/a", "https://op.example/realms/a/.well-known/openid-configuration"),
            ("https://op.example/realms/a/", "https://op.example/realms/a/.well-known/openid-configuration"),
            ("https://op.example?x=y", nil), ("https://op.example#x", nil), ("http://op.example", nil), ("op.example", nil),
            ("", nil), ("https://login.example/{tenantid}/v2.0", nil),
        ])
    func discoveryURL(issuer: String, expected: String?) {
        #expect(ProviderMetadata.discoveryURL(issuer: issuer) == expected)
    }

    @Test(
        "The document must be that of the issuer, byte by byte",
        arguments: [
            "https://op.example/", "https://OP.example", "https://op.example:443", "https://other.example", "",
            "https://login.example/{tenantid}/v2.0",
        ])
    func issuerMismatch(stated: String) {
        #expect(parse(["issuer": .string(stated)]) == .failure(.issuerMismatch))
        #expect(parse(issuer: stated) == .failure(.issuerMismatch))
    }

    @Test(
        "What we depend on must be there",
        arguments: [
            ("issuer", .metadataMalformed), ("authorization_endpoint", .metadataMalformed),
            ("token_endpoint", .metadataMalformed), ("jwks_uri", .metadataMalformed),
            ("response_types_supported", .codeFlowNotSupported),
        ] as [(String, ProviderRefusal)])
    func requiredMembers(name: String, refusal: ProviderRefusal) {
        #expect(parse(without: [name]) == .failure(refusal))
        #expect(parse([name: 1]) == .failure(refusal))
        #expect(parse([name: .null]) == .failure(refusal))
    }

    @Test(
        "Every endpoint must be https, or on loopback",
        arguments: ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"],
        ["http://op.example/x", "ftp://op.example", "javascript:alert(1)", "", "https://op.example/#f"])
    func endpoints(name: String, url: String) {
        #expect(parse([name: .string(url)]) == .failure(.endpointNotAccepted))
        #expect(parse([name: "http://localhost:8080/x"]).value != nil)
    }

    @Test(
        "Odd values of the other members are refused, absent ones have their defaults",
        arguments: [
            (#"{"response_types_supported": ["id_token"]}"#, .codeFlowNotSupported),
            (#"{"response_types_supported": ["code", 1]}"#, .codeFlowNotSupported),
            (#"{"userinfo_endpoint": 1}"#, .endpointNotAccepted),
            (#"{"token_endpoint_auth_methods_supported": "client_secret_basic"}"#, .metadataMalformed),
            (#"{"token_endpoint_auth_methods_supported": [1]}"#, .metadataMalformed),
            (#"{"authorization_response_iss_parameter_supported": "true"}"#, .metadataMalformed),
            (#"{"authorization_response_iss_parameter_supported": 1}"#, .metadataMalformed),
            (#"{"authorization_response_iss_parameter_supported": true}"#, nil),
            (#"{"userinfo_endpoint": null}"#, nil), (#"{"subject_types_supported": null}"#, nil),
            (#"{"token_endpoint_auth_methods_supported": []}"#, nil),
        ] as [(String, ProviderRefusal?)])
    func otherMembers(changes: String, refusal: ProviderRefusal?) {
        #expect(parse(JSONValue.members(changes)).refusal == refusal)
    }

    @Test(
        "A document that is not one strict JSON object is refused",
        arguments: ["", "[]", "null", "<html>", #"{"issuer":"https://op.example","issuer":"https://op.example"}"#])
    func malformed(text: String) {
        #expect(ProviderMetadata.parse(Array(text.utf8), issuer: Self.issuer) == .failure(.metadataMalformed))
    }
}
