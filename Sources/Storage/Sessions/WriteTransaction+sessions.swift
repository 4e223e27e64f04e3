import Tenancy

extension WriteTransaction {
    /// - Throws: `.constraint` when the token or the id is taken: both are random, so a planted one is refused.
    public func insertSession(_ stored: StoredSession) throws {
        let session = stored.session
        try sql.execute(
            """
            INSERT INTO sessions (
                token_hash, id, member_id, organization_id, connection_id, issuer, subject, evidence, via, host,
                sign_in_hash, created_at, last_seen_at, expires_at, roles)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            """,
            [
                .hash(stored.tokenHash), .text(stored.id), .id(session.memberID), .id(session.organizationID),
                .id(session.evidence.connectionID), .text(session.evidence.issuer), .text(session.evidence.subject),
                .text(try StoredJSON.text(session.evidence)), .text(stored.via.storedText), .text(stored.host),
                .hash(stored.signInHash), .instant(stored.createdAt), .instant(stored.lastSeenAt),
                .instant(session.expiresAt), .text(stored.roles.map { StoredJSON.text($0) }),
            ])
        record(.session(stored.tokenHash))
    }

    /// Notes the roles as of a refresh. Returns `false` when they are noted already, or there is no such session.
    /// Roles are worked out at each look-up, never read from here: nothing is announced.
    @discardableResult
    public func setSessionRoles(_ tokenHash: TokenHash, _ roles: Set<RoleID>) throws -> Bool {
        try sql.execute(
            "UPDATE sessions SET roles = $2 WHERE token_hash = $1 AND (roles IS NULL OR roles <> $2)",
            [.hash(tokenHash), .text(StoredJSON.text(roles))]) > 0
    }

    /// Notes when sessions and sign-in records were last used; never moves the time back. Nothing is announced.
    public func touch(_ uses: [TokenHash: Instant]) throws {
        for (hash, instant) in uses {
            try sql.execute(
                "UPDATE sessions SET last_seen_at = $2 WHERE token_hash = $1 AND last_seen_at < $2",
                [.hash(hash), .instant(instant)])
        }
    }

    /// As `touch`, for sign-in records.
    public func touchSignInRecords(_ uses: [TokenHash: Instant]) throws {
        for (hash, instant) in uses {
            try sql.execute(
                "UPDATE sign_in_records SET last_seen_at = $2 WHERE hash = $1 AND last_seen_at < $2",
                [.hash(hash), .instant(instant)])
        }
    }

    /// Returns `false` when there was none.
    @discardableResult
    public func deleteSession(_ tokenHash: TokenHash) throws -> Bool {
        guard try sql.execute("DELETE FROM sessions WHERE token_hash = $1", [.hash(tokenHash)]) > 0 else { return false }
        record(.session(tokenHash))
        return true
    }

    /// Ends all sessions of the person and all their sign-in records. Returns how many sessions there were.
    @discardableResult
    public func deleteSessions(of person: Person) throws -> Int {
        let values: [SQLValue] = [.id(person.connectionID), .text(person.issuer), .text(person.subject)]
        let ended = try sql.execute(
            "DELETE FROM sessions WHERE connection_id = $1 AND issuer = $2 AND subject = $3", values)
        try sql.execute(
            "DELETE FROM sign_in_records WHERE connection_id = $1 AND issuer = $2 AND subject = $3", values)
        record(.person(person))
        return ended
    }

    /// Ends all sessions that came from a sign-in record; the record itself stays. Returns how many there were.
    @discardableResult
    public func deleteSessions(ofSignIn hash: TokenHash) throws -> Int {
        let ended = try sql.rows("DELETE FROM sessions WHERE sign_in_hash = $1 RETURNING token_hash", [.hash(hash)])
        for row in ended { record(.session(try row.hash(0))) }
        return ended.count
    }

