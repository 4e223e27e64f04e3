extension DemoIdentityProvider {
    public enum Endpoint: Sendable, Hashable, CaseIterable { case discovery, keys, token, userinfo }

    /// Something that the provider does wrong until it is withdrawn. Injected by code alone; no request can.
    public enum Fault: Sendable, Hashable {
        // The ID token.
        case wrongNonce
        case missingNonce
        case wrongAudience
        /// The right audience and another one, and no `azp`.
        case additionalAudience
        case expired
        /// `iat` an hour ahead.
        case issuedInFuture
        case otherIssuer
        case missingSubject
        case wrongAccessTokenHash
        /// `email_verified` is false.
        case unverifiedEmail
        /// `email_verified` is the text `"false"`, as some products write it.
        case unverifiedEmailAsText
        /// Another address than the user's.
        case otherEmail(String)

        // Its signature.
        /// `alg` is `none`.
        case unsigned
        case badSignature
        /// HS256 with the text of the published key as secret (RFC 8725 §2.1).
        case signedWithPublicKey
        /// A `kid` that is not published.
        case unknownKeyID
        case missingKeyID
        /// A critical header parameter that nobody knows (RFC 7515 §4.1.11).
        case unknownCriticalHeader

        // The authorization response.
        /// RFC 9207: `iss` names somebody else.
        case otherIssuerInResponse
        case missingIssuerInResponse
        case wrongState

        // Other documents.
        case discoveryNamesOtherIssuer
        case userinfoOfOtherSubject

        // Any endpoint.
        /// Answers wait until the fault is withdrawn.
        case hangs(Endpoint)
        /// 500.
        case fails(Endpoint)
        /// 200 with a body of 4 MiB.
        case answersTooMuch(Endpoint)
    }

    /// From now on, and until ``withdraw(_:)``.
    public func inject(_ fault: Fault) {
        state.withLock { _ = $0.faults.insert(fault) }
        if case .hangs(let endpoint) = fault { gates[endpoint]?.close() }
    }

    /// Requests that waited because of it go on.
    public func withdraw(_ fault: Fault) {
        state.withLock { _ = $0.faults.remove(fault) }
        if case .hangs(let endpoint) = fault { gates[endpoint]?.open() }
    }

    public func withdrawAllFaults() {
        state.withLock { $0.faults = [] }
        for gate in gates.values { gate.open() }
    }

    /// How many requests wait at an endpoint that hangs.
    public func waitingRequests(at endpoint: Endpoint) -> Int { gates[endpoint]?.waitingCount ?? 0 }

    func has(_ fault: Fault) -> Bool { state.withLock { $0.faults.contains(fault) } }
}
