import NIOCore

extension ClientConnection {
    /// Sends the head that `connection.request` holds, and the part of the body that is there.
    func send(on connection: UpstreamConnection, rest buffer: inout ByteBuffer) {
        upstream = connection
        exchange.outgoing = nil
        connection.begin(for: self, isHead: exchange.isHead)
        if exchange.requestBody.isComplete {
            connection.requestIsComplete = true
            setDeadline(loop.times.upstreamResponse)
            connection.flush()
            hold(&buffer)
            return
        }
        setDeadline(loop.times.bodyIdle)
        if exchange.expectsContinue, buffer.readableBytes == 0 { sendContinue() }
        exchange.expectsContinue = false
        forwardBody(&buffer)
    }

    private func sendContinue() {
        loop.scratch.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
        flushScratch()
    }

    /// Passes on body bytes; the framing is written anew. What belongs to the next request is kept.
    func forwardBody(_ buffer: inout ByteBuffer) {
        guard let connection = upstream else { return }
        forwarding: while true {
            switch exchange.requestBody.next(&buffer) {
            case .data(let data):
                exchange.bodyBytes += data.readableBytes
                if exchange.framing == .chunked { writeChunk(data, to: connection) } else { connection.write(data) }
                if exchange.requestBody.isComplete, exchange.framing != .chunked { break forwarding }
            case .needMore:
                break forwarding
            case .end:
                if exchange.framing == .chunked { connection.write(Self.lastChunk) }
                break forwarding
            case .malformed:
                // The upstream must not take the truncated body for a whole one.
                failRequestBody()
                return
            }
        }
        if exchange.requestBody.isComplete {
            connection.requestIsComplete = true
            setDeadline(loop.times.upstreamResponse)
        }
        connection.flush()
        guard upstream === connection else { return }
        hold(&buffer)
        if !connection.takesMore { holdReads() }
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

    private func failRequestBody() {
        if case .none = exchange.response { refuse(.chunk) } else { cut() }
    }

    /// The upstream failed before its response began: a page says so.
    func failUpstream(_ purpose: LocalRequest.Purpose) {
        let sent = upstream?.request ?? exchange.outgoing
        if let upstream {
            self.upstream = nil
            upstream.abandon()
        }
        exchange.outgoing = nil
        exchange.identity = nil
        if !exchange.requestBody.isComplete { exchange.persists = false }
        let refusal: Refusal = purpose == .gatewayTimeout ? .gatewayTimeout : purpose == .unavailable ? .overloaded : .badGateway
        note(refusal)
        let request = sent.flatMap { makeLocalRequest(sent: $0, purpose) }
        guard let request else { return refuse(refusal) }
        ask(request)
    }
}

extension ClientConnection: ResponseReceiver {
    var wantsUpstream: Bool {
        if case .forwarding = phase { upstream == nil && exchange.outgoing != nil } else { false }
    }

    var takesMore: Bool { context?.channel.isWritable ?? false }

    func upstreamOpened(_ connection: UpstreamConnection) {
        guard let outgoing = exchange.outgoing else { return connection.discard() }
        connection.request = outgoing
        exchange.outgoing = nil
        var rest = input ?? ByteBuffer()
        input = nil
        send(on: connection, rest: &rest)
        if input == nil, connection.takesMore { releaseReads() }
    }

    func upstreamUnreachable(_ failure: UpstreamPool.Failure) {
        guard wantsUpstream, let route = exchange.route else { return }
        switch failure {
        case .full:
            failUpstream(.unavailable)
        case .couldNotConnect:
            // The route's other upstreams are tried, each once.
            for index in route.upstreamIndices where index < loop.pools.count {
                let address = loop.pools[index].address
                guard !exchange.unreachable.contains(address), loop.pools[index].isAvoided(now: loop.now) else { continue }
                exchange.unreachable.append(address)
            }
            guard let pool = choosePool(route) else { return failUpstream(.badGateway) }
            pool.connect(for: self)
        }
    }

    func upstreamWritable() {
        guard case .forwarding = phase, holdsReads, !exchange.requestBody.isComplete else { return }
        setDeadline(loop.times.bodyIdle)
        releaseReads()
    }

