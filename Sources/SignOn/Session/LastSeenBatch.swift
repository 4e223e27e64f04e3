import Storage
import Synchronization
import Tenancy

/// When sessions and sign-ins were last used, gathered so that use costs no write of its own.
final class LastSeenBatch: Sendable {
    /// Beyond so many sessions a batch is written early. About 160 bytes each.
    static let maximumEntries = 100_000

    struct Uses: Sendable {
        var sessions: [TokenHash: Instant] = [:]
        var signIns: [TokenHash: Instant] = [:]

        var isEmpty: Bool { sessions.isEmpty && signIns.isEmpty }
    }

    private struct State {
        var gathered = Uses()
        /// On the way to the store: still the only place where these uses can be read.
        var leaving = Uses()
    }

    private let state = Mutex(State())

    /// `true` when the batch is full and should be written now.
    func note(session: TokenHash?, signIn: TokenHash?, at instant: Instant) -> Bool {
        state.withLock { state in
            // Never back, as in the store: a clock that jumps must not make anything look unused.
            if let session { state.gathered.sessions[session] = max(instant, state.gathered.sessions[session] ?? instant) }
            if let signIn { state.gathered.signIns[signIn] = max(instant, state.gathered.signIns[signIn] ?? instant) }
            return state.gathered.sessions.count >= Self.maximumEntries || state.gathered.signIns.count >= Self.maximumEntries
        }
    }

    /// The last use of a session or sign-in that the store does not know of yet.
    func latest(_ hash: TokenHash) -> Instant? {
        state.withLock { state in
            state.gathered.sessions[hash] ?? state.gathered.signIns[hash] ?? state.leaving.sessions[hash]
                ?? state.leaving.signIns[hash]
        }
    }

    /// What is to be written; `written` afterwards, whether or not it could be.
    func take() -> Uses {
        state.withLock { state in
            let uses = state.gathered
            state.leaving.sessions.merge(uses.sessions, uniquingKeysWith: max)
            state.leaving.signIns.merge(uses.signIns, uniquingKeysWith: max)
            state.gathered = Uses()
            return uses
        }
    }

    func written() { state.withLock { $0.leaving = Uses() } }
}
