extension ProviderDirectory {
    /// Verifies a token that the issuer is said to have signed: the one way from a token to its
    /// payload, for ID tokens and whatever else a provider signs.
    ///
    /// A token that none of the keys explains makes us look for newer keys once, since providers
    /// rotate them and some reuse a key id, or give none. Runs outside the actor: signatures of one
    /// provider's tokens do not wait for those of another.
    nonisolated func verify(
        _ token: String, issuer: String, algorithms: [SignatureAlgorithm]
    ) async -> Result<VerifiedJWS, TokenRefusal> {
        let unverified: UnverifiedJWS
        switch UnverifiedJWS.parse(token) {
        case .success(let parsed): unverified = parsed
        case .failure(let refusal): return .failure(.signature(refusal))
        }
        // Before any request to the provider.
        guard unverified.allowedAlgorithm(among: algorithms) != nil else {
            return .failure(.signature(.algorithmNotAllowed))
        }
        let keys: CachedDocument<JSONWebKeySet>.Held
        switch await heldKeys(issuer: issuer) {
        case .success(let held): keys = held
        case .failure(let refusal): return .failure(.provider(refusal))
        }
        var result = unverified.verified(by: keys.value, algorithms: algorithms)
        if case .failure(let refusal) = result, refusal == .unknownKey || refusal == .badSignature,
            let newer = await newerKeys(issuer: issuer, than: keys)
        {
            result = unverified.verified(by: newer.value, algorithms: algorithms)
        }
        return result.mapError(TokenRefusal.signature)
    }

    enum TokenRefusal: Error, Equatable {
        case signature(JWSRefusal)
        case provider(ProviderRefusal)
    }
}
