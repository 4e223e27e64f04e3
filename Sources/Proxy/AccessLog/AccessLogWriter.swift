import NIOPosix
import Synchronization

/// Writes the lines of all loops, on a thread of its own. Whoever reads the log may be slow: what does not
/// fit into `maximumPendingBytes` is dropped, and a line says how much it was.
final class AccessLogWriter: Sendable {
    static let maximumPendingBytes = 8 * 1024 * 1024

    private struct State {
        var pending: [[UInt8]] = []
        var bytes = 0
        var dropped = 0
        var isWriting = false
        /// Wait until everything is written.
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let write: @Sendable ([UInt8]) -> Void
    private let thread = NIOThreadPool(numberOfThreads: 1)
    /// Held for moments: once a batch by a loop, once a batch by the writer, never while it writes.
    private let state = Mutex(State())

    init(write: @escaping @Sendable ([UInt8]) -> Void) { self.write = write }

    func start() { thread.start() }

    func take(_ batch: [UInt8], lines: Int) {
        let starts = state.withLock { state in
            guard state.bytes + batch.count <= Self.maximumPendingBytes else {
                state.dropped += lines
                return false
            }
            state.pending.append(batch)
            state.bytes += batch.count
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if starts { thread.submit { [self] _ in writePending() } }
    }

    private func writePending() {
        while true {
            let (batches, dropped) = state.withLock { state in
                let taken = (state.pending, state.dropped)
                state.pending = []
                state.dropped = 0
                return taken
            }
            if batches.isEmpty, dropped == 0 {
                if endWriting() { return }
                continue
            }
            for batch in batches {
                write(batch)
                state.withLock { $0.bytes -= batch.count }
            }
            if dropped > 0 {
                write(Array("{\"level\":\"warning\",\"message\":\"access log lines dropped\",\"count\":\(dropped)}\n".utf8))
            }
        }
    }

    /// False: something has come meanwhile.
    private func endWriting() -> Bool {
        let waiting: [CheckedContinuation<Void, Never>]? = state.withLock { state in
            guard state.pending.isEmpty, state.dropped == 0 else { return nil }
            state.isWriting = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for waiter in waiting ?? [] { waiter.resume() }
        return waiting != nil
    }

    /// Returns once everything that was taken is written.
    func shutDown() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if state.isWriting { state.waiting.append(continuation) }
                return !state.isWriting
            }
            if isIdle { continuation.resume() }
        }
        try? await thread.shutdownGracefully()
    }
}
