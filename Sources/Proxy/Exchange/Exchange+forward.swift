import NIOCore

extension Exchange {
    // A route may have a patience of its own.
    var upstreamResponseTimeout: Int64 { request.route?.responseTimeout ?? loop.times.upstreamResponse }
    var upstreamIdleTimeout: Int64 { request.route?.idleTimeout ?? loop.times.upstreamBodyIdle }

    /// Opens a connection for the head in `request.outgoing`.
    func connect(to pool: UpstreamPool) {
        let timeout = request.route?.connectTimeout ?? loop.times.upstreamConnect
        setDeadline(timeout + upstreamResponseTimeout)
        pool.connect(for: self, timeout: timeout)
    }

    /// Sends the head that `connection.request` holds.
    func send(on connection: UpstreamConnection) {
        upstream = connection
        request.outgoing = nil
        request.record?.noteSent(to: connection.pool.target)
        // A body is flushed with what there is of it.
        setDeadline(request.bodyIsComplete ? upstreamResponseTimeout : loop.times.bodyIdle)
        connection.begin(
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
            if request.framing == .chunked { writeChunk(data, to: upstream) } else { upstream.write(data) }
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
            if request.framing == .chunked { upstream.write(lastChunk(trailers)) }
            upstream.requestIsComplete = true
            setDeadline(upstreamResponseTimeout)
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

    /// The body is not one. The upstream must not take the truncated one for whole.
    func failBody(_ refusal: Refusal) {
        if case .none = request.response { refuse(refusal) } else { cut() }
    }

    private func lastChunk(_ trailers: [UInt8]) -> ByteBuffer {
        guard !trailers.isEmpty, request.route?.route.keepsTrailers == true else { return Self.lastChunk }
        var buffer = ByteBuffer(staticString: "0\r\n")
        buffer.writeBytes(loop.reader.keptTrailers(trailers))
        buffer.writeStaticString("\r\n")
        return buffer
    }

    private var isWithUpstream: Bool {
        switch phase {
        case .forwarding, .tunneling: true
        case .idle, .deciding, .collecting, .answering, .ended: false
        }
    }

    private static let lastChunk = ByteBuffer(staticString: "0\r\n\r\n")
    private static let lineEnd = ByteBuffer(staticString: "\r\n")

    private func writeChunk(_ data: ByteBuffer, to connection: UpstreamConnection) {
        var size = ByteBuffer()
        size.writeString(String(data.readableBytes, radix: 16))
        size.writeStaticString("\r\n")
        connection.write(size)
        connection.write(data)
        connection.write(Self.lineEnd)
    }

    /// The upstream failed before its response began: a page says so.
    func failUpstream(_ purpose: LocalRequest.Purpose) {
        let sent = upstream?.request ?? request.outgoing
        if let upstream {
            self.upstream = nil
            upstream.abandonUnanswered()
        }
        request.outgoing = nil
        request.identity = nil
        let refusal: Refusal = purpose == .gatewayTimeout ? .gatewayTimeout : purpose == .unavailable ? .overloaded : .badGateway
        guard let page = sent.flatMap({ makeLocalRequest(sent: $0, purpose) }) else { return refuse(refusal) }
        note(refusal)
        ask(page)
    }
}

extension Exchange: ResponseReceiver {
    var wantsUpstream: Bool {
        if case .forwarding = phase { upstream == nil && request.outgoing != nil } else { false }
    }

    var takesMore: Bool { transport?.takesMore ?? false }

    func upstreamOpened(_ connection: UpstreamConnection) {
        guard let outgoing = request.outgoing else { return connection.discard() }
        connection.request = outgoing
        send(on: connection)
        transport?.resumeBody()
    }

    func upstreamUnreachable(_ failure: UpstreamPool.Failure, _ pool: UpstreamPool) {
        guard wantsUpstream, let route = request.route else { return }
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
            setDeadline(loop.times.bodyIdle)
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

    func upstreamFailed(_ failure: UpstreamConnection.Failure, _ connection: UpstreamConnection) {
        guard upstream === connection else { return }
        guard case .none = request.response else {
            upstream = nil
            // What did arrive is passed on, without an end.
            transport?.flush()
            return cut()
        }
        guard failure == .closedBeforeResponse, let pool = poolToRepeat(connection) else { return failUpstream(.badGateway) }
        request.wasRepeated = true
        request.outgoing = connection.request
        upstream = nil
        connect(to: pool)
    }

    /// Where a request that `connection` has left unanswered may be sent once more. An unused connection that
    /// the upstream has just closed says nothing about the upstream; a fresh one does, and the next attempt
    /// is another's.
    private func poolToRepeat(_ connection: UpstreamConnection) -> UpstreamPool? {
        guard request.isRepeatable, !request.wasRepeated, let route = request.route else { return nil }
        if !connection.wasUsedBefore { request.unreachable.append(connection.pool) }
        return loop.choosePool(route, excluding: request.unreachable)
    }

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
            setDeadline(request.bodyIsComplete ? responseDeadline : loop.times.bodyIdle)
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
