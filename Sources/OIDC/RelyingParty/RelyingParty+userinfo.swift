extension RelyingParty {
    /// The claims of the ID token, completed from the userinfo endpoint as the policy says.
    ///
    /// Where the endpoint is needed and does not answer, the sign-in is refused: roles worked out
    /// from half of the claims would be wrong, not merely fewer.
    func claims(
        of idToken: ValidatedIDToken, accessToken: String, metadata: ProviderMetadata
    ) async -> Result<[String: JSONValue], OIDCRefusal> {
        switch settings.userinfo {
        case .never:
            return .success(idToken.claims)
        case .whenNeeded:
            let needed = ["email"] + settings.wantedClaims + (settings.subjectClaim.map { [$0] } ?? [])
            guard needed.contains(where: { idToken.claims[$0] == nil }), let endpoint = metadata.userinfoEndpoint else {
                return .success(idToken.claims)
            }
            return await userinfo(at: endpoint, accessToken: accessToken, for: idToken)
        case .always:
            guard let endpoint = metadata.userinfoEndpoint else { return .failure(.userinfo(.endpointMissing)) }
            return await userinfo(at: endpoint, accessToken: accessToken, for: idToken)
        }
    }

    /// OpenID Connect Core §5.3.
    private func userinfo(
        at endpoint: EndpointURL, accessToken: String, for idToken: ValidatedIDToken
    ) async -> Result<[String: JSONValue], OIDCRefusal> {
        let request = OutgoingRequest(
            method: .get, url: endpoint.text,
            headers: [
                HeaderField(name: "Accept", value: "application/json"),
                HeaderField(name: "Authorization", value: "Bearer " + accessToken),
            ],
            maximumBodyBytes: Bounds.maximumUserinfoBytes)
        guard let response = try? await providers.fetcher.send(request), response.status == 200 else {
            return .failure(.userinfo(.unavailable))
        }
        return Userinfo.parse(response, subject: idToken.subject)
            .map { $0.merged(under: idToken.claims) }
            .mapError(OIDCRefusal.userinfo)
    }
}
