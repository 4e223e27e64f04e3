import OIDC
import SAML
import Storage
import Tenancy

extension SignOnService {
    /// The IdP's answer over OIDC. `parameters`: the decoded query, in order, with duplicates.
    public func completeOIDC(
        connectionID: ConnectionID, parameters: [(name: String, value: String)], cookies: BrowserCookies,
        context: RequestContext
    ) async -> Step {
        await answering(context, .openIDCallback, connectionID: connectionID) {
            let states = parameters.filter { $0.name == "state" }
            guard states.count == 1, let state = states.first.flatMap({ SecretToken($0.value) }) else {
                return .failure(.flowUnknown)
            }
            return try await using(PendingSignIn.self, of: .flow, under: state, cookies: cookies) { pending, taken in
                guard pending.rootConnectionID == connectionID else { return .failure(.connectionMismatch) }
                guard case .oidc(let authorization) = pending.exchange,
                    let stored = try await store.read({ try $0.connection(connectionID) }),
                    case .oidc(let settings) = stored.settings
                else { return .failure(.wrongProtocol) }
                switch await relyingParty(for: stored.connection, settings).complete(
                    parameters: parameters, pending: authorization)
                {
                case .failure(let refusal): return .failure(.oidc(refusal))
                case .success(let identity):
                    let evidence = EvidenceMapping.evidence(
                        from: identity, connection: stored.connection, settings: settings, now: clock())
                    return try await land(pending, evidence: evidence, taking: taken, cookies: cookies, context: context)
                }
            }
        }
    }

    /// The IdP's answer over SAML, HTTP-POST. Comes from another site, so without our cookie: the response
    /// is checked and parked, and the browser is sent on to a one-time handle.
    public func receiveSAML(
        connectionID: ConnectionID, response: String, relayState: String?, cookies: BrowserCookies, context: RequestContext
    ) async -> Step {
        await answering(context, .samlResponse, connectionID: connectionID) {
            let now = clock()
            guard starts.admits(context.clientAddress, perMinute: settings.signInsPerMinutePerAddress, now: now) else {
                return .failure(.rateLimited)
            }
            guard let stored = try await store.read({ try $0.connection(connectionID) }), case .saml(let settings) = stored.settings
            else { return .failure(.wrongProtocol) }
            guard let state = relayState.flatMap({ SecretToken($0) }),
                let record = try await store.read({ try $0.peek(.flow, state.hash, at: now) })
            else {
                return try await receiveUnsolicited(stored, settings, response: response, cookies: cookies, context: context)
            }
            let pending = try Payload.decode(PendingSignIn.self, from: record.payload)
            guard pending.rootConnectionID == connectionID else { return .failure(.connectionMismatch) }
            guard case .saml(let requestID) = pending.exchange else { return .failure(.wrongProtocol) }
            let assertion: ValidatedAssertion
            let forcedAt = pending.demand == nil ? nil : pending.begunAt
            switch await validate(response, of: stored, settings, answering: .request(requestID), forcedAt: forcedAt) {
            case .failure(let refusal): return .failure(refusal)
            case .success(let validated): assertion = validated
            }
            let evidence = EvidenceMapping.evidence(
                from: assertion, connection: stored.connection, settings: settings, now: now)
            let handle = makeToken()
            let payload = try Payload.encode(ParkedResponse(evidence: evidence, pending: pending))
            let isParked = try await store.write { transaction in
                // One transaction: the flow is used up and the assertion is remembered, or neither.
                guard try transaction.take(.flow, state.hash, at: now) != nil else { return false }
                guard
                    try transaction.recordAssertion(
                        connectionID, assertionID: assertion.assertionID,
                        expiresAt: Instant(milliseconds: assertion.expiresAt))
                else { return false }
                try transaction.put(
                    OneTimeRecord(
                        purpose: .parkedResponse, idHash: handle.hash, binding: record.binding, payload: payload,
                        expiresAt: now.advanced(by: Self.parkingLifetime)),
                    perBinding: Self.maximumFlowsPerBrowser, perPurpose: Self.maximumRecords)
                return true
            }
            guard isParked else { return .failure(.replayed) }
            let address = callbackURL(of: connectionID) + "?" + FormEncoding.encode([("handle", handle.revealed)])
            return .success(.redirect(to: address, cookies: []))
        }
    }

