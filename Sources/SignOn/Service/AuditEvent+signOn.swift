import Storage
import Tenancy

extension AuditEvent {
    /// A landing, admitted or refused.
    static func signIn(
        id: String, at: Instant, decision: Decision, evidence: Evidence, context: RequestContext
    ) -> AuditEvent {
        var organizationID: OrganizationID?
        var memberID: MemberID?
        if case .admit(let admission) = decision.outcome {
            organizationID = admission.organizationID
            switch admission.membership {
            case .known(let id), .linking(let id): memberID = id
            case .provisioning: break
            }
        }
        return AuditEvent(
            id: id, at: at, kind: "sign_in", requestID: context.requestID, organizationID: organizationID, memberID: memberID,
            connectionID: evidence.connectionID, decision: decision.outcome.label, reasons: decision.reasons.map(\.label),
            detail: ["client_address": context.clientAddress, "email": evidence.email?.rawValue ?? ""])
    }

    static func stepUpNotMet(id: String, at: Instant, evidence: Evidence, context: RequestContext) -> AuditEvent {
        AuditEvent(
            id: id, at: at, kind: "sign_in", requestID: context.requestID, connectionID: evidence.connectionID,
            decision: "refused_step_up_not_met", reasons: [],
            detail: ["client_address": context.clientAddress, "email": evidence.email?.rawValue ?? ""])
    }

    /// A crossing into another organization, by a click or without a visible step, admitted or refused.
    static func exchange(
        id: String, at: Instant, decision: Decision, record: SignInRecord, into organizationID: OrganizationID?, byClick: Bool,
        context: RequestContext
    ) -> AuditEvent {
        var event = signIn(id: id, at: at, decision: decision, evidence: record.evidence, context: context)
        event.kind = "exchange"
        event.organizationID = organizationID
        event.detail["from"] = record.organizationID.rawValue
        event.detail["by_click"] = byClick ? "true" : "false"
        return event
    }

    static func sessionsEnded(
        id: String, at: Instant, ending: SessionEnding, record: SignInRecord, context: RequestContext
    ) -> AuditEvent {
        let what =
            switch ending {
            case .device: "device"
            case .others: "others"
            case .everywhere: "everywhere"
            }
        return AuditEvent(
            id: id, at: at, kind: "sessions_ended", requestID: context.requestID, organizationID: record.organizationID,
            memberID: record.memberID, connectionID: record.evidence.connectionID, decision: what, reasons: [],
            detail: ["client_address": context.clientAddress])
    }

    static func sessionStart(
        id: String, at: Instant, decision: Decision, session: Session, context: RequestContext
    ) -> AuditEvent {
        AuditEvent(
            id: id, at: at, kind: "session_start", requestID: context.requestID, organizationID: session.organizationID,
            memberID: session.memberID, connectionID: session.evidence.connectionID, decision: decision.outcome.label,
            reasons: decision.reasons.map(\.label), detail: ["client_address": context.clientAddress])
    }

    static func sessionEnd(id: String, at: Instant, decision: Decision, session: StoredSession) -> AuditEvent {
        AuditEvent(
            id: id, at: at, kind: "session_end", requestID: "", organizationID: session.session.organizationID,
            memberID: session.session.memberID, connectionID: session.session.evidence.connectionID,
            decision: decision.outcome.label, reasons: decision.reasons.map(\.label), detail: ["session_id": session.id])
    }

    static func signOut(
        id: String, at: Instant, session: StoredSession, everywhere: Bool, context: RequestContext
    ) -> AuditEvent {
        AuditEvent(
            id: id, at: at, kind: "sign_out", requestID: context.requestID, organizationID: session.session.organizationID,
            memberID: session.session.memberID, connectionID: session.session.evidence.connectionID,
            decision: everywhere ? "everywhere" : "here", reasons: [],
            detail: ["session_id": session.id, "client_address": context.clientAddress])
    }
}

extension Decision.Outcome {
    /// Bounded label for the audit trail.
    public var label: String {
        switch self {
        case .offer: "offer"
        case .begin: "begin"
        case .choose: "choose"
        case .admit(let admission):
            switch admission.membership {
            case .known: "admitted"
            case .linking: "admitted_linked"
            case .provisioning: "admitted_provisioned"
            }
        case .reach: "reach"
        case .refuse(let refusal): "refused_" + refusal.rawValue
        case .linkBecomes(let status): "link_becomes_" + status.rawValue
        case .linksBecome: "links_become"
        }
    }
}

extension Reason {
    /// For the audit trail: what happened, and to which thing.
    public var label: String {
        switch self {
        case .passedOver(let id, let refusal): "passed_over \(id) \(refusal.rawValue)"
        case .accepted(let id, .owned(let connection)): "accepted \(id) owned \(connection)"
        case .accepted(let id, .external(let link)): "accepted \(id) external \(link)"
        case .recognizedBySubject(let id): "recognized_by_subject \(id)"
        case .linkedByEmail(let id): "linked_by_email \(id)"
        case .provisioned(let id): "provisioned \(id)"
        case .emailAdopted: "email_adopted"
        case .emailKept: "email_kept"
        case .isOwner(let id): "owner \(id)"
        case .isOldest(let id): "oldest \(id)"
        case .roleCapped(let role): "role_capped \(role)"
        case .refused(let refusal): "refused \(refusal.rawValue)"
        }
    }
}
