import NIOCore

/// What follows a 101: bytes that mean nothing here.
extension UpstreamConnection {
    func beginTunnel(_ buffer: inout ByteBuffer) {
        state = .tunnel
        // Either direction may end before the other.
        try? context?.channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
        if buffer.readableBytes > 0 { receiver?.tunnelReceived(buffer) }
    }

    /// Ends a tunnel once what was written is sent, within the patience for a peer that does not read.
    func closeAfterWrites() {
        receiver = nil
        guard let context, ((try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0) > 0 else { return close() }
        context.close(mode: .output, promise: nil)
        loop.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(loop.times.bodyIdle)) { [weak self] in self?.close() }
    }

    /// Nothing more is sent.
    func endOutput() { context?.close(mode: .output, promise: nil) }
}
