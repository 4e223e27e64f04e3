import Storage
import Synchronization
import Tenancy

/// When sessions were last used, gathered so that use costs no write of its own.
final class LastSeenBatch: Sendable {
    /// Beyond this a batch is written early. About 80 bytes each.
    static let maximumEntries = 100_000

    private let entries = Mutex<[TokenHash: Instant]>([:])

    /// `true` when the batch is full and should be written now.
    func note(_ session: TokenHash, at instant: Instant) -> Bool {
        entries.withLock { entries in
            entries[session] = instant
            return entries.count >= Self.maximumEntries
        }
    }

    func take() -> [TokenHash: Instant] {
        entries.withLock { entries in
            defer { entries = [:] }
            return entries
        }
    }
}
