import NIOCore

extension Exchange {
    // A route may have a patience of its own.
    var upstreamResponseTimeout: Int64 { request.route?.responseTimeout ?? loop.times.upstreamResponse }
    var upstreamIdleTimeout: Int64 { request.route?.idleTimeout ?? loop.times.upstreamBodyIdle }

    /// Opens a connection for the head in `request.outgoing`.
    func connect(to pool: UpstreamPool) {
        let timeout = request.route?.connectTimeout ?? loop.times.upstreamConnect
        setDeadline(timeout + upstreamResponseTimeout)
        request.awaited = pool
        pool.connect(for: self, timeout: timeout)
    }

    /// Sends the head that `transport.request` holds.
    func send(on transport: UpstreamTransport) {
        upstream = transport
        request.outgoing = nil
        request.awaited = nil
        request.record?.noteSent(to: transport.pool.target)
        // A body is flushed with what there is of it.
        setDeadline(request.bodyIsComplete ? upstreamResponseTimeout : loop.times.bodyIdle)
        transport.begin(
            for: self, isHead: request.isHead, isWhole: request.bodyIsComplete,
            keepsTrailers: request.route?.route.keepsTrailers ?? false, webSocketAccept: request.webSocketAccept)
    }

    // MARK: Request body

    /// A piece of the body. Only while `bodyUse` is `take`; `pauseBody` follows what one read has brought.
    func receiveBody(_ data: ByteBuffer) {
        request.bodyBytes += data.readableBytes
        request.bytesIn += data.readableBytes
        switch phase {
        case .forwarding:
            guard let upstream else { return }
            if let limit = loop.settings.limits.maximumBodyBytes, request.bytesIn > limit { return failBody(.bodyTooLarge) }
            upstream.writeBody(data, request.framing)
        case .collecting: collect(data)
        case .idle, .deciding, .answering, .tunneling, .ended: break
        }
    }

    /// The body is complete. Only while `bodyUse` is `take`. `trailers`: raw field lines after it.
    func endBody(trailers: [UInt8] = []) {
        request.bodyIsComplete = true
        switch phase {
        case .forwarding:
            guard let upstream else { return }
            let keeps = !trailers.isEmpty && request.route?.route.keepsTrailers == true
            upstream.endBody(request.framing, trailers: keeps ? loop.reader.keptTrailers(trailers) : [])
            setDeadline(responseDeadline)
        case .collecting(let collection): ask(collection.request.with(body: collection.body))
        case .idle, .deciding, .answering, .tunneling, .ended: break
        }
    }

    /// All that has arrived for now was handed over.
    func pauseBody() {
        guard isWithUpstream, let upstream else { return }
        upstream.flush()
        guard self.upstream === upstream, !upstream.takesMore else { return }
        transport?.holdReads()
    }

    /// How long nothing may come of the body. Once both sides are talking over HTTP/2, either may be silent.
    var bodyPatience: Int64 {
        guard case .body = request.response, let upstream, upstream.isLongLived else { return loop.times.bodyIdle }
        return max(loop.times.bodyIdle, upstreamIdleTimeout)
    }

    /// The body is not one. The upstream must not take the truncated one for whole.
    func failBody(_ refusal: Refusal) {
        if case .none = request.response { refuse(refusal) } else { cut() }
    }

    private var isWithUpstream: Bool {
        switch phase {
        case .forwarding, .tunneling: true
        case .idle, .deciding, .collecting, .answering, .ended: false
        }
    }

    /// The upstream failed before its response began: a page says so.
    func failUpstream(_ purpose: LocalRequest.Purpose) {
        let sent = upstream?.request ?? request.outgoing
        if let upstream {
            self.upstream = nil
            upstream.abandonUnanswered()
        }
        request.outgoing = nil
        request.awaited = nil
        request.identity = nil
        let refusal: Refusal = purpose == .gatewayTimeout ? .gatewayTimeout : purpose == .unavailable ? .overloaded : .badGateway
        guard let page = sent.flatMap({ makeLocalRequest(sent: $0, purpose) }) else { return refuse(refusal) }
        note(refusal)
        ask(page)
    }
}

extension Exchange: ResponseReceiver {
    func wantsUpstream(of pool: UpstreamPool) -> Bool {
        if case .forwarding = phase { upstream == nil && request.outgoing != nil && request.awaited === pool } else { false }
    }

