extension UnverifiedJWS {
    /// The algorithm, if the token names one that the connection lists. Needs no key, so it comes
    /// before any request to the provider.
    func allowedAlgorithm(among algorithms: [SignatureAlgorithm]) -> SignatureAlgorithm? {
        SignatureAlgorithm(rawValue: algorithmName).flatMap { algorithms.contains($0) ? $0 : nil }
    }

    /// The verified token, or why not. The algorithm must be listed by the connection and fit the
    /// key; the key is picked by `kid` alone, and without `kid` only if exactly one key fits.
    func verified(by keys: JSONWebKeySet, algorithms: [SignatureAlgorithm]) -> Result<VerifiedJWS, JWSRefusal> {
        guard let algorithm = allowedAlgorithm(among: algorithms) else { return .failure(.algorithmNotAllowed) }
        return key(for: algorithm, in: keys).flatMap { key in
            guard key.publicKey.isValid(signature: signature, for: signingInput, algorithm: algorithm) else {
                return .failure(.badSignature)
            }
            return .success(VerifiedJWS(verified: self, algorithm: algorithm))
        }
    }

    private func key(for algorithm: SignatureAlgorithm, in keys: JSONWebKeySet) -> Result<JSONWebKey, JWSRefusal> {
        let candidates = keyID.map { keyID in
            keys.keys.filter { key in key.keyID.map { haveSameBytes($0, keyID) } ?? false }
        }
        let fitting = (candidates ?? keys.keys).filter { $0.fits(algorithm) }
        switch fitting.count {
        case 1: return .success(fitting[0])
        case 0: return .failure((candidates?.isEmpty ?? true) ? .unknownKey : .keyDoesNotFit)
        default: return .failure(.ambiguousKey)
        }
    }
}
