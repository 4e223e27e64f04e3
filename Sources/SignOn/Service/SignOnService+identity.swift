import Storage
import Tenancy

/// What the data plane asks about a session cookie.
public struct IdentityRequest: Sendable {
    /// SHA-256 of the cookie's value.
    public var tokenHash: TokenHash
    /// Canonical host that the request came to.
    public var host: String
    public var organizationSlug: String
    /// The route's origin as the browser sees it: the assertion's audience.
    public var audience: String
    /// One of them is needed; empty: none.
    public var requiredRoles: [RoleID]
    /// What the route demands of the sign-in itself.
    public var demand: SignInDemand?
    public var templates: [IdentityHeaderTemplate]
    /// Whether the question comes from a request, and not from a response that is still under way.
    public var countsAsUse: Bool
    /// Of that request; empty: there is none, or it is not known.
    public var requestID: String

    public init(
        tokenHash: TokenHash, host: String, organizationSlug: String, audience: String, requiredRoles: [RoleID] = [],
        demand: SignInDemand? = nil, templates: [IdentityHeaderTemplate] = [], countsAsUse: Bool = true,
        requestID: String = ""
    ) {
        self.tokenHash = tokenHash
        self.host = host
        self.organizationSlug = organizationSlug
        self.audience = audience
        self.requiredRoles = requiredRoles
        self.demand = demand
        self.templates = templates
        self.countsAsUse = countsAsUse
        self.requestID = requestID
    }
}

/// A session that stands, as header lines.
public struct IdentityAnswer: Sendable {
    public enum Outcome: Sendable {
        case identity(IdentityAnswer)
        /// No such session, or it has ended.
        case absent
        /// Signed in, but without a role that the route needs.
        case forbidden
        /// Signed in, but not as lately or in the way that the route demands.
        case stepUpNeeded
        /// The store can't be asked.
        case unknown
    }

    /// `Name: value\r\n` lines.
    public var headers: [UInt8]
    /// From then on it has to be asked for again.
    public var refreshAt: Instant
    /// Until then it may be served although the store can't be asked.
    public var graceUntil: Instant
    public var expiresAt: Instant
    /// See `Invalidation`.
    public var tags: Set<UInt64>
    /// `nil`: nobody.
    public var memberID: MemberID?
}

extension SignOnService {
    /// Longest time for which an answer is served without asking again: an assertion is renewed a minute
    /// before it expires, and the time of last use is noted at each refresh.
    static let maximumRefreshInterval: Duration = .seconds(IdentityHeaderWriter.assertionLifetime - 60)

    /// Rows that one run of `removeExpired` takes from each table: a bounded pause for other writers.
    static let maximumExpiredPerRun = 5_000

    public func identity(_ request: IdentityRequest) async -> IdentityAnswer.Outcome {
        let now = clock()
        do {
            let found: Found? = try await store.read { transaction in
                guard let stored = try transaction.session(request.tokenHash, at: now) else { return nil }
                let question = Question.continuation(stored.session)
                let world = try transaction.world(for: question)
                let claims = try transaction.customClaims(of: stored.session.organizationID)
                return Found(stored: stored, decision: decide(question, in: world), world: world, customClaims: claims)
            }
            guard let found else { return .absent }
            return try await answer(found, request: request, now: now)
        } catch {
            logger.error("session could not be looked up", metadata: ["error": "\(unavailable(error))"])
            return .unknown
        }
    }

    /// The header block of a request to a public path without a session; `nil`: no such organization.
    public func anonymous(organizationSlug: String, audience: String) async -> Lookup<IdentityAnswer> {
        let now = clock()
        do {
            guard let organization = try await store.read({ try $0.organization(slug: organizationSlug) }),
                organization.status == .active
            else { return .absent }
            guard let block = try headerWriter.anonymousBlock(audience: audience, now: now) else {
                return .unknown(StoreError(.unavailable, path: store.path, detail: "there is no key for assertions yet"))
            }
            let refreshAt = now.advanced(by: Self.maximumRefreshInterval)
            let expiresAt = now.advanced(by: .seconds(IdentityHeaderWriter.assertionLifetime))
            return .found(
                IdentityAnswer(
                    headers: block, refreshAt: refreshAt, graceUntil: expiresAt, expiresAt: expiresAt,
                    tags: Invalidation.tags(of: organization.id), memberID: nil))
        } catch {
            return .unknown(unavailable(error))
        }
    }

    var headerWriter: IdentityHeaderWriter { IdentityHeaderWriter(externalOrigin: settings.externalOrigin, keys: keys) }

