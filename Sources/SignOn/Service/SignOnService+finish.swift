import Storage
import Tenancy

extension SignOnService {
    /// `/.gateway/finish` on a tenant's host: turns the one-time code into a session of this host.
    ///
    /// A code whose browser is not known yet, because landing chose the host, is worth nothing here: it is
    /// used up, this host's flow cookie is set, and the browser goes back once for a code bound to it.
    public func finish(host: String, code: String?, cookies: BrowserCookies, context: RequestContext) async -> Step {
        await answering(context, .finish) {
            guard let code = code.flatMap({ SecretToken($0) }) else { return .failure(.flowUnknown) }
            let now = clock()
            let cookie = FlowCookie(cookies.flow)
            let session = makeToken()
            let sessionID = makeSessionID()
            let eventID = makeEventID()
            let planted = cookies.session.flatMap { SecretToken($0) }?.hash
            let outcome: FinishOutcome = try await store.write { transaction in
                guard let record = try transaction.peek(.handOff, code.hash, at: now) else { return .refused(.flowUnknown) }
                let handOff = try Payload.decode(HandOff.self, from: record.payload)
                guard handOff.host == host else { return .refused(.flowUnknown) }
                guard let binding = record.binding, let cookie else {
                    if handOff.isSecondTry { return .refused(.cookiesBlocked) }
                    _ = try transaction.take(.handOff, code.hash, at: now)
                    return .goBack(handOff)
                }
                guard binding == cookie.token.hash else { return .refused(.flowOfAnotherBrowser) }
                _ = try transaction.take(.handOff, code.hash, at: now)
                // Signed out between landing and here: the sign-in is gone, and so is what came from it.
                guard try transaction.signInRecord(handOff.signIn.hash, at: now) != nil else {
                    return .refused(.tenancy(.sessionExpired))
                }
                let facts = Session(
                    memberID: handOff.memberID, organizationID: handOff.organizationID, evidence: handOff.evidence,
                    expiresAt: handOff.expiresAt)
                let question = Question.continuation(facts)
                let decision = decide(question, in: try transaction.world(for: question))
                guard case .admit(let admission) = decision.outcome else {
                    try transaction.append(
                        .sessionStart(id: eventID, at: now, decision: decision, session: facts, context: context))
                    if case .refuse(let refusal) = decision.outcome { return .refusedOnRecord(.tenancy(refusal)) }
                    return .refusedOnRecord(.tenancy(.notAMember))
                }
                // A session that was planted or is left over on this host must not live beside the new one.
                if let planted, try transaction.session(planted, at: now)?.host == host { _ = try transaction.deleteSession(planted) }
                try transaction.insertSession(
                    StoredSession(
                        tokenHash: session.hash, id: sessionID, session: facts, via: admission.via, host: host,
                        signInHash: handOff.signIn.hash, createdAt: now, lastSeenAt: now,
                        roles: Set(admission.roles.map(\.role))))
                try transaction.append(
                    .sessionStart(id: eventID, at: now, decision: decision, session: facts, context: context))
                return .signedIn(handOff)
            }
            switch outcome {
            case .refused(let refusal): return .failure(refusal)
            case .refusedOnRecord(let refusal): return .success(.refused(refusal))
            case .goBack(let handOff):
                guard let address = ReturnAddress(host: host, target: handOff.target) else { return .failure(.unknownReturnAddress) }
                let cookie = FlowCookie(token: cookie?.token ?? makeToken())
                return .success(
                    .redirect(
                        to: signInAddress(for: address, browser: cookie, isSecondTry: true),
                        cookies: [.set(.flow, cookie.value)]))
            case .signedIn(let handOff):
                var changes = [CookieChange.set(.session, session.revealed)]
                if let cookie, cookie.hasSignedOut { changes.append(.set(.flow, FlowCookie(token: cookie.token).value)) }
                return .success(
                    .redirect(to: settings.routes.origin(ofHost: host) + handOff.target, cookies: changes))
            }
        }
    }

    private enum FinishOutcome: Sendable {
        case signedIn(HandOff)
        case goBack(HandOff)
        case refused(SignOnRefusal)
        /// The transaction has recorded it.
        case refusedOnRecord(SignOnRefusal)
    }
}
