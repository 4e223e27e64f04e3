import Storage
import Tenancy

/// Things by what an operator calls them. An id always works; a name works where it is one thing's alone.
extension ReadTransaction {
    /// By slug or id.
    public func organization(named name: String) throws -> Result<Organization, AdministrationRefusal> {
        guard let found = try organization(slug: name) ?? organization(OrganizationID(name)) else {
            return .failure(.notFound(.organization, name))
        }
        return .success(found)
    }

    /// By address or id, in one organization.
    public func member(named name: String, of organizationID: OrganizationID) throws -> Result<Member, AdministrationRefusal> {
        let found = try EmailAddress(name).flatMap { try member(of: organizationID, email: $0) } ?? member(MemberID(name))
        guard let found, found.organizationID == organizationID else { return .failure(.notFound(.member, name)) }
        return .success(found)
    }

    /// By name or id.
    public func connection(named name: String) throws -> Result<StoredConnection, AdministrationRefusal> {
        if let found = try connection(ConnectionID(name)) { return .success(found) }
        let found = try connections(named: name)
        guard found.count <= 1 else { return .failure(.ambiguous(.connection, name)) }
        return found.first.map { .success($0) } ?? .failure(.notFound(.connection, name))
    }

    /// By name or id.
    public func externalConnection(named name: String) throws -> Result<StoredExternalConnection, AdministrationRefusal> {
        if let found = try externalConnection(ExternalConnectionID(name)) { return .success(found) }
        let all = try externalConnections(named: name)
        // An ended link keeps its name beside its successor.
        let open = all.filter { $0.externalConnection.status != .severed }
        let found = open.isEmpty ? all : open
        guard found.count <= 1 else { return .failure(.ambiguous(.externalConnection, name)) }
        return found.first.map { .success($0) } ?? .failure(.notFound(.externalConnection, name))
    }
}
