import FoundationEssentials

extension RelyingParty {
    /// Redeems the code (RFC 6749 §4.1.3, RFC 7636 §4.5). Sent once: a code must not be used twice,
    /// and a provider may revoke what it issued for one that is.
    func requestTokens(
        code: String, pending: PendingAuthorization, metadata: ProviderMetadata
    ) async -> Result<TokenResponse, OIDCRefusal> {
        var headers = [
            HeaderField(name: "Content-Type", value: "application/x-www-form-urlencoded"),
            HeaderField(name: "Accept", value: "application/json"),
        ]
        var parameters: [(name: String, value: String)] = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", pending.redirectURI),
            ("code_verifier", pending.codeVerifier),
        ]
        if let secret = settings.clientSecret {
            if metadata.clientAuthentications.contains(.clientSecretBasic) {
                headers.append(HeaderField(name: "Authorization", value: Self.basic(settings.clientID, secret)))
            } else if metadata.clientAuthentications.contains(.clientSecretPost) {
                parameters += [("client_id", settings.clientID), ("client_secret", secret.text)]
            } else {
                return .failure(.tokenResponse(.clientAuthenticationNotSupported))
            }
        } else {
            parameters.append(("client_id", settings.clientID))
        }
        let request = OutgoingRequest(
            method: .post, url: metadata.tokenEndpoint.text, headers: headers,
            body: Array(FormEncoding.encode(parameters).utf8), maximumBodyBytes: Bounds.maximumTokenResponseBytes)
        guard let response = try? await providers.fetcher.send(request) else {
            return .failure(.tokenResponse(.unavailable))
        }
        return TokenResponse.parse(response)
    }

    /// RFC 6749 §2.3.1: both parts are form-encoded before they are joined, so that a colon or a
    /// non-ASCII character in them has one reading.
    private static func basic(_ clientID: String, _ secret: ClientSecret) -> String {
        let credentials = FormEncoding.encode(clientID) + ":" + FormEncoding.encode(secret.text)
        return "Basic " + Data(credentials.utf8).base64EncodedString()
    }
}
