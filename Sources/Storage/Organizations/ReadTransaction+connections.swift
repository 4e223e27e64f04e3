import Tenancy

extension ReadTransaction {
    private static let storedColumns = "\(Connection.columns), c.name, c.settings, c.secrets"

    public func connection(_ id: ConnectionID) throws -> StoredConnection? {
        try row("SELECT \(Self.storedColumns) FROM connections c WHERE c.id = $1", [.id(id)]).map(stored)
    }

    /// Connections in the order of their ids, from the one after `id`.
    public func connections(after id: ConnectionID? = nil, limit: Int) throws -> [StoredConnection] {
        try sql.rows(
            "SELECT \(Self.storedColumns) FROM connections c WHERE c.id > $1 ORDER BY c.id LIMIT $2",
            [.text(id?.rawValue ?? ""), .limit(limit)]
        ).map(stored)
    }

    /// Connections of that name, by id: the file keeps names apart, what is added beside it need not.
    public func connections(named name: String) throws -> [StoredConnection] {
        try sql.rows("SELECT \(Self.storedColumns) FROM connections c WHERE c.name = $1 ORDER BY c.id", [.text(name)]).map(stored)
    }

    /// The connections that the organization owns, by id.
    public func connections(of id: OrganizationID) throws -> [StoredConnection] {
        try sql.rows(
            "SELECT \(Self.storedColumns) FROM connections c WHERE c.organization_id = $1 ORDER BY c.id", [.id(id)]
        ).map(stored)
    }

    public func externalConnection(_ id: ExternalConnectionID) throws -> StoredExternalConnection? {
        try row("SELECT \(ExternalConnection.columns), e.name FROM external_connections e WHERE e.id = $1", [.id(id)])
            .map(storedLink)
    }

    /// External connections of that name, by id.
    public func externalConnections(named name: String) throws -> [StoredExternalConnection] {
        try sql.rows(
            "SELECT \(ExternalConnection.columns), e.name FROM external_connections e WHERE e.name = $1 ORDER BY e.id",
            [.text(name)]
        ).map(storedLink)
    }

    /// External connections in the order of their ids, from the one after `id`.
    public func externalConnections(after id: ExternalConnectionID? = nil, limit: Int) throws -> [StoredExternalConnection] {
        try sql.rows(
            "SELECT \(ExternalConnection.columns), e.name FROM external_connections e WHERE e.id > $1 ORDER BY e.id LIMIT $2",
            [.text(id?.rawValue ?? ""), .limit(limit)]
        ).map(storedLink)
    }

    /// The external connections of a borrower, by id.
    public func externalConnections(of id: OrganizationID) throws -> [StoredExternalConnection] {
        try sql.rows(
            "SELECT \(ExternalConnection.columns), e.name FROM external_connections e WHERE e.organization_id = $1 ORDER BY e.id",
            [.id(id)]
        ).map(storedLink)
    }

    /// The external connections to a root connection, by id.
    public func externalConnections(to id: ConnectionID) throws -> [StoredExternalConnection] {
        try sql.rows(
            "SELECT \(ExternalConnection.columns), e.name FROM external_connections e WHERE e.connection_id = $1 ORDER BY e.id",
            [.id(id)]
        ).map(storedLink)
    }

    private func storedLink(_ row: SQLRow) throws -> StoredExternalConnection {
        StoredExternalConnection(
            name: try row.text(11), externalConnection: try ExternalConnection(row),
            isManaged: try row.choice(10, Declared.self) != .never)
    }

    private func stored(_ row: SQLRow) throws -> StoredConnection {
        let value = try Connection(row)
        let readable: StoredSettings = try row.json(11)
        guard let settings = readable.settings(with: try secrets(row.optionalBlob(12), of: value.id)) else {
            throw row.corrupt(11)
        }
        return StoredConnection(
            name: try row.text(10), connection: value, settings: settings,
            isManaged: try row.choice(9, Declared.self) != .never)
    }

    private func secrets(_ sealed: [UInt8]?, of id: ConnectionID) throws -> StoredSettings.Secrets {
        guard let sealed else { return StoredSettings.Secrets() }
        guard let plain = sealer.open(sealed, for: .connectionSecrets, row: Array(id.rawValue.utf8)),
            let secrets = StoredSettings.Secrets(text: String(decoding: plain, as: UTF8.self))
        else { throw StoreError(.corrupt, path: sql.path, detail: "connections.secrets") }
        return secrets
    }
}
