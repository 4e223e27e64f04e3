import Crypto
import Storage
import Tenancy

/// What `/.gateway/session` says: this session and nothing else.
public struct SessionInfo: Sendable {
    public var sessionID: String
    public var organizationID: OrganizationID
    public var organizationSlug: String
    public var memberID: MemberID
    public var email: String
    public var name: String
    public var roles: [String]
    public var authenticatedAt: Instant
    public var expiresAt: Instant
    public var csrfToken: String

    /// JSON (RFC 8259), times as NumericDate.
    public var json: [UInt8] {
        JSONText.object([
            ("session_id", .string(sessionID)),
            (
                "organization",
                .object([("id", .string(organizationID.rawValue)), ("slug", .string(organizationSlug))])
            ),
            ("member_id", .string(memberID.rawValue)), ("email", .string(email)), ("name", .string(name)),
            ("roles", .array(roles.map { .string($0) })), ("auth_time", .integer(authenticatedAt.seconds)),
            ("expires_at", .integer(expiresAt.seconds)), ("csrf_token", .string(csrfToken)),
        ]).utf8
    }
}

extension SignOnService {
    /// The session of this host, if it stands.
    public func sessionInfo(host: String, cookies: BrowserCookies) async -> Lookup<SessionInfo> {
        guard let token = cookies.session.flatMap({ SecretToken($0) }) else { return .absent }
        let now = clock()
        do {
            let info: SessionInfo? = try await store.read { transaction in
                guard let stored = try transaction.session(token.hash, at: now), stored.host == host,
                    !self.isIdle(token.hash, lastSeenAt: stored.lastSeenAt, at: now)
                else { return nil }
                let question = Question.continuation(stored.session)
                let world = try transaction.world(for: question)
                guard case .admit(let admission) = decide(question, in: world).outcome,
                    let organization = world.organizations[stored.session.organizationID],
                    let member = world.members[stored.session.memberID]
                else { return nil }
                return SessionInfo(
                    sessionID: stored.id, organizationID: organization.id, organizationSlug: organization.slug,
                    memberID: member.id, email: member.email.rawValue, name: member.name,
                    roles: admission.roles.map(\.role.rawValue), authenticatedAt: stored.session.evidence.authenticatedAt,
                    expiresAt: stored.session.expiresAt, csrfToken: Self.csrfToken(for: token))
            }
            return info.map { .found($0) } ?? .absent
        } catch {
            return .unknown(unavailable(error))
        }
    }

    /// Ends this browser's sign-in: this session, the sign-in record and the sessions on other hosts that came
    /// from it. `everywhere`: every session of the person, whoever's browser it is in.
    public func signOut(
        host: String, csrfToken: String?, everywhere: Bool, cookies: BrowserCookies, context: RequestContext
    ) async -> Step {
        await answering(context, .signOut) {
            let signedOut = FlowCookie(token: makeToken(), hasSignedOut: true)
            let step = Step.redirect(
                to: settings.externalOrigin + "/.gateway/signed-out",
                cookies: [.clear(.session), .set(.flow, signedOut.value)])
            let now = clock()
            guard let token = cookies.session.flatMap({ SecretToken($0) }),
                let stored = try await store.read({ try $0.session(token.hash, at: now) }), stored.host == host
            else { return .success(step) }
            guard let csrfToken, ConstantTime.areEqual(csrfToken, Self.csrfToken(for: token)) else { return .failure(.forgedForm) }
            let eventID = makeEventID()
            try await store.write { transaction in
                _ = try transaction.deleteSession(token.hash)
                if let signIn = stored.signInHash {
                    _ = try transaction.deleteSessions(ofSignIn: signIn)
                    _ = try transaction.deleteSignInRecord(signIn)
                }
                if everywhere { _ = try transaction.deleteSessions(of: stored.session.evidence.person) }
                try transaction.append(
                    .signOut(id: eventID, at: now, session: stored, everywhere: everywhere, context: context))
            }
            return .success(step)
        }
    }

    /// What the page after a sign-out changes on the host of `external_url`. Nothing while the sign-in stands: the page can
    /// be opened by anybody's link.
    public func signedOut(cookies: BrowserCookies) async -> [CookieChange] {
        guard let signIn = cookies.signIn.flatMap({ SecretToken($0) }) else { return [] }
        switch await store.signInRecord(signIn.hash, at: clock()) {
        case .found, .unknown: return []
        case .absent:
            let token = FlowCookie(cookies.flow)?.token ?? makeToken()
            return [.clear(.signIn), .set(.flow, FlowCookie(token: token, hasSignedOut: true).value)]
        }
    }

    /// Bound to the session and useless without its cookie: scripts of the host may know it, other sites can't.
    static func csrfToken(for token: SecretToken) -> String {
        Base64URL.encode(Array(SHA256.hash(data: Array("gateway csrf 1 ".utf8) + Array(token.revealed.utf8))))
    }
}
