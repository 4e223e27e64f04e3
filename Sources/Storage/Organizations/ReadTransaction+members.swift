import Tenancy

extension ReadTransaction {
    public func member(_ id: MemberID) throws -> Member? {
        try row("SELECT \(Member.columns) FROM members m WHERE m.id = $1", [.id(id)]).map(Member.init)
    }

    /// The organization's member with the address, whatever their status.
    public func member(of id: OrganizationID, email: EmailAddress) throws -> Member? {
        try row(
            "SELECT \(Member.columns) FROM members m WHERE m.organization_id = $1 AND m.email = $2",
            [.id(id), .text(email.rawValue)]
        ).map(Member.init)
    }

    /// Everybody with the address, in whatever organization, by id.
    public func members(email: EmailAddress) throws -> [Member] {
        try sql.rows("SELECT \(Member.columns) FROM members m WHERE m.email = $1 ORDER BY m.id", [.text(email.rawValue)])
            .map(Member.init)
    }

    /// Whom the organization recognizes the person as.
    public func member(of id: OrganizationID, person: Person) throws -> Member? {
        try row(
            """
            SELECT \(Member.columns) FROM subject_links s JOIN members m ON m.id = s.member_id
            WHERE s.organization_id = $1 AND s.connection_id = $2 AND s.issuer = $3 AND s.subject = $4
            """, [.id(id), .id(person.connectionID), .text(person.issuer), .text(person.subject)]
        ).map(Member.init)
    }

    /// The organization's members in the order of their addresses, from the one after `email`.
    public func members(of id: OrganizationID, after email: EmailAddress? = nil, limit: Int) throws -> [Member] {
        try sql.rows(
            """
            SELECT \(Member.columns) FROM members m WHERE m.organization_id = $1 AND m.email > $2
            ORDER BY m.email LIMIT $3
            """,
            [.id(id), .text(email?.rawValue ?? ""), .limit(limit)]
        ).map(Member.init)
    }

    /// Every subject that the member is recognized by.
    public func subjectLinks(of id: MemberID) throws -> [SubjectLink] {
        try sql.rows("SELECT \(SubjectLink.columns) FROM subject_links s WHERE s.member_id = $1", [.id(id)])
            .map(SubjectLink.init)
    }
}
