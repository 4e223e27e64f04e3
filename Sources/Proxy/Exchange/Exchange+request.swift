import NIOCore

extension Exchange {
    /// What `decide` found out while the bytes were borrowed.
    private enum Step {
        case refuse(Refusal)
        case ask(LookupQuestion, CachedIdentity?)
        case answer(LocalRequest)
        case send(UpstreamTransport)
        case open(UpstreamPool)
        case malfunction
    }

    /// Decides on the complete head of `headBytes` at the start of `buffer`, takes it out, and begins what was decided.
    func receive(_ buffer: inout ByteBuffer, headBytes: Int) {
        decide(&buffer, headBytes, LookupOutcomes())
    }

    private func decide(_ buffer: inout ByteBuffer, _ headBytes: Int, _ outcomes: LookupOutcomes) {
        let step = buffer.withUnsafeReadableBytes { decideBorrowed(ByteView($0).slice(0, headBytes), outcomes) }
        if case .ask(let question, let previous) = step {
            guard let head = buffer.readSlice(length: headBytes) else { return refuse(.malfunction) }
            return wait(HeldHead(head: head, outcomes: outcomes), question, previous)
        }
        buffer.moveReaderIndex(forwardBy: headBytes)
        switch step {
        case .refuse(let refusal): refuse(refusal)
        case .malfunction: refuse(.malfunction)
        case .answer(let request): answer(request)
        case .send(let transport):
            phase = .forwarding
            send(on: transport)
        case .open(let pool):
            phase = .forwarding
            connect(to: pool)
        case .ask: break
        }
    }

    private func wait(_ held: HeldHead, _ question: LookupQuestion, _ previous: CachedIdentity?) {
        phase = .deciding(held)
        transport?.holdReads()
        // The question has a deadline; this one is longer.
        setDeadline(loop.settings.limits.sessionLookup.milliseconds * 2)
        if !loop.desk.ask(question, previous: previous, waiter: self, requestID: request.id, now: loop.now) { refuse(.overloaded) }
    }

    private func decideBorrowed(_ view: ByteView, _ outcomes: LookupOutcomes) -> Step {
        switch loop.reader.read(view, peer: peer) {
        case .refused(let refusal): return .refuse(refusal)
        case .request(let received):
            note(received)
            switch loop.admit(received, outcomes) {
            case .ask(let question, let previous): return .ask(question, previous)
            case .local(let purpose): return .answer(makeLocalRequest(received, purpose))
            case .forward(let route, let identity): return prepare(received, route, identity)
            }
        }
    }

    private func note(_ received: ReceivedRequest) {
        request.isHead = received.isHead
        request.framing = received.head.framing
        request.bodyIsComplete = BodyDecoder(received.head.framing).isComplete
        request.isRepeatable = request.bodyIsComplete && received.isIdempotent
        request.webSocketAccept = received.webSocketAccept
        if let record = request.record { describe(received, in: record) }
        transport?.begin(received.head, keepsTrailers: received.route?.route.keepsTrailers ?? false)
    }

    private func describe(_ received: ReceivedRequest, in record: AccessRecord) {
        record.method = received.method.array
        record.host = received.host.array
        record.path = received.path.array
        record.client = received.client
        record.organization = received.organizationSlug ?? ""
        record.protocolName = transport?.protocolName ?? "HTTP/1.1"
    }

    /// Chooses an upstream and writes the head for it.
    private func prepare(_ received: ReceivedRequest, _ route: CompiledRoute, _ identity: CachedIdentity) -> Step {
        request.identity = identity
        request.route = route
        request.record?.member = identity.headers.member
        if case .length(let length) = received.head.framing, let limit = loop.settings.limits.maximumBodyBytes, length > UInt64(limit) {
            return .refuse(.bodyTooLarge)
        }
        guard let pool = loop.choosePool(route, excluding: request.unreachable) else { return .malfunction }
        let writer = RequestHeadWriter(
            request: received, fields: loop.reader.fields, identity: identity, requestID: request.id,
            keepsTrailers: route.route.keepsTrailers)
        if let connection = pool.takeIdle() {
            connection.clearRequest()
            guard writer.write(to: &connection.request) else {
                connection.discard()
                return .malfunction
            }
            return .send(.connection(connection))
        }
        var outgoing = ByteBuffer()
        guard writer.write(to: &outgoing) else { return .malfunction }
        if pool.target.upstream.speaksHTTP2 {
            // Asking without the upgrade would be another request than the client's.
            guard received.webSocketAccept == nil else { return .refuse(.webSocket) }
            guard outgoing.withUnsafeReadableBytes({ HTTP2RequestFields.canCarry(ByteView($0)) }) else { return .refuse(.fieldValue) }
        }
        request.outgoing = outgoing
        return .open(pool)
    }
}

extension Exchange: LookupWaiter {
    func lookupEnded(_ key: IdentityKey, _ outcome: LookupOutcome) {
        guard case .deciding(let held) = phase else { return }
        var outcomes = held.outcomes
        outcomes.note(key, outcome)
        // Everything is decided anew: routes may have changed meanwhile.
        var head = held.head
        decide(&head, head.readableBytes, outcomes)
        guard let transport else { return }
        switch phase {
        // The next question holds reads again.
        case .idle, .deciding, .ended: break
        case .collecting, .answering, .forwarding, .tunneling: transport.resumeBody()
        }
    }
}
