import SignOn
import Storage
import Tenancy

/// One audit event as one line.
enum AuditLine {
    private struct Entry: Encodable {
        var id: String
        var at: String
        var kind: String
        var request_id: String?
        var organization_id: String?
        var organization: String?
        var member_id: String?
        var member: String?
        var connection_id: String?
        var connection: String?
        var decision: String
        var reasons: [String]
        var detail: [String: String]
    }

    /// Ids as they are, and names beside them.
    static func json(_ event: AuditEvent, _ names: Names) throws -> String {
        try JSONLine.text(
            Entry(
                id: event.id, at: InstantText.text(event.at), kind: event.kind,
                request_id: event.requestID.isEmpty ? nil : event.requestID, organization_id: event.organizationID?.rawValue,
                organization: try event.organizationID.map(names.organization), member_id: event.memberID?.rawValue,
                member: try event.memberID.map(names.member), connection_id: event.connectionID?.rawValue,
                connection: try event.connectionID.map(names.connection), decision: event.decision, reasons: event.reasons,
                detail: event.detail))
    }

    /// When, what, who, where, why, and the id to ask `gateway explain` about.
    static func text(_ event: AuditEvent, _ names: Names) throws -> String {
        var parts = [InstantText.text(event.at), event.kind, try names.named(event.decision)]
        if let member = try event.memberID.map(names.member) ?? event.detail["email"], !member.isEmpty { parts.append(member) }
        if let organization = try event.organizationID.map(names.organization) { parts.append("in " + organization) }
        if let connection = try event.connectionID.map(names.connection) { parts.append("through " + connection) }
        for name in ["act", "actor", "step", "created", "changed", "disabled", "problems"] {
            if let value = event.detail[name] { parts.append("\(name)=\(value)") }
        }
        let reasons = try event.reasons.map(names.named)
        if !reasons.isEmpty { parts.append("(" + reasons.joined(separator: "; ") + ")") }
        parts.append(event.id)
        return Terminal.shown(parts.joined(separator: "  "))
    }
}
