extension RelyingParty {
    /// Turns the provider's answer into an identity.
    /// - Parameters:
    ///   - parameters: the query of the callback, decoded, in order, with duplicates.
    ///   - pending: what `begin` gave for this flow. The caller has found it by the browser's
    ///     cookie and takes it out of its store, so that it is used once.
    public func complete(
        parameters: [(name: String, value: String)], pending: PendingAuthorization
    ) async -> Result<ValidatedIdentity, OIDCRefusal> {
        let callback: CallbackParameters
        switch CallbackParameters.parse(parameters) {
        case .success(let parsed): callback = parsed
        case .failure(let refusal): return .failure(.callback(refusal))
        }
        if let refusal = mismatch(callback, pending) { return .failure(.callback(refusal)) }
        let metadata: ProviderMetadata
        switch await providers.metadata(issuer: settings.issuer) {
        case .success(let found): metadata = found
        case .failure(let refusal): return .failure(.provider(refusal))
        }
        if metadata.sendsIssuerParameter, callback.issuer == nil { return .failure(.callback(.issuerMissing)) }
        switch callback.outcome {
        case .error(let error): return .failure(.authorizationError(error))
        case .code(let code): return await redeem(code: code, pending: pending, metadata: metadata)
        }
    }

    /// Whether this callback belongs to another flow, connection or provider. RFC 9207 §2.4: "If
    /// the value does not match the expected issuer identifier, clients MUST reject".
    private func mismatch(_ callback: CallbackParameters, _ pending: PendingAuthorization) -> CallbackRefusal? {
        guard haveSameBytes(pending.issuer, settings.issuer), haveSameBytes(pending.redirectURI, settings.redirectURI)
        else { return .pendingMismatch }
        guard let state = callback.state, haveSameBytes(state, pending.state) else { return .stateMismatch }
        if let issuer = callback.issuer, !haveSameBytes(issuer, pending.issuer) { return .issuerMismatch }
        return nil
    }

    private func redeem(
        code: String, pending: PendingAuthorization, metadata: ProviderMetadata
    ) async -> Result<ValidatedIdentity, OIDCRefusal> {
        let tokens: TokenResponse
        switch await requestTokens(code: code, pending: pending, metadata: metadata) {
        case .success(let received): tokens = received
        case .failure(let refusal): return .failure(refusal)
        }
        let verified: VerifiedJWS
        switch await providers.verify(tokens.idToken, issuer: settings.issuer, algorithms: settings.algorithms) {
        case .success(let token): verified = token
        case .failure(.signature(let refusal)): return .failure(.signature(refusal))
        case .failure(.provider(let refusal)): return .failure(.provider(refusal))
        }
        let expectations = IDTokenExpectations(
            issuer: settings.issuer, clientID: settings.clientID, nonce: pending.nonce,
            accessToken: tokens.accessToken, code: code, now: Double(clock()) / 1000,
            loginNotBefore: pending.forcesLogin ? Double(pending.begunAt) / 1000 : nil)
        let idToken: ValidatedIDToken
        switch ValidatedIDToken.validate(verified, expecting: expectations) {
        case .success(let validated): idToken = validated
        case .failure(let refusal): return .failure(.idToken(refusal))
        }
        return await claims(of: idToken, accessToken: tokens.accessToken, metadata: metadata)
            .flatMap { identity(idToken, claims: $0) }
    }

    private func identity(
        _ idToken: ValidatedIDToken, claims: [String: JSONValue]
    ) -> Result<ValidatedIdentity, OIDCRefusal> {
        guard let subjectClaim = settings.subjectClaim else {
            return .success(ValidatedIdentity(idToken: idToken, subject: idToken.subject, claims: claims))
        }
        guard let subject = claims[subjectClaim]?.stringValue, isAcceptableSubject(subject) else {
            return .failure(.idToken(.subjectNotAccepted))
        }
        return .success(ValidatedIdentity(idToken: idToken, subject: subject, claims: claims))
    }
}
