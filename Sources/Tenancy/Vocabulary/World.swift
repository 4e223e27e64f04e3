/// Everything that a decision may look at: all of the tenancy, or the slice of it that one question
/// can touch. A decision over a slice equals the decision over the whole; `Storage` says for each
/// question which slice that is.
public struct World: Sendable, Equatable {
    public var organizations: [OrganizationID: Organization]
    public var connections: [ConnectionID: Connection]
    public var externalConnections: [ExternalConnectionID: ExternalConnection]
    /// Deleted and suspended members are in it: they are refused, not forgotten (R2).
    public var members: [MemberID: Member]
    public var subjectLinks: Set<SubjectLink>

    public init(
        organizations: [Organization] = [], connections: [Connection] = [],
        externalConnections: [ExternalConnection] = [], members: [Member] = [], subjectLinks: Set<SubjectLink> = []
    ) {
        self.organizations = Dictionary(organizations.map { ($0.id, $0) }) { _, last in last }
        self.connections = Dictionary(connections.map { ($0.id, $0) }) { _, last in last }
        self.externalConnections = Dictionary(externalConnections.map { ($0.id, $0) }) { _, last in last }
        self.members = Dictionary(members.map { ($0.id, $0) }) { _, last in last }
        self.subjectLinks = subjectLinks
    }
}