    /// The second half of a SAML callback: now with the cookie.
    public func completeSAML(
        connectionID: ConnectionID, handle: String, cookies: BrowserCookies, context: RequestContext
    ) async -> Step {
        await answering(context, .samlCallback, connectionID: connectionID) {
            guard let handle = SecretToken(handle) else { return .failure(.flowUnknown) }
            return try await using(ParkedResponse.self, of: .parkedResponse, under: handle, cookies: cookies) { parked, taken in
                guard parked.pending.rootConnectionID == connectionID else { return .failure(.connectionMismatch) }
                return try await land(
                    parked.pending, evidence: parked.evidence, taking: taken, cookies: cookies, context: context)
            }
        }
    }

    /// Signs nobody in: where the connection allows such a response, it only begins a fresh flow.
    private func receiveUnsolicited(
        _ stored: StoredConnection, _ settings: SAMLConnectionSettings, response: String, cookies: BrowserCookies,
        context: RequestContext
    ) async throws -> Result<Step, SignOnRefusal> {
        guard settings.allowsUnsolicited else { return .failure(.flowUnknown) }
        switch await validate(response, of: stored, settings, answering: .unsolicited) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let assertion):
            let isNew = try await store.write { transaction in
                try transaction.recordAssertion(
                    stored.connection.id, assertionID: assertion.assertionID,
                    expiresAt: Instant(milliseconds: assertion.expiresAt))
            }
            guard isNew else { return .failure(.replayed) }
            let start = Start(target: .rootConnection(stored.connection.id), visit: SignInVisit())
            return try await begin(start, cookies: cookies, context: context)
        }
    }

    private func validate(
        _ response: String, of stored: StoredConnection, _ settings: SAMLConnectionSettings,
        answering expected: ResponseExpectations.Solicitation, forcedAt: Instant? = nil
    ) async -> Result<ValidatedAssertion, SignOnRefusal> {
        let provider: IdentityProvider
        switch await samlProviders.identityProvider(of: stored.connection.id, settings) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let found): provider = found
        }
        return serviceProvider(for: stored.connection.id, settings).flatMap { serviceProvider in
            SAMLResponse.validate(
                base64: response,
                expecting: ResponseExpectations(
                    serviceProvider: serviceProvider, identityProvider: provider, inResponseTo: expected,
                    clockSkew: settings.clockSkew.wholeMilliseconds, now: clock().milliseconds,
                    subjectAttribute: settings.subjectAttribute, authenticatedAtOrAfter: forcedAt?.milliseconds)
            ).mapError(SignOnRefusal.saml)
        }
    }

    /// Uses up a record that is bound to this browser, whatever comes of it. Another browser's attempt leaves it as it was.
    ///
    /// `body` takes it in the transaction that lands, which saves a durable commit in every sign-in; where it ends before
    /// that, the record is taken here. Meanwhile nobody else gets it: not in this process, which remembers it, and across
    /// processes only one of two can land.
    private func using<Value: Decodable & Sendable>(
        _ type: Value.Type, of purpose: OneTimeRecord.Purpose, under token: SecretToken, cookies: BrowserCookies,
        _ body: (Value, TakenRecord) async throws -> Result<Step, SignOnRefusal>
    ) async throws -> Result<Step, SignOnRefusal> {
        let now = clock()
        let taken = TakenRecord(purpose: purpose, idHash: token.hash)
        guard underWay.begin(taken) else { return .failure(.flowUnknown) }
        defer { underWay.end(taken) }
        guard let record = try await store.read({ try $0.peek(purpose, token.hash, at: now) }) else { return .failure(.flowUnknown) }
        guard let browser = FlowCookie(cookies.flow)?.token.hash, record.binding == browser else {
            return .failure(.flowOfAnotherBrowser)
        }
        let result = try await body(try Payload.decode(type, from: record.payload), taken)
        if case .failure = result {
            _ = try await store.write { try $0.take(purpose, token.hash, at: now) }
        }
        return result
    }
}
