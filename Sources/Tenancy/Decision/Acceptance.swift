/// One organization accepting one root connection at this moment (R1): the connection, its owner, the
/// organization and the external connection between them, if there is one, are all active.
///
/// Only this file makes one, so whoever holds one needs no further check of R1.
struct Acceptance {
    let organization: Organization
    /// The root connection.
    let connection: Connection
    /// `nil`: the organization owns the connection.
    let link: ExternalConnection?

    fileprivate init(organization: Organization, connection: Connection, link: ExternalConnection?) {
        self.organization = organization
        self.connection = connection
        self.link = link
    }

    var via: AcceptedConnection { link.map { .external($0.id) } ?? .owned(connection.id) }
}

/// An organization that landing considers: small, since there may be thousands to put in order.
struct AcceptanceCandidate {
    let organizationID: OrganizationID
    let createdAt: Instant
    /// `nil`: the owner.
    let linkID: ExternalConnectionID?
}

extension World {
    /// A root connection that is active and whose owner is.
    func usableConnection(_ id: ConnectionID) -> Result<Connection, Refusal> {
        guard let connection = connections[id] else { return .failure(.unknownConnection) }
        guard connection.status == .active else { return .failure(.connectionInactive) }
        guard organizations[connection.organizationID]?.status == .active else { return .failure(.ownerInactive) }
        return .success(connection)
    }

    /// Whether the organization accepts a sign-in through the root connection, however it does.
    func acceptance(of connectionID: ConnectionID, by organizationID: OrganizationID) -> Result<Acceptance, Refusal> {
        guard let organization = organizations[organizationID] else { return .failure(.unknownOrganization) }
        guard organization.status == .active else { return .failure(.organizationInactive) }
        return usableConnection(connectionID).flatMap { connection in
            if connection.organizationID == organizationID {
                return acceptance(of: connection, by: organization, through: nil)
            }
            let links = externalConnections.values.filter {
                $0.borrowerID == organizationID && $0.connectionID == connectionID
            }
            guard !links.isEmpty else { return .failure(.connectionNotAccepted) }
            guard let link = oneEach(of: links).first else { return .failure(.externalConnectionInactive) }
            return acceptance(of: connection, by: organization, through: link)
        }
    }

    /// Whether this very external connection carries a sign-in.
    func acceptance(through linkID: ExternalConnectionID) -> Result<Acceptance, Refusal> {
        guard let link = externalConnections[linkID] else { return .failure(.unknownExternalConnection) }
        return usableConnection(link.connectionID).flatMap { connection in
            acceptance(of: connection, by: organizations[link.borrowerID], through: link)
        }
    }

    /// The owner, then everybody with an active external connection to the root connection, oldest first,
    /// ties by id (R4). Suspended and deleted organizations are in it.
    func candidates(for connection: Connection) -> [AcceptanceCandidate] {
        let links = oneEach(
            of: externalConnections.values.filter {
                $0.connectionID == connection.id && $0.borrowerID != connection.organizationID
            })
        let borrowers = links.compactMap { link in
            organizations[link.borrowerID].map {
                AcceptanceCandidate(organizationID: $0.id, createdAt: $0.createdAt, linkID: link.id)
            }
        }
        let owner = organizations[connection.organizationID].map {
            AcceptanceCandidate(organizationID: $0.id, createdAt: $0.createdAt, linkID: nil)
        }
        return (owner.map { [$0] } ?? [])
            + borrowers.sorted {
                ($0.createdAt, $0.organizationID) < ($1.createdAt, $1.organizationID)
            }
    }

    /// What R1 says to a candidate.
    func acceptance(of connection: Connection, by candidate: AcceptanceCandidate) -> Result<Acceptance, Refusal> {
        acceptance(
            of: connection, by: organizations[candidate.organizationID],
            through: candidate.linkID.flatMap { externalConnections[$0] })
    }

    /// Every root connection that any of the organizations accepts, once for each that does; in no order.
    func acceptances(by wanted: Set<OrganizationID>) -> [Acceptance] {
        let owned = connections.values.filter { wanted.contains($0.organizationID) }.map { connection in
            usableConnection(connection.id).flatMap {
                acceptance(of: $0, by: organizations[connection.organizationID], through: nil)
            }
        }
        let borrowed = oneEach(of: externalConnections.values.filter { wanted.contains($0.borrowerID) }).map { link in
            usableConnection(link.connectionID).flatMap {
                acceptance(of: $0, by: organizations[link.borrowerID], through: link)
            }
        }
        return (owned + borrowed).compactMap { result in
            if case .success(let acceptance) = result { acceptance } else { nil }
        }
    }

    /// The only maker of an `Acceptance`. `connection` is a usable one.
    private func acceptance(
        of connection: Connection, by organization: Organization?, through link: ExternalConnection?
    ) -> Result<Acceptance, Refusal> {
        if let link {
            // Its own connection an organization has as owner; a link to it would be a second set of rules for it.
            guard link.borrowerID != connection.organizationID else { return .failure(.linkToOwnConnection) }
            guard link.status == .active else { return .failure(.externalConnectionInactive) }
        }
        guard let organization else { return .failure(.unknownOrganization) }
        guard organization.status == .active else { return .failure(.organizationInactive) }
        return .success(Acceptance(organization: organization, connection: connection, link: link))
    }

    /// The active ones among the links, one for each borrower and root connection. A world with two is
    /// malformed (R1); the smaller id counts, so that every decision picks the same.
    private func oneEach(of links: [ExternalConnection]) -> [ExternalConnection] {
        var chosen: [Ends: ExternalConnection] = [:]
        for link in links where link.status == .active {
            let ends = Ends(borrowerID: link.borrowerID, connectionID: link.connectionID)
            if let other = chosen[ends], other.id < link.id { continue }
            chosen[ends] = link
        }
        return Array(chosen.values)
    }
}

/// What there is one link for (R1).
private struct Ends: Hashable {
    let borrowerID: OrganizationID
    let connectionID: ConnectionID
}
