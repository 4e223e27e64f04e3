import Storage
import Tenancy

extension Administration {
    /// Enables, disables or deletes a connection, as the operator or its owner's administrator. Every session that came
    /// through it, in whatever organization, ends with it.
    public func setStatus(
        of id: ConnectionID, to status: Connection.Status, by administrator: Administrator
    ) async throws -> Result<StoredConnection, AdministrationRefusal> {
        let name =
            switch status {
            case .active: "enable"
            case .disabled: "disable"
            case .deleted: "delete"
            }
        return try await perform(name, on: .connection, by: administrator) { transaction, record in
            guard let stored = try transaction.connection(id) else { return .failure(.notFound(.connection, id.rawValue)) }
            record.organizationID = stored.connection.organizationID
            record.connectionID = id
            guard administrator.mayAct(in: stored.connection.organizationID) else { return .failure(.actorNotAllowed) }
            guard stored.connection.status != .deleted else { return .failure(.isDeleted(.connection, stored.name)) }
            if status == .deleted, stored.isManaged { return .failure(.declaredCannotBeDeleted(.connection, stored.name)) }
            if stored.connection.status == status, !stored.isManaged {
                return .failure(.unchanged(.connection, stored.name, is: status.rawValue))
            }
            try transaction.setConnectionStatus(id, status)
            guard let now = try transaction.connection(id), now.connection.status == status else {
                return .failure(.leftTheFile(.connection, stored.name))
            }
            return .success(now)
        }
    }

    /// Points a connection at another IdP: an OIDC issuer, or a SAML entity ID. When the owner's administrator does
    /// it, the borrowers' links wait until each confirms (R10).
    public func setIdentityProvider(
        of id: ConnectionID, to text: String, by administrator: Administrator
    ) async throws -> Result<StoredConnection, AdministrationRefusal> {
        try await perform("set-identity-provider", on: .connection, by: administrator) { transaction, record in
            guard var stored = try transaction.connection(id) else { return .failure(.notFound(.connection, id.rawValue)) }
            record.organizationID = stored.connection.organizationID
            record.connectionID = id
            record.detail["identity_provider"] = text
            guard administrator.mayAct(in: stored.connection.organizationID) else { return .failure(.actorNotAllowed) }
            guard !stored.isManaged else { return .failure(.managedByConfiguration(.connection, stored.name)) }
            switch stored.settings.pointing(at: text) {
            case .failure(let refusal): return .failure(refusal)
            case .success(let settings):
                if settings == stored.settings {
                    return .failure(.unchanged(.connection, stored.name, is: "at that identity provider"))
                }
                stored.settings = settings
            }
            let question = Question.identityProviderChange(id, by: administrator.actor)
            let decision = decide(question, in: try transaction.world(for: question))
            guard case .linksBecome(let links) = decision.outcome else {
                if case .refuse(let refusal) = decision.outcome { return .failure(.tenancy(refusal)) }
                return .failure(.actorNotAllowed)
            }
            guard try transaction.updateConnection(stored) else { return .failure(.notFound(.connection, id.rawValue)) }
            for (link, status) in links.sorted(by: { $0.key < $1.key }) {
                try transaction.setExternalConnectionStatus(link, status)
                record.reasons.append("\(link) becomes \(status.rawValue)")
            }
            return .success(stored)
        }
    }
}

extension ConnectionSettings {
    /// The same settings for another IdP.
    fileprivate func pointing(at text: String) -> Result<ConnectionSettings, AdministrationRefusal> {
        guard text.utf8.count <= 1024, !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return .failure(.malformed("Write the issuer or entity ID exactly as the IdP does: printable ASCII without spaces."))
        }
        switch self {
        case .oidc(var oidc):
            guard text.hasPrefix("https://") || text.hasPrefix("http://localhost") || text.hasPrefix("http://127.0.0.1") else {
                return .failure(.malformed("An issuer is an https URL (OpenID Connect Core §2)."))
            }
            oidc.issuer = text
            return .success(.oidc(oidc))
        case .saml(var saml):
            switch saml.identityProvider {
            case .metadataURL, .metadata:
                return .failure(.malformed("The connection's entity ID comes from its metadata: give it other metadata."))
            case .fields(_, let url, let certificates):
                saml.identityProvider = .fields(entityID: text, ssoURL: url, certificates: certificates)
                return .success(.saml(saml))
            }
        }
    }
}
