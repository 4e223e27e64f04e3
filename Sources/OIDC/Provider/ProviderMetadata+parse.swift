extension ProviderMetadata {
    /// The address of the discovery document: the issuer, without a trailing slash, and the
    /// well-known path (Discovery §4). `nil` for an issuer that is none: §3 wants "no query or
    /// fragment components", and https unless on loopback.
    static func discoveryURL(issuer: String) -> String? {
        guard let url = EndpointURL(issuer), !url.hasQuery else { return nil }
        return (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer) + "/.well-known/openid-configuration"
    }

    /// Reads a discovery document that was fetched for `issuer`.
    ///
    /// Members that nothing here depends on are not looked at, even those that §3 requires.
    static func parse(_ bytes: [UInt8], issuer: String) -> Result<ProviderMetadata, ProviderRefusal> {
        guard case .success(.object(let members)) = JSONValue.parse(bytes, maximumBytes: Bounds.maximumMetadataBytes)
        else { return .failure(.metadataMalformed) }
        // §4.3: "MUST exactly match the Issuer URL that was used". It is what keeps one provider
        // from speaking for another (mix-up), so it is the bytes that count, slash and case included.
        guard let statedIssuer = members["issuer"]?.stringValue else { return .failure(.metadataMalformed) }
        guard haveSameBytes(statedIssuer, issuer) else { return .failure(.issuerMismatch) }
        guard let responseTypes = members["response_types_supported"]?.stringArray, responseTypes.contains("code") else {
            return .failure(.codeFlowNotSupported)
        }
        return parseEndpoints(members).flatMap { endpoints in
            guard let methods = parseClientAuthentications(members["token_endpoint_auth_methods_supported"]),
                let sendsIssuer = parseFlag(members["authorization_response_iss_parameter_supported"])
            else { return .failure(.metadataMalformed) }
            return .success(
                ProviderMetadata(
                    issuer: issuer, authorizationEndpoint: endpoints.authorization, tokenEndpoint: endpoints.token,
                    keySetURL: endpoints.keySet, userinfoEndpoint: endpoints.userinfo,
                    clientAuthentications: methods, sendsIssuerParameter: sendsIssuer))
        }
    }

    private typealias Endpoints = (
        authorization: EndpointURL, token: EndpointURL, keySet: EndpointURL, userinfo: EndpointURL?
    )

    private static func parseEndpoints(_ members: [String: JSONValue]) -> Result<Endpoints, ProviderRefusal> {
        guard let authorization = members["authorization_endpoint"]?.stringValue,
            let token = members["token_endpoint"]?.stringValue, let keySet = members["jwks_uri"]?.stringValue
        else { return .failure(.metadataMalformed) }
        guard let authorization = EndpointURL(authorization), let token = EndpointURL(token),
            let keySet = EndpointURL(keySet)
        else { return .failure(.endpointNotAccepted) }
        guard let value = members["userinfo_endpoint"], value != .null else {
            return .success((authorization, token, keySet, nil))
        }
        guard let userinfo = value.stringValue.flatMap(EndpointURL.init) else { return .failure(.endpointNotAccepted) }
        return .success((authorization, token, keySet, userinfo))
    }

    private static func parseClientAuthentications(_ value: JSONValue?) -> [ClientAuthentication]? {
        guard let value, value != .null else { return [.clientSecretBasic] }
        return value.stringArray?.compactMap(ClientAuthentication.init)
    }

    private static func parseFlag(_ value: JSONValue?) -> Bool? {
        guard let value, value != .null else { return false }
        return value.boolValue
    }
}
