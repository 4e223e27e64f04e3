/// What a provider says about itself in its discovery document (OpenID Connect Discovery §3, RFC
/// 8414), as far as it is used.
public struct ProviderMetadata: Sendable, Equatable {
    /// How the client proves itself at the token endpoint (OpenID Connect Core §9).
    public enum ClientAuthentication: String, Sendable, CaseIterable {
        case clientSecretBasic = "client_secret_basic"
        case clientSecretPost = "client_secret_post"
    }

    public let issuer: String
    public let authorizationEndpoint: EndpointURL
    public let tokenEndpoint: EndpointURL
    public let keySetURL: EndpointURL
    public let userinfoEndpoint: EndpointURL?
    /// The listed ones of those that we know. `client_secret_basic` where the provider lists none
    /// at all (Discovery §3: "If omitted, the default is client_secret_basic").
    public let clientAuthentications: [ClientAuthentication]
    /// RFC 9207 §3: every authorization response carries `iss`, so one without it is refused.
    public let sendsIssuerParameter: Bool
}
