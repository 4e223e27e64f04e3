import NIOCore

/// A WebSocket: after the 101, bytes go both ways as they come, each direction at the pace of whoever takes
/// it, until both have ended, nothing moves for too long, or the session ends.
extension Exchange {
    func switched(_ head: ResponseHead, _ bytes: ByteView) -> Bool {
        guard let transport, transport.beginTunnel(head, bytes) else { return false }
        request.status = head.status
        request.response = .body
        request.record?.noteResponse()
        phase = .tunneling(TunnelEnds())
        setDeadline(upstreamIdleTimeout)
        transport.resumeBody()
        return true
    }

    /// Both directions have ended: what is written goes out, and that is all.
    private func finishTunnel() {
        upstream?.closeTunnelAfterWrites()
        upstream = nil
        finish()
    }

    // MARK: From the client

    /// `pauseBody` follows.
    func tunnelSent(_ data: ByteBuffer) {
        guard case .tunneling = phase, let upstream else { return }
        request.bytesIn += data.readableBytes
        setDeadline(upstreamIdleTimeout)
        upstream.writeTunnel(data)
    }

    /// The client sends nothing more.
    func tunnelOutputEnded() {
        guard case .tunneling(var ends) = phase, !ends.client else { return }
        ends.client = true
        phase = .tunneling(ends)
        upstream?.endTunnelOutput()
        if ends.upstream { finishTunnel() }
    }

    // MARK: From the upstream

    func tunnelReceived(_ data: ByteBuffer) {
        guard case .tunneling = phase else { return }
        request.bytesOut += data.readableBytes
        setDeadline(upstreamIdleTimeout)
        transport?.sendTunnel(data)
    }

    func tunnelInputEnded() {
        guard case .tunneling(var ends) = phase, !ends.upstream else { return }
        ends.upstream = true
        phase = .tunneling(ends)
        transport?.endTunnel()
        if ends.client { finishTunnel() }
    }

    func tunnelClosed() {
        upstream = nil
        guard case .tunneling = phase else { return }
        finish()
    }
}
