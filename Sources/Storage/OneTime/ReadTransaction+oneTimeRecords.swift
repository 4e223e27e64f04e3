import Tenancy

extension ReadTransaction {
    /// The record without taking it. An expired one is absent.
    public func peek(_ purpose: OneTimeRecord.Purpose, _ idHash: TokenHash, at now: Instant) throws -> OneTimeRecord? {
        try row(
            """
            SELECT binding, payload, expires_at FROM one_time_records
            WHERE purpose = $1 AND id_hash = $2 AND expires_at > $3
            """,
            [.text(purpose.rawValue), .hash(idHash), .instant(now)]
        ).map { try oneTimeRecord($0, purpose, idHash) }
    }

    func oneTimeRecord(_ row: SQLRow, _ purpose: OneTimeRecord.Purpose, _ idHash: TokenHash) throws -> OneTimeRecord {
        guard let payload = sealer.open(try row.blob(1), for: .oneTimeRecord, row: Self.sealedRow(purpose, idHash)) else {
            throw StoreError(.corrupt, path: sql.path, detail: "one_time_records.payload")
        }
        return OneTimeRecord(
            purpose: purpose, idHash: idHash, binding: try row.optionalHash(0), payload: payload,
            expiresAt: try row.instant(2))
    }

    /// A flow can't be turned into a hand-off by writing to the database.
    static func sealedRow(_ purpose: OneTimeRecord.Purpose, _ idHash: TokenHash) -> [UInt8] {
        Array(purpose.rawValue.utf8) + [0] + idHash.bytes
    }
}
