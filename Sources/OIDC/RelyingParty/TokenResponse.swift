/// The answer of the token endpoint, as far as it is used (RFC 6749 §5.1, OpenID Connect Core
/// §3.1.3.3). The ID token in it is not verified yet.
struct TokenResponse: Sendable {
    let idToken: String
    /// Printable ASCII, so it can stand in a header.
    let accessToken: String

    static func parse(_ response: IncomingResponse) -> Result<TokenResponse, OIDCRefusal> {
        guard
            case .success(.object(let members)) =
                JSONValue.parse(response.body, maximumBytes: Bounds.maximumTokenResponseBytes)
        else { return .failure(.tokenResponse(response.status >= 500 ? .unavailable : .malformed)) }
        if let error = members["error"]?.stringValue { return .failure(.tokenError(ProviderError(code: error))) }
        guard response.status == 200 else {
            return .failure(.tokenResponse(response.status >= 500 ? .unavailable : .malformed))
        }
        guard let accessToken = members["access_token"]?.stringValue, let type = members["token_type"]?.stringValue,
            (1...Bounds.maximumAccessTokenBytes).contains(accessToken.utf8.count),
            accessToken.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return .failure(.tokenResponse(.malformed)) }
        guard type.lowercased() == "bearer" else { return .failure(.tokenResponse(.tokenTypeNotSupported)) }
        guard let idToken = members["id_token"], idToken != .null else {
            return .failure(.tokenResponse(.idTokenMissing))
        }
        guard let idToken = idToken.stringValue else { return .failure(.tokenResponse(.malformed)) }
        return .success(TokenResponse(idToken: idToken, accessToken: accessToken))
    }
}