    var takesMore: Bool { transport?.takesMore ?? false }

    func upstreamOpened(_ upstream: UpstreamTransport) {
        guard let outgoing = request.outgoing else { return upstream.discard() }
        upstream.request = outgoing
        send(on: upstream)
        transport?.resumeBody()
    }

    func upstreamUnreachable(_ failure: UpstreamPool.Failure, _ pool: UpstreamPool) {
        guard wantsUpstream(of: pool), let route = request.route else { return }
        switch failure {
        case .full:
            failUpstream(.unavailable)
        case .notOpened:
            // The route's other upstreams are tried, each once.
            request.unreachable.append(pool)
            guard let other = loop.choosePool(route, excluding: request.unreachable) else { return failUpstream(.badGateway) }
            connect(to: other)
        }
    }

    func upstreamWritable() {
        guard let transport, transport.holdsReads else { return }
        switch phase {
        case .forwarding:
            guard !request.bodyIsComplete else { return }
            setDeadline(bodyPatience)
        case .tunneling: setDeadline(upstreamIdleTimeout)
        case .idle, .deciding, .collecting, .answering, .ended: return
        }
        transport.releaseReads()
    }

    /// The client takes more of the response again.
    func clientWritable() {
        guard isWithUpstream, let upstream else { return }
        setDeadline(upstreamIdleTimeout)
        upstream.releaseReads()
    }

    func upstreamFailed(_ failure: UpstreamFailure, _ failed: UpstreamTransport) {
        guard upstream === failed else { return }
        guard case .none = request.response else {
            upstream = nil
            // What did arrive is passed on, without an end.
            transport?.flush()
            return cut()
        }
        guard let pool = poolToRepeat(failure, failed) else { return failUpstream(failure == .refused ? .unavailable : .badGateway) }
        request.wasRepeated = true
        request.outgoing = failed.request
        upstream = nil
        connect(to: pool)
    }

    /// Where a request that `failed` has left unanswered may be sent once more. An unused connection that
    /// the upstream has just closed says nothing about the upstream; a fresh one does, and the next attempt
    /// is another's.
    private func poolToRepeat(_ failure: UpstreamFailure, _ failed: UpstreamTransport) -> UpstreamPool? {
        guard !request.wasRepeated, let route = request.route else { return nil }
        switch failure {
        case .broken: return nil
        case .refused: guard isUnsent else { return nil }
        case .closedBeforeResponse:
            guard request.isRepeatable else { return nil }
            if !failed.wasUsedBefore { request.unreachable.append(failed.pool) }
        }
        return loop.choosePool(route, excluding: request.unreachable)
    }

    /// Nothing but the head was sent, which is still there: whatever the method, it can be sent once more.
    private var isUnsent: Bool { request.bytesIn == 0 && !(request.bodyIsComplete && request.framing == .chunked) }

    func interimHead(_ head: ResponseHead, _ bytes: ByteView) { transport?.sendInterim(head, bytes) }

    func responseHead(_ head: ResponseHead, _ bytes: ByteView, _ framing: BodyFraming) -> Bool {
        request.route?.responseRules?.apply(to: loop.responseFields, bytes)
        guard let transport, transport.sendHead(head, bytes, framing) else { return false }
        request.status = head.status
        request.response = .body
        request.record?.noteResponse()
        setDeadline(upstreamIdleTimeout)
        return true
    }

    func responseBody(_ data: ByteBuffer) {
        guard case .body = request.response else { return }
        request.bytesOut += data.readableBytes
        transport?.sendBody(data)
    }

    func responseTrailers(_ lines: [UInt8]) { transport?.sendTrailers(lines) }

    func responsePause() {
        guard let transport else { return }
        transport.flush()
        guard isWithUpstream, let upstream else { return }
        if case .tunneling = phase {
            if !transport.takesMore { upstream.holdReads() }
        } else if transport.takesMore {
            setDeadline(request.bodyIsComplete ? responseDeadline : bodyPatience)
        } else {
            setDeadline(loop.times.bodyIdle)
            upstream.holdReads()
        }
    }

    private var responseDeadline: Int64 {
        if case .none = request.response { upstreamResponseTimeout } else { upstreamIdleTimeout }
    }

    func responseEnd() {
        upstream = nil
        transport?.sendEnd()
        request.response = .complete
        transport?.flush()
        guard case .forwarding = phase else { return }
        finish()
    }
}
