import Tenancy

/// A world that is being gathered. Adding something twice asks the database once.
struct WorldSlice {
    let transaction: ReadTransaction
    private(set) var world = World()

    init(_ transaction: ReadTransaction) { self.transaction = transaction }

    private func rows(_ text: String, _ values: [SQLValue]) throws -> [SQLRow] {
        try transaction.sql.rows(text, values)
    }

    // MARK: One thing

    mutating func addOrganization(_ id: OrganizationID) throws {
        guard world.organizations[id] == nil, let organization = try transaction.organization(id) else { return }
        world.organizations[id] = organization
    }

    /// A connection and its owner, without whom it can't be accepted (R1).
    mutating func addConnection(_ id: ConnectionID) throws {
        guard world.connections[id] == nil else { return }
        for row in try rows("SELECT \(Connection.columns) FROM connections c WHERE c.id = $1", [.id(id)]) {
            try add(Connection(row))
        }
    }

    private mutating func add(_ connection: Connection) throws {
        world.connections[connection.id] = connection
        try addOrganization(connection.organizationID)
    }

    /// A link, its borrower, its root connection and that one's owner.
    mutating func addExternalConnection(_ id: ExternalConnectionID) throws {
        for row in try rows("SELECT \(ExternalConnection.columns) FROM external_connections e WHERE e.id = $1", [.id(id)]) {
            let link = try ExternalConnection(row)
            world.externalConnections[id] = link
            try addOrganization(link.borrowerID)
            try addConnection(link.connectionID)
        }
    }

    /// A member with every subject that they have, and the connections of those.
    mutating func addMember(_ id: MemberID) throws {
        guard world.members[id] == nil, let member = try transaction.member(id) else { return }
        try add(member)
    }

    private mutating func add(_ member: Member) throws {
        guard world.members.updateValue(member, forKey: member.id) == nil else { return }
        try addOrganization(member.organizationID)
        for link in try transaction.subjectLinks(of: member.id) {
            world.subjectLinks.insert(link)
            // Whether the organization owns both connections decides whether an address may link (R2).
            try addConnection(link.connectionID)
            try addLinks(of: member.organizationID, to: link.connectionID)
        }
    }

    // MARK: Links

    /// Every link to a root connection, without the borrowers.
    mutating func addLinks(to id: ConnectionID) throws {
        for row in try rows(
            "SELECT \(ExternalConnection.columns) FROM external_connections e WHERE e.connection_id = $1", [.id(id)])
        {
            let link = try ExternalConnection(row)
            world.externalConnections[link.id] = link
        }
    }

    /// The borrowers of a root connection.
    mutating func addBorrowers(of id: ConnectionID) throws {
        for row in try rows(
            """
            SELECT \(Organization.columns) FROM external_connections e JOIN organizations o ON o.id = e.organization_id
            WHERE e.connection_id = $1
            """, [.id(id)])
        {
            let organization = try Organization(row)
            world.organizations[organization.id] = organization
        }
    }

    mutating func addLinks(of borrowerID: OrganizationID, to id: ConnectionID) throws {
        for row in try rows(
            """
            SELECT \(ExternalConnection.columns) FROM external_connections e
            WHERE e.organization_id = $1 AND e.connection_id = $2
            """, [.id(borrowerID), .id(id)])
        {
            let link = try ExternalConnection(row)
            world.externalConnections[link.id] = link
        }
    }

    /// Everything that an organization could take a sign-in through: its connections, its links, and
    /// their root connections with the owners.
    mutating func addAccepted(by id: OrganizationID) throws {
        for row in try rows("SELECT \(Connection.columns) FROM connections c WHERE c.organization_id = $1", [.id(id)]) {
            try add(Connection(row))
        }
        for row in try rows(
            "SELECT \(ExternalConnection.columns) FROM external_connections e WHERE e.organization_id = $1", [.id(id)])
        {
            let link = try ExternalConnection(row)
            world.externalConnections[link.id] = link
            try addConnection(link.connectionID)
        }
    }

    // MARK: Questions

