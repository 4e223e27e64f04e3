import Tenancy

/// One import. Reads what was declared before in one query a kind, and writes what differs.
struct DeclarationImport {
    let transaction: WriteTransaction
    let declaration: Declaration
    let digests: DeclarationDigests
    let now: Instant
    var summary = ImportSummary()
    var problems: [ImportProblem] = []

    init(transaction: WriteTransaction, declaration: Declaration, now: Instant) {
        self.transaction = transaction
        self.declaration = declaration
        self.now = now
        digests = DeclarationDigests(declaration, sealer: transaction.sealer)
    }

    /// What the store has of something that the file declares, or did.
    struct Earlier {
        var declared: Declared
        var digest: [UInt8]?

        func isCurrent(_ digest: [UInt8]) -> Bool { declared == .present && self.digest == digest }
    }

    mutating func run() throws {
        // Leaving comes first: a renamed link must not stand in its successor's way.
        let organizations = try earlier("organizations")
        let connections = try earlier("connections")
        let links = try earlier("external_connections")
        let roles = try earlier("roles")
        try withdraw("organizations", organizations, keeping: declaration.organizations.map(\.id)) { .organization($0) }
        try withdraw("connections", connections, keeping: declaration.connections.map(\.connection.id)) { .connection($0) }
        try withdraw("external_connections", links, keeping: declaration.externalConnections.map(\.externalConnection.id)) {
            .externalConnection($0)
        }
        try withdraw("roles", roles, keeping: declaration.roles.map(\.id)) { _ in .everything }

        try importOrganizations(organizations)
        // The rest refers to organizations that may be missing now.
        try refuseProblems()
        try importMembers()
        try importConnections(connections)
        try importExternalConnections(links)
        try importRoles(roles)
        try refuseProblems()
    }

    private func refuseProblems() throws {
        guard problems.isEmpty else { throw ImportRefusal(problems: problems) }
    }

    private func earlier(_ table: StaticString) throws -> [String: Earlier] {
        var earlier: [String: Earlier] = [:]
        for row in try transaction.sql.rows("SELECT id, declared, digest FROM \(table) WHERE declared <> 'never'", []) {
            earlier[try row.text(0)] = Earlier(declared: try row.choice(1), digest: try row.optionalBlob(2))
        }
        return earlier
    }

    private mutating func withdraw<Kind>(
        _ table: StaticString, _ earlier: [String: Earlier], keeping ids: [Identifier<Kind>],
        change: (Identifier<Kind>) -> Change
    ) throws {
        let kept = Set(ids.map(\.rawValue))
        for (id, earlier) in earlier where earlier.declared == .present && !kept.contains(id) {
            try transaction.sql.execute("UPDATE \(table) SET declared = 'withdrawn' WHERE id = $1", [.text(id)])
            transaction.record(change(Identifier<Kind>(id)))
            summary.disabled += 1
        }
    }

    mutating func count(isNew: Bool) {
        if isNew { summary.created += 1 } else { summary.changed += 1 }
    }

    /// Whether there are rows that the file never declared. Where there are none, as in a new store, nothing has to be
    /// asked about each new row.
    func hasOthers(_ table: StaticString, beside earlier: [String: Earlier]) throws -> Bool {
        try transaction.row("SELECT COUNT(*) FROM \(table)", [])?.integer(0) != Int64(earlier.count)
    }

    /// Whether there is a row with the id, be it one that the file never declared.
    func exists(_ table: StaticString, _ id: String) throws -> Bool {
        try transaction.row("SELECT 1 FROM \(table) WHERE id = $1", [.text(id)]) != nil
    }
}
