import NIOCore

extension ClientConnection {
    /// Looks for a complete head in `buffer` and acts on it.
    func receiveHead(_ buffer: inout ByteBuffer) {
        let limits = loop.settings.limits
        let outcome = buffer.withUnsafeReadableBytes {
            scanner.scan(ByteView($0), maximumBytes: limits.maximumHeadBytes, maximumFields: limits.maximumFields)
        }
        switch outcome {
        case .incomplete:
            if input == nil, exchange.id == RequestID(high: 0, low: 0) { beginExchange() }
            input = buffer.readableBytes > 0 ? buffer : nil
        case .refused(let refusal):
            beginExchange()
            refuse(refusal)
        case .complete(let end):
            scanner = HeadScanner()
            if end == 2, !skippedEmptyLine {
                skippedEmptyLine = true
                buffer.moveReaderIndex(forwardBy: 2)
                if buffer.readableBytes > 0 { receiveHead(&buffer) }
                return
            }
            beginExchange()
            decide(&buffer, end, LookupOutcomes())
        }
    }

    /// A head has begun: it gets its id and its time.
    private func beginExchange() {
        exchange.id = loop.nextRequestID()
        setDeadline(loop.times.head)
    }

    /// What `decide` found out while the bytes were borrowed.
    private enum Step {
        case refuse(Refusal)
        case ask(LookupQuestion, CachedIdentity?)
        case answer(LocalRequest)
        case send(UpstreamConnection)
        case open(UpstreamPool)
        case malfunction
    }

    /// Decides on the complete head at the start of `buffer` and begins what was decided.
    func decide(_ buffer: inout ByteBuffer, _ headEnd: Int, _ outcomes: LookupOutcomes) {
        let step = buffer.withUnsafeReadableBytes { decideBorrowed(ByteView($0).slice(0, headEnd), outcomes) }
        if case .ask(let question, let previous) = step {
            phase = .deciding(HeldHead(buffer: buffer, headEnd: headEnd, outcomes: outcomes))
            holdReads()
            // The question has a deadline; this one is longer.
            setDeadline(loop.settings.limits.sessionLookup.milliseconds * 2)
            if !loop.desk.ask(question, previous: previous, waiter: self, now: loop.now) { refuse(.overloaded) }
            return
        }
        buffer.moveReaderIndex(forwardBy: headEnd)
        switch step {
        case .refuse(let refusal): refuse(refusal)
        case .malfunction: refuse(.malfunction)
        case .answer(let request): answer(request, rest: &buffer)
        case .send(let connection):
            phase = .forwarding
            send(on: connection, rest: &buffer)
        case .open(let pool):
            phase = .forwarding
            hold(&buffer)
            setDeadline(loop.times.upstreamConnect + loop.times.upstreamResponse)
            pool.connect(for: self)
        case .ask: break
        }
    }

    private func decideBorrowed(_ view: ByteView, _ outcomes: LookupOutcomes) -> Step {
        switch loop.reader.read(view, peer: peer) {
        case .refused(let refusal): return .refuse(refusal)
        case .request(let request):
            noteRequest(request)
            switch loop.admit(request, outcomes) {
            case .ask(let question, let previous): return .ask(question, previous)
            case .local(let purpose): return .answer(makeLocalRequest(request, purpose))
            case .forward(let route, let identity): return prepare(request, route, identity)
            }
        }
    }

    private func noteRequest(_ request: ReceivedRequest) {
        let head = request.head
        exchange.isHead = request.isHead
        exchange.isHTTP10 = head.minorVersion == 0
        exchange.persists = head.isPersistent
        exchange.framing = head.framing
        exchange.requestBody = BodyDecoder(head.framing)
        exchange.expectsContinue = head.minorVersion == 1 && head.summary.expectation == .continues && !exchange.requestBody.isComplete
        exchange.isRepeatable = exchange.requestBody.isComplete && request.isIdempotent
    }

    /// Chooses an upstream and writes the head for it.
    private func prepare(_ request: ReceivedRequest, _ route: CompiledRoute, _ identity: CachedIdentity) -> Step {
        exchange.identity = identity
        exchange.route = route
        guard let pool = choosePool(route) else { return .malfunction }
        let writer = RequestHeadWriter(request: request, fields: loop.reader.fields, identity: identity, requestID: exchange.id)
        if let connection = pool.takeIdle() {
            connection.clearRequest()
            guard writer.write(to: &connection.request) else {
                connection.discard()
                return .malfunction
            }
            return .send(connection)
        }
        var outgoing = ByteBuffer()
        guard writer.write(to: &outgoing) else { return .malfunction }
        exchange.outgoing = outgoing
        return .open(pool)
    }

    /// The upstream with the fewest requests of this loop; ones that could not be reached only if there
    /// is no other.
    func choosePool(_ route: CompiledRoute) -> UpstreamPool? {
        let indices = route.upstreamIndices
        let pools = loop.pools
        if indices.count == 1, let index = indices.first, index < pools.count, exchange.unreachable.isEmpty { return pools[index] }
        var best: UpstreamPool?
        var bestIsAvoided = true
        for index in indices where index < pools.count {
            let pool = pools[index]
            if exchange.unreachable.contains(pool.address) { continue }
            let isAvoided = pool.isAvoided(now: loop.now)
            if let chosen = best, isAvoided == bestIsAvoided ? pool.busy >= chosen.busy : isAvoided { continue }
            best = pool
            bestIsAvoided = isAvoided
        }
        return best
    }
}

extension ClientConnection: LookupWaiter {
    func lookupEnded(_ key: IdentityKey, _ outcome: LookupOutcome) {
        guard case .deciding(var held) = phase else { return }
        held.outcomes.note(key, outcome)
        // Everything is decided anew: routes may have changed meanwhile.
        var buffer = held.buffer
        if var rest = input {
            input = nil
            buffer.writeBuffer(&rest)
        }
        let outcomes = held.outcomes
        let headEnd = held.headEnd
        phase = .head
        decide(&buffer, headEnd, outcomes)
        releaseReads()
    }
}
