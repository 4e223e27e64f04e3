import Storage
import Tenancy

extension Administration {
    /// Suspends, reactivates or deletes an organization: the operator's alone. Its sessions, and those of others
    /// through its connections, end with it.
    public func setStatus(
        of id: OrganizationID, to status: Organization.Status, by administrator: Administrator
    ) async throws -> Result<Organization, AdministrationRefusal> {
        let name =
            switch status {
            case .active: "reactivate"
            case .suspended: "suspend"
            case .deleted: "delete"
            }
        return try await perform(name, on: .organization, by: administrator) { transaction, record in
            record.organizationID = id
            guard administrator.isOperator else { return .failure(.actorNotAllowed) }
            guard let organization = try transaction.organization(id) else {
                return .failure(.notFound(.organization, id.rawValue))
            }
            guard organization.status != .deleted else { return .failure(.isDeleted(.organization, organization.slug)) }
            let isManaged = try transaction.isManaged(id)
            if status == .deleted, isManaged { return .failure(.declaredCannotBeDeleted(.organization, organization.slug)) }
            if organization.status == status, !isManaged {
                return .failure(.unchanged(.organization, organization.slug, is: status.rawValue))
            }
            try transaction.setOrganizationStatus(id, status)
            guard let now = try transaction.organization(id), now.status == status else {
                return .failure(.leftTheFile(.organization, organization.slug))
            }
            return .success(now)
        }
    }
}
