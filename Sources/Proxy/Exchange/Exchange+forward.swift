import NIOCore

extension Exchange {
    /// Sends the head that `connection.request` holds.
    func send(on connection: UpstreamConnection) {
        upstream = connection
        request.outgoing = nil
        connection.begin(for: self, isHead: request.isHead)
        if request.bodyIsComplete {
            connection.requestIsComplete = true
            setDeadline(loop.times.upstreamResponse)
            connection.flush()
        } else {
            // Flushed with what there is of the body.
            setDeadline(loop.times.bodyIdle)
        }
    }

    // MARK: Request body

    /// A piece of the body. Only while `bodyUse` is `take`; `pauseBody` follows what one read has brought.
    func receiveBody(_ data: ByteBuffer) {
        request.bodyBytes += data.readableBytes
        switch phase {
        case .forwarding:
            guard let upstream else { return }
            if request.framing == .chunked { writeChunk(data, to: upstream) } else { upstream.write(data) }
        case .collecting: collect(data)
        case .idle, .deciding, .answering, .ended: break
        }
    }

    /// The body is complete. Only while `bodyUse` is `take`.
    func endBody() {
        request.bodyIsComplete = true
        switch phase {
        case .forwarding:
            guard let upstream else { return }
            if request.framing == .chunked { upstream.write(Self.lastChunk) }
            upstream.requestIsComplete = true
            setDeadline(loop.times.upstreamResponse)
        case .collecting(let collection): ask(collection.request.with(body: collection.body))
        case .idle, .deciding, .answering, .ended: break
        }
    }

    /// All that has arrived for now was handed over.
    func pauseBody() {
        guard case .forwarding = phase, let upstream else { return }
        upstream.flush()
        guard self.upstream === upstream, !upstream.takesMore else { return }
        transport?.holdReads()
    }

    /// The body is not one. The upstream must not take the truncated one for whole.
    func failBody(_ refusal: Refusal) {
        if case .none = request.response { refuse(refusal) } else { cut() }
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
        abandonUpstream()
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

    func upstreamUnreachable(_ failure: UpstreamPool.Failure) {
        guard wantsUpstream, let route = request.route else { return }
        switch failure {
        case .full:
            failUpstream(.unavailable)
        case .couldNotConnect:
            // The route's other upstreams are tried, each once.
            for index in route.upstreamIndices where index < loop.pools.count {
                let address = loop.pools[index].address
                guard !request.unreachable.contains(address), loop.pools[index].isAvoided(now: loop.now) else { continue }
                request.unreachable.append(address)
            }
            guard let pool = choosePool(route) else { return failUpstream(.badGateway) }
            pool.connect(for: self)
        }
    }

    func upstreamWritable() {
        guard case .forwarding = phase, let transport, transport.holdsReads, !request.bodyIsComplete else { return }
        setDeadline(loop.times.bodyIdle)
        transport.releaseReads()
    }

    /// The client takes more of the response again.
    func clientWritable() {
        guard case .forwarding = phase, let upstream else { return }
        setDeadline(loop.times.upstreamBodyIdle)
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
        // An unused connection that the upstream has just closed says nothing about the upstream.
        if failure == .closedBeforeResponse, connection.wasUsedBefore, request.isRepeatable, !request.wasRepeated,
            let route = request.route, let pool = choosePool(route)
        {
            request.wasRepeated = true
            request.outgoing = connection.request
            upstream = nil
            pool.connect(for: self)
            return
        }
        failUpstream(.badGateway)
    }

    func interimHead(_ head: ResponseHead, _ bytes: ByteView) { transport?.sendInterim(head, bytes) }

    func responseHead(_ head: ResponseHead, _ bytes: ByteView, _ framing: BodyFraming) -> Bool {
        guard let transport, transport.sendHead(head, bytes, framing) else { return false }
        request.response = .body
        setDeadline(loop.times.upstreamBodyIdle)
        return true
    }

    func responseBody(_ data: ByteBuffer) {
        guard case .body = request.response else { return }
        transport?.sendBody(data)
    }

    func responsePause() {
        guard let transport else { return }
        transport.flush()
        guard case .forwarding = phase, let upstream else { return }
        if transport.takesMore {
            setDeadline(request.bodyIsComplete ? responseDeadline : loop.times.bodyIdle)
        } else {
            setDeadline(loop.times.bodyIdle)
            upstream.holdReads()
        }
    }

    private var responseDeadline: Int64 {
        if case .none = request.response { loop.times.upstreamResponse } else { loop.times.upstreamBodyIdle }
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
