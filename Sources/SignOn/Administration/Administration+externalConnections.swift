import Storage
import Tenancy

/// What a borrower asks for: its own rules for another organization's connection.
public struct ExternalConnectionRequest: Sendable {
    public var name: String
    public var displayName: String
    public var borrowerID: OrganizationID
    public var connectionID: ConnectionID
    public var provisions: Bool
    public var emailDomains: Set<EmailDomain>?
    public var roles: Set<RoleID>
    public var roleCeiling: Set<RoleID>?

    public init(
        name: String, displayName: String, borrowerID: OrganizationID, connectionID: ConnectionID, provisions: Bool = false,
        emailDomains: Set<EmailDomain>? = nil, roles: Set<RoleID> = [], roleCeiling: Set<RoleID>? = nil
    ) {
        self.name = name
        self.displayName = displayName
        self.borrowerID = borrowerID
        self.connectionID = connectionID
        self.provisions = provisions
        self.emailDomains = emailDomains
        self.roles = roles
        self.roleCeiling = roleCeiling
    }
}

extension Administration {
    /// Makes an external connection: active at once for the operator, pending for the borrower's administrator until the
    /// owner's approves it (R10).
    public func request(
        _ request: ExternalConnectionRequest, by administrator: Administrator
    ) async throws -> Result<StoredExternalConnection, AdministrationRefusal> {
        let id = mint.externalConnection()
        return try await perform("request", on: .externalConnection, by: administrator) { transaction, record in
            record.organizationID = request.borrowerID
            record.connectionID = request.connectionID
            record.detail["external_connection"] = id.rawValue
            if case .failure(let refusal) = try transaction.roles(exist: request.roles.union(request.roleCeiling ?? [])) {
                return .failure(refusal)
            }
            if let ceiling = request.roleCeiling, let beyond = request.roles.subtracting(ceiling).sorted().first {
                return .failure(.malformed("The role \"\(beyond)\" is above the role ceiling: it could never be given."))
            }
            var link = ExternalConnection(
                id: id, displayName: request.displayName, borrowerID: request.borrowerID, connectionID: request.connectionID,
                provisions: request.provisions, emailDomains: request.emailDomains, roles: request.roles,
                roleCeiling: request.roleCeiling)
            let question = Question.consent(.create, link, by: administrator.actor)
            switch try Self.decided(question, in: transaction, &record) {
            case .failure(let refusal): return .failure(refusal)
            case .success(let status): link.status = status
            }
            let stored = StoredExternalConnection(name: request.name, externalConnection: link)
            try transaction.insertExternalConnection(stored)
            return .success(stored)
        }
    }

    /// Approves, confirms, severs, disables or enables a link, as R10 lets this administrator. Returns its new state.
    public func act(
        _ act: ConsentAct, on id: ExternalConnectionID, by administrator: Administrator
    ) async throws -> Result<StoredExternalConnection, AdministrationRefusal> {
        try await perform(act.rawValue, on: .externalConnection, by: administrator) { transaction, record in
            guard let stored = try transaction.externalConnection(id) else {
                return .failure(.notFound(.externalConnection, id.rawValue))
            }
            record.organizationID = stored.externalConnection.borrowerID
            record.connectionID = stored.externalConnection.connectionID
            record.detail["external_connection"] = id.rawValue
            let question = Question.consent(act, stored.externalConnection, by: administrator.actor)
            switch try Self.decided(question, in: transaction, &record) {
            case .failure(let refusal): return .failure(refusal)
            case .success(let status):
                try transaction.setExternalConnectionStatus(id, status)
                guard let now = try transaction.externalConnection(id), now.externalConnection.status == status else {
                    return .failure(.leftTheFile(.externalConnection, stored.name))
                }
                return .success(now)
            }
        }
    }

    /// Asks the rules about a link; the reasons go into the record.
    private static func decided(
        _ question: Question, in transaction: ReadTransaction, _ record: inout ActRecord
    ) throws -> Result<ExternalConnection.Status, AdministrationRefusal> {
        let decision = decide(question, in: try transaction.world(for: question))
        record.decision = decision.outcome.label
        record.reasons = decision.reasons.map(\.label)
        switch decision.outcome {
        case .linkBecomes(let status): return .success(status)
        case .refuse(let refusal): return .failure(.tenancy(refusal))
        case .offer, .begin, .choose, .admit, .reach, .linksBecome: return .failure(.tenancy(.actorNotAllowed))
        }
    }
}

extension ReadTransaction {
    /// Whether every role is one that a rule may name.
    func roles(exist roles: Set<RoleID>) throws -> Result<Void, AdministrationRefusal> {
        guard !roles.isEmpty else { return .success(()) }
        let known = Set(try self.roles().map(\.id)).union([.administrator, RoleID("stytch_member")])
        guard let unknown = roles.subtracting(known).sorted().first else { return .success(()) }
        return .failure(.notFound(.role, unknown.rawValue))
    }
}
