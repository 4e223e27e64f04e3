import Storage
import Synchronization

/// A one-time record that a callback works with, to be taken when it lands.
struct TakenRecord: Hashable, Sendable {
    var purpose: OneTimeRecord.Purpose
    var idHash: TokenHash
}

/// The records that callbacks of this process work with at the moment: the same answer of an IdP, sent twice at once, must
/// not be redeemed twice. As many as there are such requests.
final class RecordsUnderWay: Sendable {
    private let records = Mutex<Set<TakenRecord>>([])

    /// Returns `false` when somebody else works with it.
    func begin(_ record: TakenRecord) -> Bool { records.withLock { $0.insert(record).inserted } }

    func end(_ record: TakenRecord) { records.withLock { _ = $0.remove(record) } }
}
