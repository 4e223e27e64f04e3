import Storage
import Tenancy

extension Administration {
    /// Ends a member's sessions, all or one, with the sign-ins they came from: the next visit would otherwise make a
    /// new one without a question. Returns how many there were.
    public func revokeSessions(
        of id: MemberID, only sessionID: String? = nil, by administrator: Administrator
    ) async throws -> Result<Int, AdministrationRefusal> {
        let now = clock()
        return try await perform(on: id, "revoke", kind: .sessionRevoked, by: administrator) { transaction, _, record in
            let sessions = try transaction.sessions(of: id, at: now).filter { sessionID == nil || $0.id == sessionID }
            if let sessionID {
                record.detail["session_id"] = sessionID
                guard !sessions.isEmpty else { return .failure(.notFound(.session, sessionID)) }
            }
            for session in sessions {
                try transaction.deleteSession(session.tokenHash)
                if let signIn = session.signInHash { try transaction.deleteSignInRecord(signIn) }
            }
            record.detail["sessions"] = String(sessions.count)
            return .success(sessions.count)
        }
    }
}

extension Administration {
    /// Begins a rotation of the keys that sign assertions, whatever the age of the current one. Returns when the next
    /// key begins to sign; `nil`: a rotation is under way already.
    public func rotateKeys(by administrator: Administrator) async throws -> Result<Instant?, AdministrationRefusal> {
        let ring = AssertionKeyRing(store: store, randomBytes: randomBytes)
        let now = clock()
        let before = Set(try await store.read { try $0.signingKeys().map(\.keyID) })
        if administrator.isOperator { try await ring.maintain(now: now, renewing: true) }
        return try await perform("rotate", on: .assertionKeys, by: administrator) { transaction, record in
            guard administrator.isOperator else { return .failure(.actorNotAllowed) }
            let fresh = try transaction.signingKeys().first { !before.contains($0.keyID) }
            record.decision = fresh == nil ? "under_way" : "rotate"
            record.detail["key_id"] = fresh?.keyID
            return .success(fresh?.activeFrom)
        }
    }
}