    private struct Found: Sendable {
        var stored: StoredSession
        var decision: Decision
        var world: World
        var customClaims: [String: String]
    }

    private func answer(_ found: Found, request: IdentityRequest, now: Instant) async throws -> IdentityAnswer.Outcome {
        let stored = found.stored
        let session = stored.session
        // A cookie carried to another host or organization is no session there (H2).
        guard stored.host == request.host, let organization = found.world.organizations[session.organizationID],
            organization.slug == request.organizationSlug
        else { return .absent }
        let settings = settings
        guard session.expiresAt > now, !isIdle(stored.tokenHash, lastSeenAt: stored.lastSeenAt, at: now),
            case .admit(let admission) = found.decision.outcome
        else {
            note(.ended(stored, Self.ending(of: found, idleTimeout: settings.idleTimeout, now: now)), requestID: request.requestID)
            return .absent
        }
        guard let member = found.world.members[session.memberID],
            let root = found.world.connections[session.evidence.connectionID]
        else { return .absent }
        // A session in use keeps the sign-in that it came from alive.
        if request.countsAsUse { await noteUse(session: stored.tokenHash, signIn: stored.signInHash, at: now) }
        let roles = Set(admission.roles.map(\.role))
        if stored.roles != roles { note(.roles(stored, roles), requestID: request.requestID) }
        guard request.requiredRoles.isEmpty || request.requiredRoles.contains(where: roles.contains) else { return .forbidden }
        if let demand = request.demand, !demand.isMet(by: session.evidence, at: now) { return .stepUpNeeded }
        let expiresAt = request.demand?.end(for: session.evidence).map { min($0, session.expiresAt) } ?? session.expiresAt
        let person = SignedInPerson(
            sessionID: stored.id, member: member, organization: organization, evidence: session.evidence, via: admission.via,
            root: root, roles: admission.roles,
            customClaims: settings.customClaims.merging(found.customClaims) { _, own in own })
        guard
            let block = try headerWriter.block(
                for: person, audience: request.audience, templates: request.templates, now: now)
        else { return .unknown }
        // A short idle limit needs a finer note of the last use.
        let idleShare = Duration.milliseconds(max(1000, settings.idleTimeout.wholeMilliseconds / 4))
        var refreshAt = min(now.advanced(by: min(Self.maximumRefreshInterval, idleShare)), expiresAt)
        // A response under way is no use: whoever asks for it hears at the right moment that the session is idle.
        if !request.countsAsUse { refreshAt = min(refreshAt, stored.lastSeenAt.advanced(by: settings.idleTimeout)) }
        return .identity(
            IdentityAnswer(
                headers: block, refreshAt: refreshAt,
                graceUntil: min(refreshAt.advanced(by: settings.storeGrace), expiresAt), expiresAt: expiresAt,
                tags: Invalidation.tags(of: session, via: admission.via, owner: root.organizationID), memberID: member.id))
    }

    private static func ending(of found: Found, idleTimeout: Duration, now: Instant) -> SessionEndCause {
        if case .refuse = found.decision.outcome { return .refused(found.decision) }
        return found.stored.session.expiresAt > now ? .idle : .lifetime
    }

    /// Writes the gathered times of last use in one transaction. Call it about twice a minute, and before a stop.
    public func writeLastSeen() async {
        let uses = lastSeen.take()
        guard !uses.isEmpty else { return }
        defer { lastSeen.written() }
        do {
            try await store.write { transaction in
                try transaction.touch(uses.sessions)
                try transaction.touchSignInRecords(uses.signIns)
            }
        } catch {
            logger.error("times of last use could not be written", metadata: ["error": "\(unavailable(error))"])
        }
    }

    /// Removes what has expired, in bounded batches. Every reader checks expiry itself; this is for space alone.
    public func removeExpired() async {
        let now = clock()
        let idle = settings.idleTimeout
        let auditedSince = now.advanced(by: .zero - settings.auditRetention)
        do {
            let limit = Self.maximumExpiredPerRun
            try await store.write { transaction in
                _ = try transaction.deleteExpiredSessions(at: now, idle: idle, limit: limit)
                _ = try transaction.deleteExpiredOneTimeRecords(at: now, limit: limit)
                _ = try transaction.deleteExpiredAssertions(at: now, limit: limit)
                _ = try transaction.deleteAuditEvents(before: auditedSince, limit: limit)
            }
        } catch {
            logger.error("expired records could not be removed", metadata: ["error": "\(unavailable(error))"])
        }
    }
}
