/// One sealed value in every database, which opens only with the database's own key file.
enum KeyCheck {
    static let name = "key_check"

    static func verify(_ connection: any SQLConnection, sealer: Sealer, keyFile: KeyFile) throws {
        let row = Array(name.utf8)
        let known = Array("gateway".utf8)
        try connection.execute(
            "INSERT INTO store_information (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
            [.text(name), .blob(try sealer.seal(known, for: .keyCheck, row: row))])
        let stored = try connection.rows("SELECT value FROM store_information WHERE name = $1", [.text(name)])
        guard let sealed = try stored.first?.blob(0), sealer.open(sealed, for: .keyCheck, row: row) == known else {
            throw StoreError(.keyFileMismatch, path: keyFile.path)
        }
    }
}
