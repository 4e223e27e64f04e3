import Logging
import Storage

extension AuditEvent {
    /// The event as one log line: flat, and empty where nothing is known.
    public var logMetadata: Logger.Metadata {
        var metadata: Logger.Metadata = [
            "event": "\(id)", "kind": "\(kind)", "request_id": "\(requestID)", "decision": "\(decision)",
            "organization_id": "\(organizationID?.rawValue ?? "")", "member_id": "\(memberID?.rawValue ?? "")",
            "connection_id": "\(connectionID?.rawValue ?? "")", "reasons": "\(reasons.joined(separator: "; "))",
        ]
        for (name, value) in detail { metadata["detail_" + name] = "\(value)" }
        return metadata
    }
}
