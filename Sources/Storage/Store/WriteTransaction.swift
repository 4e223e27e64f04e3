/// A change to the store: all of it is committed, or, when the closure throws, none.
/// Valid only inside the closure that received it.
public final class WriteTransaction: ReadTransaction {
    /// Announced after the commit.
    private(set) var changes: Set<Change> = []

    /// Audit events, in the order in which they were appended; announced after the commit.
    private(set) var events: [AuditEvent] = []

    func record(_ change: Change) { changes.insert(change) }
    func record(_ event: AuditEvent) { events.append(event) }
}