    mutating func addLanding(_ target: SignInTarget, _ evidence: Evidence) throws {
        switch target {
        case .rootConnection(let id):
            try addConnection(id)
            guard let owner = world.connections[id]?.organizationID, id == evidence.connectionID else { return }
            try addLinks(to: id)
            try addBorrowers(of: id)
            try addPeople(in: owner, for: evidence)
            try addPeopleOfBorrowers(for: evidence)
        case .externalConnection(let id):
            try addExternalConnection(id)
            guard let link = world.externalConnections[id] else { return }
            try addPart(of: link.borrowerID, for: evidence)
        case .organization(let id):
            try addPart(of: id, for: evidence)
        }
    }

    mutating func addReach(_ session: Session) throws {
        let evidence = session.evidence
        try addLanding(.rootConnection(evidence.connectionID), evidence)
        try addPart(of: session.organizationID, for: evidence)
        for row in try rows(
            """
            SELECT \(Member.columns) FROM subject_links s JOIN members m ON m.id = s.member_id
            WHERE s.connection_id = $1 AND s.issuer = $2 AND s.subject = $3
            """, [.id(evidence.connectionID), .text(evidence.issuer), .text(evidence.subject)])
        {
            let member = try Member(row)
            try add(member)
            // Somebody else who has the address there may be suspended.
            if let email = evidence.email, let addressed = try transaction.member(of: member.organizationID, email: email) {
                try add(addressed)
            }
        }
        // Few: the person's own memberships.
        for id in Set(world.members.values.map(\.organizationID)) { try addAccepted(by: id) }
    }

    /// What one organization has to do with a sign-in: the root connection and its owner, the organization,
    /// its links to that connection, and whom it recognizes.
    mutating func addPart(of id: OrganizationID, for evidence: Evidence) throws {
        try addOrganization(id)
        try addConnection(evidence.connectionID)
        try addLinks(of: id, to: evidence.connectionID)
        try addPeople(in: id, for: evidence)
    }

    private mutating func addPeople(in id: OrganizationID, for evidence: Evidence) throws {
        for row in try rows(
            """
            SELECT \(Member.columns) FROM subject_links s JOIN members m ON m.id = s.member_id
            WHERE s.organization_id = $1 AND s.connection_id = $2 AND s.issuer = $3 AND s.subject = $4
            """, [.id(id), .id(evidence.connectionID), .text(evidence.issuer), .text(evidence.subject)])
        {
            try add(Member(row))
        }
        guard let email = evidence.email, let member = try transaction.member(of: id, email: email) else { return }
        try add(member)
    }

    /// As `addPeople(in:)`, for all borrowers of the root connection at once.
    private mutating func addPeopleOfBorrowers(for evidence: Evidence) throws {
        for row in try rows(
            """
            SELECT \(Member.columns) FROM external_connections e
            JOIN subject_links s ON s.organization_id = e.organization_id AND s.connection_id = e.connection_id
            JOIN members m ON m.id = s.member_id
            WHERE e.connection_id = $1 AND s.issuer = $2 AND s.subject = $3
            """, [.id(evidence.connectionID), .text(evidence.issuer), .text(evidence.subject)])
        {
            try add(Member(row))
        }
        guard let email = evidence.email else { return }
        for row in try rows(
            """
            SELECT \(Member.columns) FROM external_connections e
            JOIN members m ON m.organization_id = e.organization_id AND m.email = $2
            WHERE e.connection_id = $1
            """, [.id(evidence.connectionID), .text(email.rawValue)])
        {
            try add(Member(row))
        }
    }

    /// Both halves of R3, always: whether the first offers something is a rule's to say, and the time must not
    /// tell whether an address is known.
    mutating func addDiscovery(_ address: EmailAddress) throws {
        for row in try rows("SELECT \(Member.columns) FROM members m WHERE m.email = $1", [.text(address.rawValue)]) {
            let member = try Member(row)
            try add(member)
            try addAccepted(by: member.organizationID)
        }
        for row in try rows(
            "SELECT d.holder, d.holder_id FROM mail_domains d WHERE d.domain = $1", [.text(address.domain.rawValue)])
        {
            let id = try row.text(1)
            switch try row.text(0) {
            case "organization":
                try addOrganization(OrganizationID(id))
                try addAccepted(by: OrganizationID(id))
            case "connection":
                try addConnection(ConnectionID(id))
                try addLinks(to: ConnectionID(id))
                try addBorrowers(of: ConnectionID(id))
            case "external_connection":
                try addExternalConnection(ExternalConnectionID(id))
            default: throw row.corrupt(0)
            }
        }
    }
}
