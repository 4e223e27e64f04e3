import Storage
import Tenancy

extension SignOnService {
    /// After the IdP has answered: takes the record that led here, decides where the person lands, writes what the
    /// decision says, and makes the code that the tenant's host turns into a session. All in one transaction.
    func land(
        _ pending: PendingSignIn, evidence: Evidence, taking record: TakenRecord, cookies: BrowserCookies, context: RequestContext
    ) async throws -> Result<Step, SignOnRefusal> {
        let now = clock()
        let settings = settings
        let signIn = makeToken()
        let code = makeToken()
        let memberID = makeMemberID()
        let eventID = makeEventID()
        let former = cookies.signIn.flatMap { SecretToken($0) }?.hash
        let limit = now.advanced(by: settings.lifetime)
        let expiresAt = evidence.validUntil.map { min($0, limit) } ?? limit
        if let demand = pending.demand, !demand.isMet(by: evidence, at: now) {
            // Asked for and not done: to ask again would be a loop.
            try await store.write {
                _ = try $0.take(record.purpose, record.idHash, at: now)
                try $0.append(.stepUpNotMet(id: eventID, at: now, evidence: evidence, target: pending.target, context: context))
            }
            return .success(.refused(.stepUpNotMet))
        }
        let result: Result<String, SignOnRefusal> = try await store.write { transaction in
            guard try transaction.take(record.purpose, record.idHash, at: now) != nil else { return .failure(.flowUnknown) }
            let (decided, world) = try Self.decideLanding(at: pending.target, evidence, routes: settings.routes, in: transaction)
            let organization = decided.admittedOrganization.flatMap { world.organizations[$0] }
            let host = organization.flatMap { Self.host(for: $0, address: pending.returnTo, routes: settings.routes) }
            let decision = decided.needing(host: host)
            try transaction.append(
                .signIn(
                    id: eventID, at: now, decision: decision, evidence: evidence, target: pending.target, in: world,
                    newMemberID: memberID, context: context))
            guard case .admit(let admission) = decision.outcome, let organization, let host else {
                if case .refuse(let refusal) = decision.outcome { return .failure(.tenancy(refusal)) }
                return .failure(.tenancy(.nowhereToLand))
            }
            let member = try Self.apply(admission, evidence: evidence, newMemberID: memberID, now: now, in: transaction)
            // One sign-in a browser: it takes over what came from the one before, so that signing out ends all of it.
            if let former {
                _ = try transaction.deleteSignInRecord(former)
                try transaction.moveSessions(ofSignIn: former, to: signIn.hash)
            }
            try transaction.insertSignInRecord(
                SignInRecord(
                    hash: signIn.hash, evidence: evidence, memberID: member, organizationID: organization.id, createdAt: now,
                    lastSeenAt: now, expiresAt: expiresAt))
            let isReturn = pending.returnTo?.host == host
            try Self.putHandOff(
                HandOff(
                    signIn: StoredHash(signIn.hash), memberID: member, organizationID: organization.id, host: host,
                    target: isReturn ? pending.returnTo?.target ?? "/" : "/", evidence: evidence, expiresAt: expiresAt,
                    isSecondTry: false),
                under: code, boundTo: isReturn ? pending.tenantBrowser?.hash : nil, now: now, in: transaction)
            return .success(host)
        }
        switch result {
        case .success(let host):
            var changes = [CookieChange.set(.signIn, signIn.revealed)]
            if let cookie = FlowCookie(cookies.flow), cookie.hasSignedOut {
                changes.append(.set(.flow, FlowCookie(token: cookie.token).value))
            }
            return .success(.redirect(to: finishAddress(host: host, code: code), cookies: changes))
        case .failure(.flowUnknown): return .failure(.flowUnknown)
        // Recorded in the transaction.
        case .failure(let refusal): return .success(.refused(refusal))
        }
    }

    /// The decision, and the slice that it was taken in. At a root connection those who might let the person in are asked
    /// first: they are few, and the connection may be lent to thousands.
    private static func decideLanding(
        at target: SignInTarget, _ evidence: Evidence, routes: RoutePlan, in transaction: ReadTransaction
    ) throws -> (Decision, World) {
        func decided(in world: World) -> Decision {
            decide(.landing(target, evidence, .page(of: routes.routedOrganizations(in: world))), in: world)
        }
        if case .rootConnection(let id) = target {
            let world = try transaction.worldOfAdmissions(at: id, evidence)
            let decision = decided(in: world)
            if case .admit = decision.outcome { return (decision, world) }
        }
        let world = try transaction.world(for: .landing(target, evidence, .anywhere))
        return (decided(in: world), world)
    }

    /// Writes what an admission says has to be written. Returns the member.
    static func apply(
        _ admission: Admission, evidence: Evidence, newMemberID: MemberID, now: Instant, in transaction: WriteTransaction
    ) throws -> MemberID {
        let member: MemberID
        var isNewLink = true
        switch admission.membership {
        case .known(let id):
            member = id
            isNewLink = false
        case .linking(let id): member = id
        case .provisioning(let email):
            member = newMemberID
            try transaction.insertMember(
                Member(
                    id: newMemberID, organizationID: admission.organizationID, email: email, name: evidence.name ?? "",
                    authority: .provisioning))
        }
        if isNewLink {
            try transaction.linkSubject(
                SubjectLink(
                    memberID: member, organizationID: admission.organizationID, connectionID: evidence.connectionID,
                    issuer: evidence.issuer, subject: evidence.subject))
        }
        if let email = admission.adoptsEmail { _ = try transaction.setEmail(member, email) }
        // A name is for display alone; the IdP's is taken where nobody has given one.
        if let name = evidence.name, try transaction.member(member)?.name.isEmpty == true { _ = try transaction.setName(member, name) }
        try transaction.markSignedIn(member)
        return member
    }

    static func putHandOff(
        _ handOff: HandOff, under code: SecretToken, boundTo browser: TokenHash?, now: Instant, in transaction: WriteTransaction
    ) throws {
        try transaction.put(
            OneTimeRecord(
                purpose: .handOff, idHash: code.hash, binding: browser, payload: try Payload.encode(handOff),
                expiresAt: now.advanced(by: handOffLifetime)),
            perBinding: maximumFlowsPerBrowser, perPurpose: maximumRecords)
    }

    func finishAddress(host: String, code: SecretToken) -> String {
        settings.routes.origin(ofHost: host) + "/.gateway/finish?" + FormEncoding.encode([("code", code.revealed)])
    }

    func makeMemberID() -> MemberID { IdentifierMint(randomBytes: randomBytes).member() }
    func makeSessionID() -> String { IdentifierMint(randomBytes: randomBytes).session() }
    func makeEventID() -> String { IdentifierMint(randomBytes: randomBytes).event() }
}
