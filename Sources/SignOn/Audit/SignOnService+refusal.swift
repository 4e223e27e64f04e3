import Storage
import Tenancy

/// What is known about somebody who is refused before anything was decided about them.
struct RefusedSubject: Sendable {
    var organizationID: OrganizationID?
    var connectionID: ConnectionID?
    /// In the order in which the rules were applied.
    var reasons: [String] = []
}

extension RefusedSubject {
    /// A start that named something, which need not exist.
    init(_ target: SignInTarget, reasons: [String]) {
        self.reasons = reasons
        switch target {
        case .organization(let id): organizationID = id
        case .rootConnection(let id): connectionID = id
        case .externalConnection(let id): if let id = id.ifShowable { self.reasons.append("external_connection \(id)") }
        }
    }
}

extension Identifier {
    /// An id that came in an address may be any text: only what could be one of ours is recorded.
    fileprivate var ifShowable: Self? {
        let bytes = rawValue.utf8
        return (1...128).contains(bytes.count) && bytes.allSatisfy { (0x21...0x7E).contains($0) } ? self : nil
    }
}

extension SignOnService {
    /// Answers with a refusal that no transaction has recorded: writes the event, within the budget.
    func refuse(
        _ refusal: SignOnRefusal, step: SignOnStep, subject: RefusedSubject = RefusedSubject(), context: RequestContext
    ) async -> Step {
        let now = clock()
        if refusal.isDecision, let dropped = refusals.admit(from: context.clientAddress, now: now) {
            let event = AuditEvent.refusal(
                refusal, id: makeEventID(), at: now, step: step, subject: subject, notRecorded: dropped, context: context)
            do {
                try await store.write { try $0.append(event) }
                return .refused(refusal)
            } catch {
                logger.error(
                    "a refusal could not be recorded", metadata: context.metadata(["error": "\(unavailable(error))"]))
            }
        }
        // Beyond the budget the log is for who looks closely: it must not fill the disk either.
        logger.log(
            level: refusal.isDecision ? .debug : .info, "sign-on step refused",
            metadata: context.metadata(["step": "\(step.rawValue)", "reason": "\(refusal.label)"]))
        return .refused(refusal)
    }
}

extension SignOnRefusal {
    /// Whether somebody was refused, rather than an address or a form not understood: those say nothing about anybody.
    fileprivate var isDecision: Bool {
        switch self {
        case .tenancy, .exchange, .stepUpNotMet, .oidc, .saml, .flowUnknown, .flowOfAnotherBrowser, .connectionMismatch, .replayed,
            .cookiesBlocked, .rateLimited, .forgedForm, .identityProviderMetadata:
            true
        case .wrongProtocol, .badParameter, .unknownReturnAddress, .storeUnavailable: false
        }
    }
}

extension AuditEvent {
    fileprivate static func refusal(
        _ refusal: SignOnRefusal, id: String, at: Instant, step: SignOnStep, subject: RefusedSubject, notRecorded: Int,
        context: RequestContext
    ) -> AuditEvent {
        let kind = step.auditKind
        var detail = ["client_address": context.clientAddress, "step": step.rawValue]
        if notRecorded > 0 { detail["not_recorded_before"] = String(notRecorded) }
        return AuditEvent(
            id: id, at: at, kind: kind.rawValue, requestID: context.requestID, organizationID: subject.organizationID?.ifShowable,
            connectionID: subject.connectionID?.ifShowable, decision: "refused_" + refusal.label, reasons: subject.reasons, detail: detail)
    }
}
