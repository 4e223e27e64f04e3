import Tenancy

extension WriteTransaction {
    /// - Throws: `.constraint` when the organization has a member with the address, whatever its status.
    public func insertMember(_ member: Member) throws {
        try insert(member, declared: .never, declaredID: nil, digest: nil)
    }

    /// Makes the person of the link recognizable as the member. Doing it twice changes nothing.
    ///
    /// - Throws: `.constraint("subject_links.member_id")` when the subject is another member's, or the
    ///   member is not of the organization.
    public func linkSubject(_ link: SubjectLink) throws {
        let inserted = try sql.execute(
            """
            INSERT INTO subject_links (organization_id, connection_id, issuer, subject, member_id)
            SELECT m.organization_id, $2, $3, $4, m.id FROM members m WHERE m.id = $5 AND m.organization_id = $1
            ON CONFLICT (organization_id, connection_id, issuer, subject) DO NOTHING
            """,
            [.id(link.organizationID), .id(link.connectionID), .text(link.issuer), .text(link.subject), .id(link.memberID)])
        if inserted > 0 {
            record(.member(link.memberID))
            return
        }
        let holder = try row(
            """
            SELECT member_id FROM subject_links
            WHERE organization_id = $1 AND connection_id = $2 AND issuer = $3 AND subject = $4
            """,
            [.id(link.organizationID), .id(link.connectionID), .text(link.issuer), .text(link.subject)])
        guard try holder?.text(0) == link.memberID.rawValue else {
            throw StoreError(.constraint("subject_links.member_id"), path: sql.path)
        }
    }

    /// Removes one link. Returns `false` when there was none.
    @discardableResult
    public func unlink(_ link: SubjectLink) throws -> Bool {
        let removed = try sql.execute(
            """
            DELETE FROM subject_links
            WHERE organization_id = $1 AND connection_id = $2 AND issuer = $3 AND subject = $4 AND member_id = $5
            """,
            [.id(link.organizationID), .id(link.connectionID), .text(link.issuer), .text(link.subject), .id(link.memberID)])
        if removed > 0 { record(.member(link.memberID)) }
        return removed > 0
    }

    /// Removes every link of the member through the root connection, so that a new subject can be linked.
    /// Returns how many there were.
    @discardableResult
    public func unlink(_ id: MemberID, through connectionID: ConnectionID) throws -> Int {
        let removed = try sql.execute(
            "DELETE FROM subject_links WHERE member_id = $1 AND connection_id = $2", [.id(id), .id(connectionID)])
        if removed > 0 { record(.member(id)) }
        return removed
    }

    /// Returns `false`, and changes nothing, when the address is another member's or the member unknown.
    @discardableResult
    public func setEmail(_ id: MemberID, _ email: EmailAddress) throws -> Bool {
        let changed = try sql.execute(
            """
            UPDATE members SET email = $2 WHERE id = $1 AND NOT EXISTS (
                SELECT 1 FROM members m
                WHERE m.organization_id = members.organization_id AND m.email = $2 AND m.id <> $1)
            """,
            [.id(id), .text(email.rawValue)])
        if changed > 0 { record(.member(id)) }
        return changed > 0
    }

    /// Returns `false` for an unknown member.
    @discardableResult
    public func setName(_ id: MemberID, _ name: String) throws -> Bool {
        try update(id, "UPDATE members SET name = $2 WHERE id = $1", .text(name))
    }

    /// The roles assigned directly. Returns `false` for an unknown member.
    @discardableResult
    public func setRoles(_ id: MemberID, _ roles: Set<RoleID>) throws -> Bool {
        try update(id, "UPDATE members SET roles = $2 WHERE id = $1", .text(StoredJSON.text(roles)))
    }

    /// Run-time state: allowed for declared members too, and kept over reloads.
    @discardableResult
    public func setMemberStatus(_ id: MemberID, _ status: Member.Status) throws -> Bool {
        try update(id, "UPDATE members SET status = $2 WHERE id = $1", .text(status.rawValue))
    }

    /// The person has signed in to the organization. No session depends on it: nothing is announced.
    public func markSignedIn(_ id: MemberID) throws {
        try sql.execute("UPDATE members SET has_signed_in = 1 WHERE id = $1 AND has_signed_in = 0", [.id(id)])
    }

    private func update(_ id: MemberID, _ text: String, _ value: SQLValue) throws -> Bool {
        guard try sql.execute(text, [.id(id), value]) > 0 else { return false }
        record(.member(id))
        return true
    }

    func insert(_ member: Member, declared: Declared, declaredID: MemberID?, digest: [UInt8]?) throws {
        try sql.execute(
            """
            INSERT INTO members (
                id, organization_id, email, name, status, roles, authority, has_signed_in, declared, declared_id, digest)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            [
                .id(member.id), .id(member.organizationID), .text(member.email.rawValue), .text(member.name),
                .text(member.status.rawValue), .text(StoredJSON.text(member.roles)), .text(member.authority.rawValue),
                .flag(member.hasSignedIn), .text(declared.rawValue), .id(declaredID), .blob(digest),
            ])
        record(.member(member.id))
    }
}
