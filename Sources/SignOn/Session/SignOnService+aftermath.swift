import Storage
import Tenancy

extension SignOnService {
    /// - Parameter requestID: of the request whose look-up found it; empty for none.
    func note(_ finding: SessionAftermath.Finding, requestID: String) {
        aftermath.note(SessionAftermath.Entry(finding: finding, requestID: requestID)) { [self] in await writeAftermath() }
    }

    /// Returns when the ends and role changes that look-ups have found are in the store. Call it before a stop.
    public func settle() async { await aftermath.settle() }

    private func writeAftermath() async {
        while true {
            let entries = aftermath.take()
            if entries.isEmpty { return }
            let events = entries.map { ($0, makeEventID()) }
            let now = clock()
            do {
                try await store.write { transaction in
                    for (entry, id) in events { try Self.write(entry, id: id, at: now, in: transaction) }
                }
            } catch {
                logger.error("session changes could not be written", metadata: ["error": "\(unavailable(error))"])
            }
        }
    }

    /// Whoever finds the same at the same time, in this process or another, finds it written: one event.
    private static func write(
        _ entry: SessionAftermath.Entry, id: String, at now: Instant, in transaction: WriteTransaction
    ) throws {
        switch entry.finding {
        case .ended(let session, let ending):
            // What no longer stands is taken out, so that it stays ended whatever comes back later.
            guard try transaction.deleteSession(session.tokenHash) else { return }
            try transaction.append(
                .sessionEnd(id: id, at: now, ending: ending, session: session, requestID: entry.requestID))
        case .roles(let session, let roles):
            guard try transaction.setSessionRoles(session.tokenHash, roles), let earlier = session.roles else { return }
            try transaction.append(
                .rolesChanged(id: id, at: now, session: session, from: earlier, to: roles, requestID: entry.requestID))
        }
    }
}
