/// An `AuthnRequest` (saml-core §3.4.1) by HTTP-Redirect (saml-bindings §3.4), unsigned: it asks for
/// nothing that a forged one could abuse, since the answer goes to the ACS that the IdP has on file.
public enum AuthenticationRequest {
    /// saml-bindings §3.4.3: RelayState must not exceed 80 bytes.
    public static let maximumRelayStateBytes = 80

    /// The URL to redirect the browser to.
    /// - Parameters:
    ///   - id: unpredictable, an NCName (start it with `_`); the response must name it.
    ///   - issueInstant: milliseconds since 1970.
    ///   - relayState: comes back with the response; empty sends none.
    ///   - forceAuthentication: the IdP must ask the person again. Check it with
    ///     `ResponseExpectations.authenticatedAtOrAfter`.
    ///   - contexts: AuthnContextClassRef values of which the IdP must meet one (saml-core §3.3.2.2.1); empty asks for none.
    public static func make(
        serviceProvider: ServiceProvider, identityProvider: IdentityProvider, id: String, issueInstant: Int64,
        relayState: String, forceAuthentication: Bool = false, contexts: [String] = []
    ) -> Result<String, SAMLRefusal> {
        guard NCName.isAllowed(id) else { return .failure(.requestIDMalformed) }
        guard relayState.utf8.count <= maximumRelayStateBytes else { return .failure(.relayStateTooLong) }
        let url = identityProvider.singleSignOnURL
        let request = """
            <samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" \
            xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="\(id)" Version="2.0" \
            IssueInstant="\(SAMLTime.format(issueInstant))" Destination="\(url.xmlEscaped)"\
            \(forceAuthentication ? " ForceAuthn=\"true\"" : "") \
            ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" \
            AssertionConsumerServiceURL="\(serviceProvider.assertionConsumerURL.xmlEscaped)">\
            <saml:Issuer>\(serviceProvider.entityID.xmlEscaped)</saml:Issuer>\
            <samlp:NameIDPolicy AllowCreate="true"/>\
            \(requestedContext(contexts))\
            </samlp:AuthnRequest>
            """
        var location = url + (url.contains("?") ? "&" : "?")
        location += "SAMLRequest=" + Base64.encode(Deflate.stored(Array(request.utf8))).percentEncoded
        if !relayState.isEmpty { location += "&RelayState=" + relayState.percentEncoded }
        return .success(location)
    }

    private static func requestedContext(_ contexts: [String]) -> String {
        guard !contexts.isEmpty else { return "" }
        let classes = contexts.map { "<saml:AuthnContextClassRef>\($0.xmlEscaped)</saml:AuthnContextClassRef>" }
        return "<samlp:RequestedAuthnContext Comparison=\"exact\">\(classes.joined())</samlp:RequestedAuthnContext>"
    }
}
