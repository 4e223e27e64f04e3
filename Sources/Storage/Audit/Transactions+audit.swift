import FoundationEssentials
import Tenancy

extension ReadTransaction {
    public func auditEvent(_ id: String) throws -> AuditEvent? {
        try row("SELECT \(AuditEvent.columns) FROM audit_events WHERE id = $1", [.text(id)]).map(AuditEvent.init)
    }

    public func auditEvents(_ query: AuditQuery) throws -> [AuditEvent] {
        let page: [SQLValue] = [.instant(query.since), .text(query.after ?? ""), .limit(query.limit)]
        let rows =
            switch (query.organizationID, query.memberID) {
            case (nil, nil): try sql.rows(Self.auditSQL(""), page)
            case (let organization?, nil): try sql.rows(Self.auditSQL("organization_id = $4 AND"), page + [.id(organization)])
            case (nil, let member?): try sql.rows(Self.auditSQL("member_id = $4 AND"), page + [.id(member)])
            case (let organization?, let member?):
                try sql.rows(
                    Self.auditSQL("organization_id = $4 AND member_id = $5 AND"), page + [.id(organization), .id(member)])
            }
        return try rows.map(AuditEvent.init)
    }

    private static func auditSQL(_ filter: StaticString) -> String {
        """
        SELECT \(AuditEvent.columns)
        FROM audit_events WHERE \(filter) at >= $1 AND (at > $1 OR id > $2) ORDER BY at, id LIMIT $3
        """
    }
}

extension WriteTransaction {
    public func append(_ event: AuditEvent) throws {
        try sql.execute(
            """
            INSERT INTO audit_events (
                id, at, kind, request_id, organization_id, member_id, connection_id, decision, reasons, detail)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
            [
                .text(event.id), .instant(event.at), .text(event.kind), .text(event.requestID), .id(event.organizationID),
                .id(event.memberID), .id(event.connectionID), .text(event.decision), .text(StoredJSON.text(event.reasons)),
                .text(event.detail.isEmpty ? "{}" : try StoredJSON.text(event.detail)),
            ])
        record(event)
    }

    /// Clears away up to `limit` events from before `instant`, oldest first. Returns how many went.
    public func deleteAuditEvents(before instant: Instant, limit: Int) throws -> Int {
        try sql.execute(
            """
            DELETE FROM audit_events WHERE id IN (
                SELECT id FROM audit_events WHERE at < $1 ORDER BY at, id LIMIT $2)
            """,
            [.instant(instant), .limit(limit)])
    }
}

extension AuditEvent {
    fileprivate static let columns =
        "id, at, kind, request_id, organization_id, member_id, connection_id, decision, reasons, detail"

    fileprivate init(_ row: SQLRow) throws {
        self.init(
            id: try row.text(0), at: try row.instant(1), kind: try row.text(2), requestID: try row.text(3),
            organizationID: try row.optionalText(4).map { OrganizationID($0) },
            memberID: try row.optionalText(5).map { MemberID($0) },
            connectionID: try row.optionalText(6).map { ConnectionID($0) }, decision: try row.text(7),
            reasons: try row.strings(8), detail: try row.text(9) == "{}" ? [:] : row.json(9))
    }
}
