import Tenancy

extension WriteTransaction {
    /// Stores the record, and evicts the oldest beyond the caps: first those of the same purpose and binding, so
    /// that one browser pays for its own many tabs, then those of the same purpose. Purposes do not evict each
    /// other: a flood of starts must not take the hand-offs of people who are signing in.
    ///
    /// "Oldest" is what expires first.
    ///
    /// - Parameters:
    ///   - perBinding: records of the purpose that one binding may have.
    ///   - perPurpose: records of the purpose in all.
    public func put(_ record: OneTimeRecord, perBinding: Int, perPurpose: Int) throws {
        let payload = try sealer.seal(
            record.payload, for: .oneTimeRecord, row: Self.sealedRow(record.purpose, record.idHash))
        try sql.execute(
            """
            INSERT INTO one_time_records (purpose, id_hash, binding, payload, expires_at) VALUES ($1, $2, $3, $4, $5)
            """,
            [
                .text(record.purpose.rawValue), .hash(record.idHash), .hash(record.binding), .blob(payload),
                .instant(record.expiresAt),
            ])
        var added = 1
        if let binding = record.binding {
            added -= try sql.execute(
                """
                DELETE FROM one_time_records WHERE purpose = $1 AND id_hash IN (
                    SELECT id_hash FROM one_time_records WHERE purpose = $1 AND binding = $2 AND id_hash <> $3
                    ORDER BY expires_at DESC LIMIT $5 OFFSET $4)
                """,
                [
                    .text(record.purpose.rawValue), .hash(binding), .hash(record.idHash), .limit(perBinding - 1),
                    .limit(Self.maximumEvictions),
                ])
        }
        let count = try addToCount(of: record.purpose, added)
        guard count > Int64(max(1, perPurpose)) else { return }
        let evicted = try sql.execute(
            """
            DELETE FROM one_time_records WHERE purpose = $1 AND id_hash IN (
                SELECT id_hash FROM one_time_records WHERE purpose = $1 AND id_hash <> $2
                ORDER BY expires_at LIMIT $3)
            """,
            [
                .text(record.purpose.rawValue), .hash(record.idHash),
                .limit(min(Self.maximumEvictions, Int(clamping: count) - max(1, perPurpose))),
            ])
        _ = try addToCount(of: record.purpose, -evicted)
    }

    /// Rows that one `put` deletes at most for each cap: after a cap was lowered, the rest goes with the next ones.
    static let maximumEvictions = 100

    /// Takes the record: whoever asks second gets nothing, in this process or another. An expired one is absent.
    public func take(_ purpose: OneTimeRecord.Purpose, _ idHash: TokenHash, at now: Instant) throws -> OneTimeRecord? {
        let taken = try row(
            """
            DELETE FROM one_time_records WHERE purpose = $1 AND id_hash = $2 RETURNING binding, payload, expires_at
            """,
            [.text(purpose.rawValue), .hash(idHash)])
        guard let taken else { return nil }
        _ = try addToCount(of: purpose, -1)
        guard try taken.instant(2) > now else { return nil }
        return try oneTimeRecord(taken, purpose, idHash)
    }

    /// Clears away up to `limit` expired records of each purpose. Returns how many went.
    public func deleteExpiredOneTimeRecords(at now: Instant, limit: Int) throws -> Int {
        var deleted = 0
        for purpose in OneTimeRecord.Purpose.allCases {
            let count = try sql.execute(
                """
                DELETE FROM one_time_records WHERE purpose = $1 AND id_hash IN (
                    SELECT id_hash FROM one_time_records WHERE purpose = $1 AND expires_at <= $2
                    ORDER BY expires_at LIMIT $3)
                """,
                [.text(purpose.rawValue), .instant(now), .limit(limit)])
            if count > 0 { _ = try addToCount(of: purpose, -count) }
            deleted += count
        }
        return deleted
    }

    private func addToCount(of purpose: OneTimeRecord.Purpose, _ difference: Int) throws -> Int64 {
        let row = try row(
            """
            INSERT INTO one_time_counts (purpose, records) VALUES ($1, $2)
            ON CONFLICT (purpose) DO UPDATE SET records = one_time_counts.records + excluded.records RETURNING records
            """,
            [.text(purpose.rawValue), .integer(Int64(difference))])
        return try row?.integer(0) ?? 0
    }
}
