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

    /// Those links to a root connection, with their borrowers, that might make somebody a member (R6): no other is of any
    /// concern to people whom the borrower does not know.
    mutating func addProvisioningLinks(to id: ConnectionID) throws {
        for row in try rows(
            "SELECT \(ExternalConnection.columns) FROM external_connections e WHERE e.connection_id = $1 AND e.may_provision = 1",
            [.id(id)])
        {
            let link = try ExternalConnection(row)
            world.externalConnections[link.id] = link
            try addOrganization(link.borrowerID)
        }
    }

    // MARK: Questions

    mutating func addLanding(_ target: SignInTarget, _ evidence: Evidence) throws {
        switch target {
        case .rootConnection(let id):
            try addAdmissions(at: id, evidence)
            guard world.connections[id] != nil, id == evidence.connectionID else { return }
            try addLinks(to: id)
            try addBorrowers(of: id)
        case .externalConnection(let id):
            try addExternalConnection(id)
            guard let link = world.externalConnections[id] else { return }
            try addPart(of: link.borrowerID, for: evidence)
        case .organization(let id):
            try addPart(of: id, for: evidence)
        }
    }

    /// A root connection, its owner, and of the borrowers those where somebody has the subject or the address, or which
    /// might make a member of the person.
    mutating func addAdmissions(at id: ConnectionID, _ evidence: Evidence) throws {
        try addConnection(id)
        guard let owner = world.connections[id]?.organizationID, id == evidence.connectionID else { return }
        try addPeople(in: owner, for: evidence)
        try addPeopleOfBorrowers(for: evidence)
        for borrower in Set(world.members.values.map(\.organizationID)) { try addLinks(of: borrower, to: id) }
        try addProvisioningLinks(to: id)
    }

    mutating func addReach(_ session: Session) throws {
        let evidence = session.evidence
        try addAdmissions(at: evidence.connectionID, evidence)
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

    /// As `addPeople(in:)`, for all borrowers of the root connection at once. From the person to the borrowers, and not the
    /// other way round: there may be thousands of those.
    private mutating func addPeopleOfBorrowers(for evidence: Evidence) throws {
        for row in try rows(
            """
            SELECT \(Member.columns) FROM subject_links s CROSS JOIN external_connections e CROSS JOIN members m
            WHERE s.connection_id = $1 AND s.issuer = $2 AND s.subject = $3
            AND e.organization_id = s.organization_id AND e.connection_id = s.connection_id AND m.id = s.member_id
            """, [.id(evidence.connectionID), .text(evidence.issuer), .text(evidence.subject)])
        {
            try add(Member(row))
        }
        guard let email = evidence.email else { return }
        for row in try rows(
            """
            SELECT \(Member.columns) FROM members m CROSS JOIN external_connections e
            WHERE m.email = $2 AND e.organization_id = m.organization_id AND e.connection_id = $1
            """, [.id(evidence.connectionID), .text(email.rawValue)])
        {
            try add(Member(row))
        }
    }

    /// Both halves of R3, always: whether the first offers something is a rule's to say, and the time must not
    /// tell whether an address is known.
    mutating func addDiscovery(_ address: EmailAddress) throws {
        try addPeople(with: address)
        for holder in try domainHolders(address.domain, among: "AND d.decides = 1") {
            try add(holder)
            if case .connection(let id) = holder { try addProvisioningLinks(to: id) }
        }
    }

    /// The same, and whatever discovery shows to nobody with the address.
    mutating func addDiscoveryAndHidden(_ address: EmailAddress) throws {
        try addPeople(with: address)
        for holder in try domainHolders(address.domain, among: "") {
            try add(holder)
            guard case .connection(let id) = holder else { continue }
            try addLinks(to: id)
            try addBorrowers(of: id)
        }
    }

    private mutating func add(_ holder: DomainHolder) throws {
        switch holder {
        case .organization(let id):
            try addOrganization(id)
            try addAccepted(by: id)
        case .connection(let id): try addConnection(id)
        case .externalConnection(let id): try addExternalConnection(id)
        }
    }

    private mutating func addPeople(with address: EmailAddress) throws {
        for row in try rows("SELECT \(Member.columns) FROM members m WHERE m.email = $1", [.text(address.rawValue)]) {
            let member = try Member(row)
            try add(member)
            try addAccepted(by: member.organizationID)
        }
    }

    private enum DomainHolder {
        case organization(OrganizationID)
        case connection(ConnectionID)
        case externalConnection(ExternalConnectionID)
    }

    /// Who has the domain in a list.
    private func domainHolders(_ domain: EmailDomain, among condition: String) throws -> [DomainHolder] {
        try rows("SELECT d.holder, d.holder_id FROM mail_domains d WHERE d.domain = $1 \(condition)", [.text(domain.rawValue)])
            .map { row in
                let id = try row.text(1)
                switch try row.text(0) {
                case "organization": return .organization(OrganizationID(id))
                case "connection": return .connection(ConnectionID(id))
                case "external_connection": return .externalConnection(ExternalConnectionID(id))
                default: throw row.corrupt(0)
                }
            }
    }
}
