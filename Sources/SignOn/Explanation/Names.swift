import Storage
import Tenancy

/// What ids stand for, as people call it. Reads each once; valid as long as its transaction.
public final class Names {
    private let transaction: ReadTransaction
    private var known: [String: String?] = [:]

    public init(_ transaction: ReadTransaction) { self.transaction = transaction }

    /// The slug, or the id of one that is not there.
    public func organization(_ id: OrganizationID) throws -> String {
        try name(id.rawValue) { try transaction.organization(id)?.slug } ?? id.rawValue
    }

    /// The address.
    public func member(_ id: MemberID) throws -> String {
        try name(id.rawValue) { try transaction.member(id)?.email.rawValue } ?? id.rawValue
    }

    public func connection(_ id: ConnectionID) throws -> String {
        try name(id.rawValue) { try transaction.connection(id)?.name } ?? id.rawValue
    }

    public func externalConnection(_ id: ExternalConnectionID) throws -> String {
        try name(id.rawValue) { try transaction.externalConnection(id)?.name } ?? id.rawValue
    }

    public func accepted(_ via: AcceptedConnection) throws -> String {
        switch via {
        case .owned(let id): try connection(id)
        case .external(let id): try externalConnection(id)
        }
    }

    /// A label of a decision or reason, with names for the ids in it.
    public func named(_ label: String) throws -> String {
        try label.split(separator: " ", omittingEmptySubsequences: false).map { word in
            try name(of: String(word)) ?? String(word)
        }.joined(separator: " ")
    }

    /// Ids begin with their kind (`IdentifierDerivation`, `IdentifierMint`); a declared one may be any text.
    private func name(of word: String) throws -> String? {
        guard word.contains("-") else { return nil }
        return try name(word) {
            if let organization = try transaction.organization(OrganizationID(word)) { return organization.slug }
            if let member = try transaction.member(MemberID(word)) { return member.email.rawValue }
            if let connection = try transaction.connection(ConnectionID(word)) { return connection.name }
            return try transaction.externalConnection(ExternalConnectionID(word))?.name
        }
    }

    private func name(_ id: String, _ read: () throws -> String?) throws -> String? {
        if let name = known[id] { return name }
        let name = try read()
        known[id] = .some(name)
        return name
    }
}