    func upstreamFailed(_ failure: UpstreamConnection.Failure, _ connection: UpstreamConnection) {
        guard upstream === connection else { return }
        if case .none = exchange.response {
            // An unused connection that the upstream has just closed says nothing about the upstream.
            if failure == .closedBeforeResponse, connection.wasUsedBefore, exchange.isRepeatable, !exchange.wasRepeated,
                let route = exchange.route, let pool = choosePool(route)
            {
                exchange.wasRepeated = true
                exchange.outgoing = connection.request
                upstream = nil
                pool.connect(for: self)
                return
            }
            failUpstream(.badGateway)
        } else {
            upstream = nil
            // What did arrive is passed on, without an end.
            flushScratch()
            cut()
        }
    }

    func interimHead(_ head: ResponseHead, _ bytes: ByteView) {
        guard !exchange.isHTTP10 else { return }
        let writer = ResponseHeadWriter(bytes: bytes, head: head, fields: loop.responseFields, framing: .none, closes: false)
        if writer.write(to: &loop.scratch) { flushScratch() } else { loop.scratch.clear() }
    }

    func responseHead(_ head: ResponseHead, _ bytes: ByteView, _ framing: BodyFraming) -> Bool {
        let outgoing: ResponseHeadWriter.Framing
        switch framing {
        case .none:
            // RFC 9110 §8.6: a response to HEAD and a 304 may say how long the body would be.
            if head.status != 204, let length = head.summary.contentLength { outgoing = .length(length) } else { outgoing = .none }
        case .length(let length): outgoing = .length(length)
        case .chunked, .untilClose:
            outgoing = exchange.isHTTP10 ? .untilClose : .chunked
        }
        // A body that is still arriving may never be read to its end.
        if loop.isDraining || !exchange.requestBody.isComplete { exchange.persists = false }
        let writer = ResponseHeadWriter(
            bytes: bytes, head: head, fields: loop.responseFields, framing: outgoing, closes: !exchange.persists)
        guard writer.write(to: &loop.scratch) else {
            loop.scratch.clear()
            return false
        }
        exchange.response = .body(outgoing)
        setDeadline(loop.times.upstreamBodyIdle)
        return true
    }

    func responseBody(_ data: ByteBuffer) {
        guard case .body(let framing) = exchange.response else { return }
        switch framing {
        case .none: break
        case .length, .untilClose: writeOut(data)
        case .chunked:
            loop.scratch.writeString(String(data.readableBytes, radix: 16))
            loop.scratch.writeStaticString("\r\n")
            writeOut(data)
            loop.scratch.writeStaticString("\r\n")
        }
    }

    func responsePause() {
        flushScratch()
        guard case .forwarding = phase, let upstream else { return }
        if takesMore {
            setDeadline(exchange.requestBody.isComplete ? responseDeadline : loop.times.bodyIdle)
        } else {
            setDeadline(loop.times.bodyIdle)
            upstream.holdReads()
        }
    }

    private var responseDeadline: Int64 {
        if case .none = exchange.response { loop.times.upstreamResponse } else { loop.times.upstreamBodyIdle }
    }

    func responseEnd() {
        upstream = nil
        if case .body(.chunked) = exchange.response { loop.scratch.writeStaticString("0\r\n\r\n") }
        exchange.response = .complete
        flushScratch()
        guard case .forwarding = phase else { return }
        finishExchange()
    }

    // MARK: Writing

    /// Small pieces are joined with what is there already; large ones are written as they are.
    private func writeOut(_ data: ByteBuffer) {
        if data.readableBytes <= UpstreamConnection.maximumJoinedBytes {
            loop.scratch.writeImmutableBuffer(data)
        } else {
            writeScratch()
            context?.write(wrapOutboundOut(data), promise: nil)
        }
    }

    private func writeScratch() {
        guard loop.scratch.readableBytes > 0 else { return }
        context?.write(wrapOutboundOut(loop.scratch), promise: nil)
        loop.clearScratch()
    }

    func flushScratch() {
        guard loop.scratch.readableBytes > 0 else {
            context?.flush()
            return
        }
        context?.writeAndFlush(wrapOutboundOut(loop.scratch), promise: nil)
        loop.clearScratch()
    }
}
