import Tenancy

/// What identifies a person: (root connection, issuer, IdP subject), R2.
public struct Person: Hashable, Sendable {
    public var connectionID: ConnectionID
    public var issuer: String
    public var subject: String

    public init(connectionID: ConnectionID, issuer: String, subject: String) {
        self.connectionID = connectionID
        self.issuer = issuer
        self.subject = subject
    }
}

extension Evidence {
    /// The person whom the evidence is about.
    public var person: Person { Person(connectionID: connectionID, issuer: issuer, subject: subject) }
}

/// Something that a cache may hold is no longer what it was.
public enum Change: Hashable, Sendable {
    case session(TokenHash)
    /// All sessions of the person.
    case person(Person)
    case member(MemberID)
    case organization(OrganizationID)
    case connection(ConnectionID)
    case externalConnection(ExternalConnectionID)
    case assertionKeys
    /// Too much to list, or written by another process: forget everything.
    case everything
}
