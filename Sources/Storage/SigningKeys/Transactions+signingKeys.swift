import Tenancy

extension ReadTransaction {
    /// Every key, in the order in which they become active.
    public func signingKeys() throws -> [StoredSigningKey] {
        try sql.rows(
            "SELECT id, private_key, created_at, active_from, retired_at FROM signing_keys ORDER BY active_from, id", []
        ).map { row in
            let id = try row.text(0)
            guard let privateKey = sealer.open(try row.blob(1), for: .signingKey, row: Array(id.utf8)) else {
                throw StoreError(.corrupt, path: sql.path, detail: "signing_keys.private_key")
            }
            return StoredSigningKey(
                keyID: id, privateKey: privateKey, createdAt: try row.instant(2), activeFrom: try row.instant(3),
                retiredAt: try row.optionalInstant(4))
        }
    }
}

extension WriteTransaction {
    public func insertSigningKey(_ key: StoredSigningKey) throws {
        let sealed = try sealer.seal(key.privateKey, for: .signingKey, row: Array(key.keyID.utf8))
        try sql.execute(
            "INSERT INTO signing_keys (id, private_key, created_at, active_from, retired_at) VALUES ($1, $2, $3, $4, $5)",
            [
                .text(key.keyID), .blob(sealed), .instant(key.createdAt), .instant(key.activeFrom), .instant(key.retiredAt),
            ])
        record(.assertionKeys)
    }

    /// Returns `false` for an unknown key.
    @discardableResult
    public func retireSigningKey(_ keyID: String, at instant: Instant) throws -> Bool {
        guard
            try sql.execute(
                "UPDATE signing_keys SET retired_at = $2 WHERE id = $1", [.text(keyID), .instant(instant)]) > 0
        else { return false }
        record(.assertionKeys)
        return true
    }

    /// Returns `false` for an unknown key.
    @discardableResult
    public func deleteSigningKey(_ keyID: String) throws -> Bool {
        guard try sql.execute("DELETE FROM signing_keys WHERE id = $1", [.text(keyID)]) > 0 else { return false }
        record(.assertionKeys)
        return true
    }
}
