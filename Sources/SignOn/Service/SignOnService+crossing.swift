import Storage
import Tenancy

/// From the sign-in that a browser has into an organization (R5), by a click or without a visible step.
struct Crossing: Sendable {
    enum Destination: Sendable {
        case organization(OrganizationID)
        /// Id or slug, from a form.
        case named(String)
    }

    var destination: Destination
    var byClick: Bool
    /// The page that was asked for; without one, or where it is not the organization's: its first route.
    var address: ReturnAddress?
    /// Hash of the flow cookie on the page's host, if it is known yet.
    var browser: TokenHash?
    var isSecondTry = false
    /// What the page demands of the sign-in itself.
    var demand: SignInDemand?
}

enum CrossingOutcome: Sendable {
    /// The hand-off is ready; the one-time code is at this address.
    case crossed(to: String)
    case refused(Refusal, SignInRecord, Organization?)
    /// The page demands another sign-in than this one.
    case tooWeak(SignInRecord)
    /// There is no sign-in, or it has ended.
    case notSignedIn
}

extension SignOnService {
    /// The sign-in of this browser, if neither limit has passed.
    func liveSignIn(_ token: SecretToken, at now: Instant, in transaction: ReadTransaction) throws -> SignInRecord? {
        guard let record = try transaction.signInRecord(token.hash, at: now) else { return nil }
        return isIdle(token.hash, lastSeenAt: record.lastSeenAt, at: now) ? nil : record
    }

    /// Whether the idle limit has passed, uses that are not written yet included.
    func isIdle(_ hash: TokenHash, lastSeenAt: Instant, at now: Instant) -> Bool {
        max(lastSeenAt, lastSeen.latest(hash) ?? lastSeenAt).advanced(by: settings.idleTimeout) <= now
    }

    /// Decides, and writes what the decision says, in one transaction. Sign-in time, evidence and absolute limit go along
    /// unchanged; the record's place follows.
    func cross(_ crossing: Crossing, signIn: SecretToken, context: RequestContext) async throws -> CrossingOutcome {
        let now = clock()
        let code = makeToken()
        let eventID = makeEventID()
        let memberID = makeMemberID()
        let routes = settings.routes
        let outcome: CrossingOutcome = try await store.write { transaction in
            guard let record = try self.liveSignIn(signIn, at: now, in: transaction) else { return .notSignedIn }
            if let demand = crossing.demand, !demand.isMet(by: record.evidence, at: now) { return .tooWeak(record) }
            let organization = try Self.organization(crossing.destination, in: transaction)
            let session = Session(
                memberID: record.memberID, organizationID: record.organizationID, evidence: record.evidence,
                expiresAt: record.expiresAt)
            let question = Question.exchange(session, into: organization.id, byClick: crossing.byClick)
            let host = organization.stored.flatMap { Self.host(for: $0, address: crossing.address, routes: routes) }
            let decision = decide(question, in: try transaction.world(for: question)).needing(host: host)
            try transaction.append(
                .exchange(
                    id: eventID, at: now, decision: decision, record: record, into: organization.stored?.id, byClick: crossing.byClick,
                    newMemberID: memberID, context: context))
            guard case .admit(let admission) = decision.outcome, let stored = organization.stored, let host else {
                if case .refuse(let refusal) = decision.outcome { return .refused(refusal, record, organization.stored) }
                return .refused(.unknownOrganization, record, nil)
            }
            let member = try Self.apply(admission, evidence: record.evidence, newMemberID: memberID, now: now, in: transaction)
            try transaction.setPlace(ofSignIn: signIn.hash, member: member, organization: stored.id)
            let isReturn = crossing.address?.host == host
            try Self.putHandOff(
                HandOff(
                    signIn: StoredHash(signIn.hash), memberID: member, organizationID: stored.id, host: host,
                    target: isReturn ? crossing.address?.target ?? "/" : "/", evidence: record.evidence, expiresAt: record.expiresAt,
                    isSecondTry: crossing.isSecondTry),
                under: code, boundTo: isReturn ? crossing.browser : nil, now: now, in: transaction)
            return .crossed(to: self.finishAddress(host: host, code: code))
        }
        if case .crossed = outcome { await noteUse(session: nil, signIn: signIn.hash, at: now) }
        return outcome
    }

    /// The id to ask the rules about, and what is stored under it.
    private static func organization(
        _ destination: Crossing.Destination, in transaction: ReadTransaction
    ) throws -> (id: OrganizationID, stored: Organization?) {
        switch destination {
        case .organization(let id): return (id, try transaction.organization(id))
        case .named(let name):
            let stored = try transaction.organization(OrganizationID(name)) ?? transaction.organization(slug: name)
            return (stored?.id ?? OrganizationID(name), stored)
        }
    }

    /// The page's own host if it is the organization's; otherwise that of its first route.
    static func host(for organization: Organization, address: ReturnAddress?, routes: RoutePlan) -> String? {
        if let host = address?.host, routes.organizationSlug(ofHost: host) == organization.slug { return host }
        return routes.firstHost(ofSlug: organization.slug)
    }
}
