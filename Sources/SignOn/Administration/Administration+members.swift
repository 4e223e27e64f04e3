import Storage
import Tenancy

extension Administration {
    /// Adds a member, who is linked at their first sign-in where R2 lets an address link, or by `link`.
    public func addMember(
        to organizationID: OrganizationID, email: EmailAddress, name: String = "", roles: Set<RoleID> = [],
        by administrator: Administrator
    ) async throws -> Result<Member, AdministrationRefusal> {
        let member = Member(
            id: mint.member(), organizationID: organizationID, email: email, name: name, roles: roles,
            authority: administrator.authority)
        return try await perform("add", on: .member, by: administrator) { transaction, record in
            record.organizationID = organizationID
            record.detail["email"] = email.rawValue
            guard administrator.mayAct(in: organizationID) else { return .failure(.actorNotAllowed) }
            guard let organization = try transaction.organization(organizationID) else {
                return .failure(.notFound(.organization, organizationID.rawValue))
            }
            guard organization.status != .deleted else { return .failure(.isDeleted(.organization, organization.slug)) }
            if let other = try transaction.member(of: organizationID, email: email) {
                return .failure(.addressTaken(email, by: other.id))
            }
            if case .failure(let refusal) = try transaction.roles(exist: roles) { return .failure(refusal) }
            record.memberID = member.id
            record.detail["roles"] = roles.sorted().map(\.rawValue).joined(separator: ",")
            try transaction.insertMember(member)
            return .success(member)
        }
    }

    /// Suspends, reactivates or deletes a member; a deleted one can come back, and until then nobody else takes
    /// their address or subject (R2).
    public func setStatus(
        of id: MemberID, to status: Member.Status, by administrator: Administrator
    ) async throws -> Result<Member, AdministrationRefusal> {
        let name =
            switch status {
            case .active: "reactivate"
            case .suspended: "suspend"
            case .deleted: "delete"
            }
        return try await perform(on: id, name, by: administrator) { transaction, member, _ in
            let isManaged = try transaction.isManaged(id)
            if status == .deleted, isManaged { return .failure(.declaredCannotBeDeleted(.member, member.email.rawValue)) }
            if member.status == status, !isManaged {
                return .failure(.unchanged(.member, member.email.rawValue, is: status.rawValue))
            }
            try transaction.setMemberStatus(id, status)
            guard let now = try transaction.member(id), now.status == status else {
                return .failure(.leftTheFile(.member, member.email.rawValue))
            }
            return .success(now)
        }
    }

    /// Replaces the roles assigned directly; the other sources of R7 stay.
    public func assignRoles(
        _ roles: Set<RoleID>, to id: MemberID, by administrator: Administrator
    ) async throws -> Result<Member, AdministrationRefusal> {
        try await perform(on: id, "assign-roles", by: administrator) { transaction, member, record in
            guard try !transaction.isManaged(id) else { return .failure(.managedByConfiguration(.member, member.email.rawValue)) }
            if case .failure(let refusal) = try transaction.roles(exist: roles) { return .failure(refusal) }
            record.reasons = roles.subtracting(member.roles).sorted().map { "gained \($0)" }
            record.reasons += member.roles.subtracting(roles).sorted().map { "lost \($0)" }
            try transaction.setRoles(id, roles)
            var changed = member
            changed.roles = roles
            return .success(changed)
        }
    }

    /// Makes the IdP's subject recognizable as the member, where an address alone may not (R2).
    ///
    /// - Parameter issuer: as the IdP writes it; `nil` takes the one that the connection states.
    public func link(
        _ id: MemberID, through connectionID: ConnectionID, issuer: String?, subject: String, by administrator: Administrator
    ) async throws -> Result<Member, AdministrationRefusal> {
        try await perform(on: id, "link", by: administrator) { transaction, member, record in
            record.connectionID = connectionID
            record.detail["subject"] = subject
            guard let stored = try transaction.connection(connectionID) else {
                return .failure(.notFound(.connection, connectionID.rawValue))
            }
            guard try transaction.mayAccept(stored.connection, member.organizationID) else { return .failure(.connectionNotAccepted) }
            guard !subject.isEmpty, subject.utf8.count <= 2048, !subject.utf8.contains(0) else {
                return .failure(.malformed("A subject has 1 to 2048 bytes."))
            }
            guard let issuer = issuer ?? stored.settings.statedIssuer else { return .failure(.issuerNeeded) }
            let holder = try transaction.member(
                of: member.organizationID, person: Person(connectionID: connectionID, issuer: issuer, subject: subject))
            if let holder {
                return .failure(
                    holder.id == id
                        ? .unchanged(.member, member.email.rawValue, is: "linked to that subject") : .subjectTaken(by: holder.id))
            }
            try transaction.linkSubject(
                SubjectLink(
                    memberID: id, organizationID: member.organizationID, connectionID: connectionID, issuer: issuer,
                    subject: subject))
            return .success(member)
        }
    }

    /// Forgets every subject of the member through a connection, so that a new one can be linked. Their sessions that
    /// came through it end.
    public func unlink(
        _ id: MemberID, from connectionID: ConnectionID, by administrator: Administrator
    ) async throws -> Result<Member, AdministrationRefusal> {
        try await perform(on: id, "unlink", by: administrator) { transaction, member, record in
            record.connectionID = connectionID
            guard try transaction.unlink(id, through: connectionID) > 0 else { return .failure(.notLinked) }
            return .success(member)
        }
    }

    /// An act on a member, by somebody who may act in their organization.
    func perform<Value: Sendable>(
        on id: MemberID, _ name: String, kind: AuditKind = .member, by administrator: Administrator,
        _ body: @escaping @Sendable (WriteTransaction, Member, inout ActRecord) throws -> Result<Value, AdministrationRefusal>
    ) async throws -> Result<Value, AdministrationRefusal> {
        try await perform(name, on: kind, by: administrator) { transaction, record in
            guard let member = try transaction.member(id) else { return .failure(.notFound(.member, id.rawValue)) }
            record.organizationID = member.organizationID
            record.memberID = id
            guard administrator.mayAct(in: member.organizationID) else { return .failure(.actorNotAllowed) }
            return try body(transaction, member, &record)
        }
    }
}

extension ReadTransaction {
    /// Whether the organization owns the connection, or has a link to it that has not ended.
    fileprivate func mayAccept(_ connection: Connection, _ organizationID: OrganizationID) throws -> Bool {
        if connection.organizationID == organizationID { return true }
        return try externalConnections(of: organizationID).contains {
            $0.externalConnection.connectionID == connection.id && $0.externalConnection.status != .severed
        }
    }
}

extension ConnectionSettings {
    /// The issuer or entity ID, where the settings themselves say it.
    var statedIssuer: String? {
        switch self {
        case .oidc(let oidc): oidc.issuer
        case .saml(let saml):
            switch saml.identityProvider {
            case .fields(let entityID, _, _): entityID
            case .metadataURL, .metadata: nil
            }
        }
    }
}
