import NIOCore

extension Exchange {
    // MARK: Requests for the gateway itself

    func makeLocalRequest(_ request: ReceivedRequest, _ purpose: LocalRequest.Purpose) -> LocalRequest {
        LocalRequest(
            method: request.method.string, scheme: request.scheme.text, host: request.host.string,
            origin: request.scheme.text + "://" + request.authority.string, path: request.path.string,
            query: request.query.isEmpty ? nil : request.query.slice(1, request.query.count).string,
            headers: localFields(request.bytes), body: [], peerAddress: String(decoding: request.client, as: UTF8.self),
            requestID: self.request.id.text, purpose: purpose, organizationSlug: request.organizationSlug)
    }

    /// From a head that was already written for an upstream.
    func makeLocalRequest(sent buffer: ByteBuffer, _ purpose: LocalRequest.Purpose) -> LocalRequest? {
        buffer.withUnsafeReadableBytes { raw in
            let bytes = ByteView(raw)
            guard let head = loop.reader.readAgain(bytes) else { return nil }
            var scheme = ""
            var authority = ""
            var client = ""
            for index in 0..<loop.reader.fields.count {
                let field = loop.reader.fields[index]
                switch field.kind {
                case .forwardedProto: scheme = field.value(in: bytes).string
                case .forwardedHost: authority = field.value(in: bytes).string
                case .forwardedFor: client = field.value(in: bytes).string
                default: break
                }
            }
            let host = authority.split(separator: ":").first.map(String.init) ?? authority
            return LocalRequest(
                method: bytes.slice(0, head.methodEnd).string, scheme: scheme, host: authority.hasPrefix("[") ? authority : host,
                origin: scheme + "://" + authority, path: bytes.slice(head.path).string,
                query: head.query.isEmpty ? nil : bytes.slice(head.query.start + 1, head.query.end).string,
                headers: localFields(bytes), body: [], peerAddress: client, requestID: request.id.text, purpose: purpose,
                organizationSlug: self.request.route?.route.organizationSlug)
        }
    }

    private func localFields(_ bytes: ByteView) -> [LocalRequest.Field] {
        let fields = loop.reader.fields
        var kept: [LocalRequest.Field] = []
        for index in 0..<fields.count {
            let field = fields[index]
            guard field.kind == .other || field.kind == .cookie else { continue }
            kept.append(
                LocalRequest.Field(
                    name: String(decoding: field.name(in: bytes).raw.map(\.asciiLowercased), as: UTF8.self),
                    value: field.value(in: bytes).string))
        }
        return kept
    }

    /// Begins to answer a request; only the gateway's own paths get the body.
    func answer(_ local: LocalRequest) {
        guard local.purpose == .own, !request.bodyIsComplete else { return ask(local) }
        if case .length(let length) = request.framing, length > UInt64(loop.settings.limits.maximumLocalBodyBytes) {
            return refuse(.bodyTooLarge)
        }
        phase = .collecting(LocalCollection(request: local))
        setDeadline(loop.times.bodyIdle)
    }

    func collect(_ data: ByteBuffer) {
        guard case .collecting(var collection) = phase else { return }
        let limits = loop.settings.limits
        guard collection.body.count + data.readableBytes <= limits.maximumLocalBodyBytes else { return refuse(.bodyTooLarge) }
        guard loop.localBodyBytes + data.readableBytes <= limits.maximumLocalBodyBytesPerLoop else { return refuse(.overloaded) }
        // The array is changed in place: the phase must not hold a second reference.
        phase = .idle
        loop.localBodyBytes += data.readableBytes
        collection.body.append(contentsOf: data.readableBytesView)
        phase = .collecting(collection)
    }

    /// Hands a request to the local responder.
    func ask(_ local: LocalRequest) {
        phase = .answering
        guard loop.localRequests < loop.settings.limits.maximumLocalRequestsPerLoop else {
            loop.localBodyBytes -= local.body.count
            return refuse(.overloaded)
        }
        setDeadline(loop.times.localResponse)
        transport?.holdReads()
        loop.localRequests += 1
        let id = request.id
        let bodyBytes = local.body.count
        let loop = self.loop
        let responder = loop.responder
        let promise = loop.eventLoop.makePromise(of: LocalResponse.self)
        promise.futureResult.assumeIsolated().whenSuccess { response in
            loop.localRequests -= 1
            loop.localBodyBytes -= bodyBytes
            self.localEnded(response, id)
        }
        promise.completeWithTask { await responder.respond(to: local) }
    }

    private func localEnded(_ response: LocalResponse, _ id: RequestID) {
        guard case .answering = phase, request.id == id else { return }
        guard (200...599).contains(response.status), response.headers.allSatisfy({ HeaderBlock.isWellFormed(name: $0.0, value: $0.1) })
        else {
            return refuse(.malfunction)
        }
        request.response = .complete
        request.status = response.status
        if !request.isHead { request.bytesOut = response.body.count }
        transport?.sendWhole(response)
        finish()
    }

    // MARK: Refusals

    func note(_ refusal: Refusal) { loop.onRefusal(request.id.text, refusal.rawValue) }

    /// Answers with a bare status and ends. After a response has begun there is nothing to say any more.
    func refuse(_ refusal: Refusal) {
        if case .ended = phase { return }
        if case .collecting(let collection) = phase { loop.localBodyBytes -= collection.body.count }
        note(refusal)
        guard case .none = request.response else { return cut() }
        phase = .ended
        request.identity = nil
        request.outgoing = nil
        request.response = .complete
        request.status = refusal.status
        abandonUpstream()
        logAccess(isComplete: true)
        transport?.sendRefusal(refusal)
    }
}

extension LocalRequest {
    func with(body: [UInt8]) -> LocalRequest {
        LocalRequest(
            method: method, scheme: scheme, host: host, origin: origin, path: path, query: query, headers: headers, body: body,
            peerAddress: peerAddress, requestID: requestID, purpose: purpose, organizationSlug: organizationSlug)
    }
}
