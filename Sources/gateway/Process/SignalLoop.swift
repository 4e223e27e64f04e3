import UnixSignals

/// Runs until SIGTERM or SIGINT, or until another process has taken over; SIGHUP calls `reload` in between.
enum SignalLoop {
    enum End {
        case stopped
        case handedOver
    }

    private enum Event {
        case reload
        case end(End)
    }

    static func wait(_ signals: UnixSignalsSequence, handedOver: AsyncStream<Void>? = nil, reload: () async -> Void) async -> End {
        let (events, feed) = AsyncStream.makeStream(of: Event.self)
        let watchers = [
            Task { for await signal in signals { feed.yield(signal == .sighup ? .reload : .end(.stopped)) } },
            Task { if let handedOver { for await _ in handedOver { feed.yield(.end(.handedOver)) } } },
        ]
        defer { for watcher in watchers { watcher.cancel() } }
        for await event in events {
            switch event {
            case .reload: await reload()
            case .end(let end): return end
            }
        }
        return .stopped
    }
}
