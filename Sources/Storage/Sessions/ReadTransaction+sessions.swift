import Tenancy

extension StoredSession {
    static let columns = """
        token_hash, id, member_id, organization_id, evidence, via, host, sign_in_hash, created_at, last_seen_at, expires_at, \
        roles
        """

    init(_ row: SQLRow) throws {
        self.init(
            tokenHash: try row.hash(0), id: try row.text(1),
            session: Session(
                memberID: MemberID(try row.text(2)), organizationID: OrganizationID(try row.text(3)),
                evidence: try row.json(4), expiresAt: try row.instant(10)),
            via: try row.accepted(5), host: try row.text(6), signInHash: try row.optionalHash(7),
            createdAt: try row.instant(8), lastSeenAt: try row.instant(9), roles: try row.optionalRoles(11))
    }
}

extension SignInRecord {
    static let columns = "hash, evidence, member_id, organization_id, created_at, last_seen_at, expires_at"

    init(_ row: SQLRow) throws {
        self.init(
            hash: try row.hash(0), evidence: try row.json(1), memberID: MemberID(try row.text(2)),
            organizationID: OrganizationID(try row.text(3)), createdAt: try row.instant(4),
            lastSeenAt: try row.instant(5), expiresAt: try row.instant(6))
    }
}

extension ReadTransaction {
    /// The session, unless its absolute limit has passed at `now`. The idle limit is the caller's, who knows
    /// of uses that are not written yet.
    public func session(_ tokenHash: TokenHash, at now: Instant) throws -> StoredSession? {
        try row(
            "SELECT \(StoredSession.columns) FROM sessions WHERE token_hash = $1 AND expires_at > $2",
            [.hash(tokenHash), .instant(now)]
        ).map(StoredSession.init)
    }

    /// By its public id.
    public func session(id: String, at now: Instant) throws -> StoredSession? {
        try row(
            "SELECT \(StoredSession.columns) FROM sessions WHERE id = $1 AND expires_at > $2", [.text(id), .instant(now)]
        ).map(StoredSession.init)
    }

    /// All sessions of a person, in all organizations, oldest first.
    public func sessions(of person: Person, at now: Instant) throws -> [StoredSession] {
        try sql.rows(
            """
            SELECT \(StoredSession.columns) FROM sessions
            WHERE connection_id = $1 AND issuer = $2 AND subject = $3 AND expires_at > $4 ORDER BY created_at, id
            """,
            [.id(person.connectionID), .text(person.issuer), .text(person.subject), .instant(now)]
        ).map(StoredSession.init)
    }

    /// All sessions of a member, oldest first.
    public func sessions(of id: MemberID, at now: Instant) throws -> [StoredSession] {
        try sql.rows(
            """
            SELECT \(StoredSession.columns) FROM sessions WHERE member_id = $1 AND expires_at > $2
            ORDER BY created_at, id
            """,
            [.id(id), .instant(now)]
        ).map(StoredSession.init)
    }

    /// All sessions that came from a sign-in record.
    public func sessions(ofSignIn hash: TokenHash, at now: Instant) throws -> [StoredSession] {
        try sql.rows(
            """
            SELECT \(StoredSession.columns) FROM sessions WHERE sign_in_hash = $1 AND expires_at > $2
            ORDER BY created_at, id
            """,
            [.hash(hash), .instant(now)]
        ).map(StoredSession.init)
    }

    /// How many sessions are stored, ended ones that were not cleared away yet included. Reads an index from
    /// end to end.
    public func sessionCount() throws -> Int {
        try row("SELECT COUNT(*) FROM sessions", []).map { Int(try $0.integer(0)) } ?? 0
    }

    /// The sign-in record, unless its absolute limit has passed at `now`.
    public func signInRecord(_ hash: TokenHash, at now: Instant) throws -> SignInRecord? {
        try row(
            "SELECT \(SignInRecord.columns) FROM sign_in_records WHERE hash = $1 AND expires_at > $2",
            [.hash(hash), .instant(now)]
        ).map(SignInRecord.init)
    }

    /// All sign-in records of a person, in all browsers, oldest first.
    public func signInRecords(of person: Person, at now: Instant) throws -> [SignInRecord] {
        try sql.rows(
            """
            SELECT \(SignInRecord.columns) FROM sign_in_records
            WHERE connection_id = $1 AND issuer = $2 AND subject = $3 AND expires_at > $4 ORDER BY created_at, hash
            """,
            [.id(person.connectionID), .text(person.issuer), .text(person.subject), .instant(now)]
        ).map(SignInRecord.init)
    }
}

extension Store {
    /// The session, absent, or unknown because the store can't say.
    public func session(_ tokenHash: TokenHash, at now: Instant) async -> Lookup<StoredSession> {
        await lookUp { try $0.session(tokenHash, at: now) }
    }

    /// The sign-in record, absent, or unknown because the store can't say.
    public func signInRecord(_ hash: TokenHash, at now: Instant) async -> Lookup<SignInRecord> {
        await lookUp { try $0.signInRecord(hash, at: now) }
    }
}
