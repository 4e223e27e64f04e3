import Crypto
import Tenancy

extension WriteTransaction {
    /// Notes that an assertion was used. Returns `false` when it was used before: a replay.
    ///
    /// - Parameter expiresAt: when the assertion itself stops being valid, clock skew included; until then
    ///   it must be remembered.
    public func recordAssertion(_ connectionID: ConnectionID, assertionID: String, expiresAt: Instant) throws -> Bool {
        try sql.execute(
            "INSERT INTO seen_assertions (hash, expires_at) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING",
            [.blob(Self.assertionHash(connectionID, assertionID)), .instant(expiresAt)]) > 0
    }

    /// Clears away up to `limit` assertions that have expired. Returns how many went.
    public func deleteExpiredAssertions(at now: Instant, limit: Int) throws -> Int {
        try sql.execute(
            """
            DELETE FROM seen_assertions WHERE hash IN (
                SELECT hash FROM seen_assertions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)
            """,
            [.instant(now), .limit(limit)])
    }

    /// The length in front: no connection and assertion give the bytes of another pair.
    private static func assertionHash(_ connectionID: ConnectionID, _ assertionID: String) -> [UInt8] {
        let connection = Array(connectionID.rawValue.utf8)
        let length = withUnsafeBytes(of: UInt64(connection.count).bigEndian) { Array($0) }
        return Array(SHA256.hash(data: length + connection + Array(assertionID.utf8)))
    }
}
