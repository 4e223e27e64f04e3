import Storage
import Tenancy

extension AuditEvent {
    /// A landing, admitted or refused.
    ///
    /// - Parameters:
    ///   - target: what the start named; `nil` where nobody started anything.
    ///   - world: the slice that was decided in, for the organization that refuses.
    ///   - newMemberID: the member whom an admission by provisioning makes.
    static func signIn(
        id: String, at: Instant, decision: Decision, evidence: Evidence, target: SignInTarget? = nil, in world: World = World(),
        newMemberID: MemberID? = nil, context: RequestContext
    ) -> AuditEvent {
        var organizationID: OrganizationID?
        var memberID: MemberID?
        switch decision.outcome {
        case .admit(let admission):
            organizationID = admission.organizationID
            switch admission.membership {
            case .known(let id), .linking(let id): memberID = id
            case .provisioning: memberID = newMemberID
            }
        case .refuse, .offer, .begin, .choose, .reach, .linkBecomes, .linksBecome:
            switch target {
            case .organization(let id): organizationID = id
            case .externalConnection(let id): organizationID = world.externalConnections[id]?.borrowerID
            case .rootConnection, nil: break
            }
        }
        var detail = EvidenceRecord(evidence, target: target).detail
        detail["client_address"] = context.clientAddress
        let reasons = decision.recordedReasons
        if reasons.leftOut > 0 { detail["reasons_left_out"] = String(reasons.leftOut) }
        return AuditEvent(
            id: id, at: at, kind: AuditKind.signIn.rawValue, requestID: context.requestID, organizationID: organizationID,
            memberID: memberID, connectionID: evidence.connectionID, decision: decision.outcome.label,
            reasons: reasons.labels, detail: detail)
    }

    /// A landing that does not show what the page demands of a sign-in.
    static func stepUpNotMet(
        id: String, at: Instant, evidence: Evidence, target: SignInTarget, context: RequestContext
    ) -> AuditEvent {
        var detail = EvidenceRecord(evidence, target: target).detail
        detail["client_address"] = context.clientAddress
        return AuditEvent(
            id: id, at: at, kind: AuditKind.signIn.rawValue, requestID: context.requestID, connectionID: evidence.connectionID,
            decision: "refused_" + SignOnRefusal.stepUpNotMet.label, detail: detail)
    }

    /// A crossing into another organization, by a click or without a visible step, admitted or refused.
    static func exchange(
        id: String, at: Instant, decision: Decision, record: SignInRecord, into organizationID: OrganizationID?, byClick: Bool,
        newMemberID: MemberID, context: RequestContext
    ) -> AuditEvent {
        var event = signIn(
            id: id, at: at, decision: decision, evidence: record.evidence, target: organizationID.map { .organization($0) },
            newMemberID: newMemberID, context: context)
        event.kind = AuditKind.exchange.rawValue
        event.detail["from"] = record.organizationID.rawValue
        event.detail["by_click"] = byClick ? "true" : "false"
        return event
    }

    /// A person ended sign-ins of their own.
    static func sessionsEnded(
        id: String, at: Instant, ending: SessionEnding, record: SignInRecord, context: RequestContext
    ) -> AuditEvent {
        AuditEvent(
            id: id, at: at, kind: AuditKind.sessionsEnded.rawValue, requestID: context.requestID, organizationID: record.organizationID,
            memberID: record.memberID, connectionID: record.evidence.connectionID, decision: ending.label,
            detail: ["client_address": context.clientAddress])
    }

    static func sessionStart(
        id: String, at: Instant, decision: Decision, session: Session, context: RequestContext
    ) -> AuditEvent {
        AuditEvent(
            .sessionStart, id: id, at: at, session: session, decision: decision.outcome.label,
            reasons: decision.reasons.map(\.label), requestID: context.requestID, clientAddress: context.clientAddress)
    }

    /// - Parameter requestID: of the request that found it ended; empty for none.
    static func sessionEnd(
        id: String, at: Instant, ending: SessionEndCause, session: StoredSession, requestID: String
    ) -> AuditEvent {
        AuditEvent(
            .sessionEnd, id: id, at: at, session: session.session, sessionID: session.id, decision: ending.label,
            reasons: ending.reasons, requestID: requestID)
    }

    /// Roles that a refresh found gained and lost, for the request `requestID`, or for none.
    static func rolesChanged(
        id: String, at: Instant, session: StoredSession, from earlier: Set<RoleID>, to roles: Set<RoleID>, requestID: String
    ) -> AuditEvent {
        let gained = roles.subtracting(earlier).sorted().map { "gained \($0)" }
        let lost = earlier.subtracting(roles).sorted().map { "lost \($0)" }
        return AuditEvent(
            .rolesChanged, id: id, at: at, session: session.session, sessionID: session.id, decision: "changed",
            reasons: gained + lost, requestID: requestID)
    }

    static func signOut(
        id: String, at: Instant, session: StoredSession, everywhere: Bool, context: RequestContext
    ) -> AuditEvent {
        AuditEvent(
            .signOut, id: id, at: at, session: session.session, sessionID: session.id,
            decision: everywhere ? "everywhere" : "here", requestID: context.requestID, clientAddress: context.clientAddress)
    }

    /// What happened to one session.
    private init(
        _ kind: AuditKind, id: String, at: Instant, session: Session, sessionID: String? = nil, decision: String,
        reasons: [String] = [], requestID: String, clientAddress: String? = nil
    ) {
        var detail: [String: String] = [:]
        detail["session_id"] = sessionID
        detail["client_address"] = clientAddress
        self.init(
            id: id, at: at, kind: kind.rawValue, requestID: requestID, organizationID: session.organizationID,
            memberID: session.memberID, connectionID: session.evidence.connectionID, decision: decision, reasons: reasons,
            detail: detail)
    }
}

extension Decision {
    /// A connection may be lent to thousands, each of whom a refusal passes over: at some 60 bytes each, strangers must not
    /// fill the store with them. `explain --event` shows all.
    private static let maximumRecordedReasons = 100

    /// The first reasons and the last, which is the outcome's own.
    fileprivate var recordedReasons: (labels: [String], leftOut: Int) {
        guard reasons.count > Self.maximumRecordedReasons else { return (reasons.map(\.label), 0) }
        let kept = reasons.prefix(Self.maximumRecordedReasons - 1) + reasons.suffix(1)
        return (kept.map(\.label), reasons.count - kept.count)
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
