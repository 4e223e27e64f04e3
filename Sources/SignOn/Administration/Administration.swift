import Storage
import Tenancy

/// Acts of administration at run time: each decides, writes and records in one transaction. The gateway that
/// serves from the store notices within a fraction of a second (`Store.pollInterval`).
///
/// What an act changes is run-time state, which the next import of the file leaves alone.
public struct Administration: Sendable {
    let store: Store
    let clock: @Sendable () -> Instant
    let randomBytes: @Sendable (Int) -> [UInt8]

    public init(
        store: Store, clock: @escaping @Sendable () -> Instant, randomBytes: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.store = store
        self.clock = clock
        self.randomBytes = randomBytes
    }

    var mint: IdentifierMint { IdentifierMint(randomBytes: randomBytes) }

    /// For finding what an act is about.
    public func read<Value: Sendable>(_ body: @escaping @Sendable (ReadTransaction) throws -> Value) async throws -> Value {
        try await store.read(body)
    }

    /// Runs one act. What `body` returns as a failure has changed nothing; both outcomes are recorded.
    func perform<Value: Sendable>(
        _ name: String, on kind: AuditKind, by administrator: Administrator,
        _ body: @escaping @Sendable (WriteTransaction, inout ActRecord) throws -> Result<Value, AdministrationRefusal>
    ) async throws -> Result<Value, AdministrationRefusal> {
        let now = clock()
        let eventID = mint.event()
        return try await store.write { transaction in
            var record = ActRecord(decision: name)
            let result = try body(transaction, &record)
            if case .failure(let refusal) = result { record.decision = "refused_" + refusal.label }
            record.detail["act"] = name
            record.detail["actor"] = try administrator.text(in: transaction)
            try transaction.append(
                AuditEvent(
                    id: eventID, at: now, kind: kind.rawValue, requestID: administrator.requestID,
                    organizationID: record.organizationID, memberID: record.memberID, connectionID: record.connectionID,
                    decision: record.decision, reasons: record.reasons, detail: record.detail))
            return result
        }
    }
}

/// On whose behalf an act is done.
public struct Administrator: Sendable {
    /// Who speaks, in the words of the rules.
    public var actor: Actor
    /// Of the call that asks for the act; empty for a command.
    public var requestID: String

    public init(_ actor: Actor, requestID: String = "") {
        self.actor = actor
        self.requestID = requestID
    }

    /// The operator, who may do whatever the project secret may.
    public static let `operator` = Administrator(.project)

    /// Whether it may act in the organization.
    func mayAct(in id: OrganizationID) -> Bool {
        switch actor {
        case .configuration, .project: true
        case .administrator(let own): own == id
        }
    }

    /// Whether it may do what no organization's administrator may.
    var isOperator: Bool {
        switch actor {
        case .configuration, .project: true
        case .administrator: false
        }
    }

    /// What the members and domains that it sets count for (R3).
    var authority: Authority { isOperator ? .project : .organizationAdministrator }

    fileprivate func text(in transaction: ReadTransaction) throws -> String {
        switch actor {
        case .configuration: "configuration"
        case .project: "operator"
        case .administrator(let id): "administrator of \(try transaction.organization(id)?.slug ?? id.rawValue)"
        }
    }
}

/// What the audit event of an act will say.
struct ActRecord {
    var organizationID: OrganizationID?
    var memberID: MemberID?
    var connectionID: ConnectionID?
    /// What came of it, unless it was refused.
    var decision: String
    var reasons: [String] = []
    var detail: [String: String] = [:]
}
