import Tenancy

extension WriteTransaction {
    /// Makes the store say what the file declares, and nothing of what it no longer declares.
    ///
    /// - What is new is created; organizations without `createdAt` get `now` and as many milliseconds as their
    ///   place in the file, so that file order is the order of age (R4).
    /// - What the file has changed is written; what it has not is left alone, and announces nothing.
    /// - What left the file counts as disabled, with all its data; when it returns it is what it was.
    /// - Suspending, disabling, severing, and linking are run-time state, which no import touches. A change of a
    ///   connection's issuer or entity ID by the file leaves its links as they are (R10).
    /// - A declared member who exists already with that address in that organization, by whatever way they came,
    ///   is taken over with the id that they have.
    ///
    /// - Throws: `ImportRefusal` with everything that stands against it; the transaction must then end.
    public func importDeclaration(_ declaration: Declaration, at now: Instant) throws -> ImportSummary {
        let digest = DeclarationDigests.whole(declaration, sealer: sealer)
        let name = SQLValue.text("declaration")
        let last = try row("SELECT value FROM store_information WHERE name = $1", [name])
        if try last?.blob(0) == digest { return ImportSummary() }

        var run = DeclarationImport(transaction: self, declaration: declaration, now: now)
        try run.run()
        // With a conflict the same file has to be tried again.
        if run.summary.conflicts.isEmpty {
            try sql.execute(
                """
                INSERT INTO store_information (name, value) VALUES ($1, $2)
                ON CONFLICT (name) DO UPDATE SET value = excluded.value
                """, [name, .blob(digest)])
        } else {
            try sql.execute("DELETE FROM store_information WHERE name = $1", [name])
        }
        return run.summary
    }
}
