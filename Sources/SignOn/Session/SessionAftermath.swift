import Storage
import Synchronization
import Tenancy

/// What a look at a session found that has to be written: gathered, so that a thousand sessions that end in
/// one moment cost a few transactions, and no request waits for them.
///
/// Nothing is lost with the process: until it is written, the next look finds the same.
final class SessionAftermath: Sendable {
    enum Finding: Sendable {
        case ended(StoredSession, SessionEndCause)
        /// The roles of a refresh that differ from those noted before.
        case roles(StoredSession, Set<RoleID>)
    }

    /// A finding, and the request that brought it about.
    struct Entry: Sendable {
        var finding: Finding
        /// Empty: no request did.
        var requestID: String
    }

    /// Further ones wait for the next look. About 2 KiB each.
    static let maximumEntries = 20_000

    private struct State {
        var entries: [TokenHash: Entry] = [:]
        var writer: Task<Void, Never>?
    }

    private let state = Mutex(State())

    /// The latest entry about a session counts. `write` runs in a task of its own unless one is at work.
    func note(_ entry: Entry, write: @escaping @Sendable () async -> Void) {
        let hash =
            switch entry.finding {
            case .ended(let session, _), .roles(let session, _): session.tokenHash
            }
        state.withLock { state in
            guard state.entries.count < Self.maximumEntries else { return }
            state.entries[hash] = entry
            if state.writer == nil { state.writer = Task { await write() } }
        }
    }

    /// Empty: the writer is done, and the next finding starts another.
    func take() -> [Entry] {
        state.withLock { state in
            if state.entries.isEmpty { state.writer = nil }
            defer { state.entries = [:] }
            return Array(state.entries.values)
        }
    }

    /// Returns when everything noted before has been written.
    func settle() async {
        while let writer = state.withLock({ $0.writer }) { await writer.value }
    }
}

/// Why a session stands no more.
enum SessionEndCause: Sendable {
    case idle
    /// Its absolute limit.
    case lifetime
    case refused(Decision)

    var label: String {
        switch self {
        case .idle: "ended_idle"
        case .lifetime: "ended_lifetime"
        case .refused(let decision): decision.outcome.label
        }
    }

    var reasons: [String] {
        switch self {
        case .idle, .lifetime: []
        case .refused(let decision): decision.reasons.map(\.label)
        }
    }
}
