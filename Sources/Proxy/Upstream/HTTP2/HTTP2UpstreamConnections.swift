import NIOCore

/// The HTTP/2 connections of one pool, and who waits for a stream of one. Confined to its loop.
final class HTTP2UpstreamConnections {
    private struct Waiter {
        let receiver: any ResponseReceiver
        /// For opening a connection, in milliseconds.
        let timeout: Int64
    }

    private unowned let pool: UpstreamPool
    private let loop: LoopState
    /// Those that take new streams, the oldest first: it is filled before the next, so that the last ones can
    /// become idle and go.
    private var open: [HTTP2UpstreamConnection] = []
    private var waiting = CircularBuffer<Waiter>()
    /// One at a time: a burst needs few connections, and a stream that ends serves the next as well.
    private var isDialing = false

    init(pool: UpstreamPool, loop: LoopState) {
        self.pool = pool
        self.loop = loop
    }

    var isEmpty: Bool { open.isEmpty && !isDialing }

    /// Opens a stream, on a connection that there is or on a new one. `receiver`, which counts as busy already,
    /// hears of it later.
    func openStream(for receiver: any ResponseReceiver, timeout: Int64) {
        waiting.append(Waiter(receiver: receiver, timeout: timeout))
        serve()
    }

    /// Serves who waits, as far as there are streams, and gets a connection for the others.
    func serve() {
        while let first = waiting.first {
            guard let connection = open.first(where: \.hasFreeStream) else { return dial(first.timeout) }
            waiting.removeFirst()
            guard first.receiver.wantsUpstream(of: pool) else {
                pool.lost()
                continue
            }
            connection.openStream { self.opened($0, for: first) }
        }
    }

    private func opened(_ stream: HTTP2UpstreamStream?, for waiter: Waiter) {
        guard let stream else {
            // The connection has just gone, and with it the place that was counted.
            pool.took()
            waiting.prepend(waiter)
            return serve()
        }
        guard waiter.receiver.wantsUpstream(of: pool) else { return stream.discard() }
        waiter.receiver.upstreamOpened(.stream(stream))
    }

    // MARK: Connections

    private func dial(_ timeout: Int64) {
        guard !isDialing else { return }
        isDialing = true
        let loop = self.loop
        let pool = self.pool
        pool.dial(
            timeout: timeout, makeHandler: { HTTP2UpstreamConnection(pool: pool, loop: loop) },
            end: { result in
                switch result {
                case .success(let connection):
                    connection.whenReady(within: .milliseconds(timeout)) { isReady in self.dialed(isReady ? connection : nil, .http2) }
                case .failure(let failure): self.dialed(nil, failure)
                }
            })
    }

    private func dialed(_ connection: HTTP2UpstreamConnection?, _ failure: DialFailure) {
        isDialing = false
        if let connection, connection.hasFreeStream {
            open.append(connection)
            return serve()
        }
        connection?.close()
        pool.noteUnreachable(failure)
        // Who waits for one of many streams goes on waiting; a stream that ends serves them.
        guard open.isEmpty else { return }
        let failed = waiting
        waiting = CircularBuffer()
        for waiter in failed {
            pool.lost()
            waiter.receiver.upstreamUnreachable(.notOpened(failure), pool)
        }
    }

    /// It takes no new streams any more.
    func remove(_ connection: HTTP2UpstreamConnection) {
        guard let index = open.firstIndex(where: { $0 === connection }) else { return }
        open.remove(at: index)
        // Not at once: whoever closes it may be in the middle of something.
        if !waiting.isEmpty {
            let pool = self.pool
            loop.eventLoop.assumeIsolated().execute { pool.streamsAllowed() }
        }
    }

    // MARK: Time

    /// Closes what has been unused since before `limit`, and forgets who has gone meanwhile.
    func expire(idleSince limit: Int64) {
        for connection in open where connection.isIdle && connection.idleSince <= limit { connection.close() }
        guard waiting.contains(where: { !isWanted($0) }) else { return }
        let left = waiting.filter(isWanted)
        for _ in left.count..<waiting.count { pool.lost() }
        waiting = CircularBuffer(left)
    }

    private func isWanted(_ waiter: Waiter) -> Bool { waiter.receiver.wantsUpstream(of: pool) }

    func closeIdle() {
        for connection in open where connection.isIdle { connection.close() }
    }
}