    /// As `deleteSessions(of:)`, except for what came from one sign-in, and that sign-in's record.
    @discardableResult
    public func deleteSessions(of person: Person, exceptOfSignIn hash: TokenHash) throws -> Int {
        let values: [SQLValue] = [.id(person.connectionID), .text(person.issuer), .text(person.subject), .hash(hash)]
        let ended = try sql.rows(
            """
            DELETE FROM sessions WHERE connection_id = $1 AND issuer = $2 AND subject = $3
            AND (sign_in_hash IS NULL OR sign_in_hash <> $4) RETURNING token_hash
            """, values)
        for row in ended { record(.session(try row.hash(0))) }
        try sql.execute(
            "DELETE FROM sign_in_records WHERE connection_id = $1 AND issuer = $2 AND subject = $3 AND hash <> $4", values)
        return ended.count
    }

    /// Hands the sessions of one sign-in to another, which has taken its place in the same browser.
    public func moveSessions(ofSignIn former: TokenHash, to hash: TokenHash) throws {
        try sql.execute("UPDATE sessions SET sign_in_hash = $2 WHERE sign_in_hash = $1", [.hash(former), .hash(hash)])
    }

    /// Clears away up to `limit` sessions and as many sign-in records that have expired, or were idle for `idle`,
    /// at `now`. Returns how many went; call again until it is 0. Whoever reads checks the limits itself,
    /// so nothing is announced.
    public func deleteExpiredSessions(at now: Instant, idle: Duration, limit: Int) throws -> Int {
        let idleSince = now.advanced(by: .zero - idle)
        var deleted = 0
        for (text, instant) in [
            (Self.deleteSessionsPastLimit, now), (Self.deleteIdleSessions, idleSince),
            (Self.deleteRecordsPastLimit, now), (Self.deleteIdleRecords, idleSince),
        ] {
            deleted += try sql.execute(text, [.instant(instant), .limit(limit)])
        }
        return deleted
    }

    private static let deleteSessionsPastLimit = """
        DELETE FROM sessions WHERE token_hash IN (
            SELECT token_hash FROM sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)
        """
    private static let deleteIdleSessions = """
        DELETE FROM sessions WHERE token_hash IN (
            SELECT token_hash FROM sessions WHERE last_seen_at <= $1 ORDER BY last_seen_at LIMIT $2)
        """
    private static let deleteRecordsPastLimit = """
        DELETE FROM sign_in_records WHERE hash IN (
            SELECT hash FROM sign_in_records WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)
        """
    private static let deleteIdleRecords = """
        DELETE FROM sign_in_records WHERE hash IN (
            SELECT hash FROM sign_in_records WHERE last_seen_at <= $1 ORDER BY last_seen_at LIMIT $2)
        """

    public func insertSignInRecord(_ record: SignInRecord) throws {
        try sql.execute(
            """
            INSERT INTO sign_in_records (
                hash, member_id, organization_id, connection_id, issuer, subject, evidence, created_at, last_seen_at,
                expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
            [
                .hash(record.hash), .id(record.memberID), .id(record.organizationID), .id(record.evidence.connectionID),
                .text(record.evidence.issuer), .text(record.evidence.subject), .text(try StoredJSON.text(record.evidence)),
                .instant(record.createdAt), .instant(record.lastSeenAt), .instant(record.expiresAt),
            ])
    }

    /// Ends the record; its sessions are ended by `deleteSessions(ofSignIn:)`. Returns `false` when there was none.
    @discardableResult
    public func deleteSignInRecord(_ hash: TokenHash) throws -> Bool {
        try sql.execute("DELETE FROM sign_in_records WHERE hash = $1", [.hash(hash)]) > 0
    }

    /// Where the person is from now on.
    public func setPlace(ofSignIn hash: TokenHash, member: MemberID, organization: OrganizationID) throws {
        try sql.execute(
            "UPDATE sign_in_records SET member_id = $2, organization_id = $3 WHERE hash = $1",
            [.hash(hash), .id(member), .id(organization)])
    }
}
