import NIOCore

extension ClientConnection {
    // MARK: Requests for the gateway itself

    func makeLocalRequest(_ request: ReceivedRequest, _ purpose: LocalRequest.Purpose) -> LocalRequest {
        LocalRequest(
            method: request.method.string, scheme: request.scheme.text, host: request.host.string,
            origin: request.scheme.text + "://" + request.authority.string, path: request.path.string,
            query: request.query.isEmpty ? nil : request.query.slice(1, request.query.count).string,
            headers: localFields(request.bytes), body: [], peerAddress: String(decoding: request.client, as: UTF8.self),
            requestID: exchange.id.text, purpose: purpose, organizationSlug: request.organizationSlug)
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
                headers: localFields(bytes), body: [], peerAddress: client, requestID: exchange.id.text, purpose: purpose,
                organizationSlug: exchange.route?.route.organizationSlug)
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
    func answer(_ request: LocalRequest, rest buffer: inout ByteBuffer) {
        guard request.purpose == .own, !exchange.requestBody.isComplete else {
            // A body that is wholly there is skipped; any other ends the connection with the response.
            skipBody(&buffer)
            if !exchange.requestBody.isComplete { exchange.persists = false }
            hold(&buffer)
            return ask(request)
        }
        if case .length(let length) = exchange.framing, length > UInt64(loop.settings.limits.maximumLocalBodyBytes) {
            return refuse(.bodyTooLarge)
        }
        phase = .collecting(LocalCollection(request: request, decoder: exchange.requestBody))
        setDeadline(loop.times.bodyIdle)
        if exchange.expectsContinue, buffer.readableBytes == 0 {
            loop.scratch.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
            flushScratch()
        }
        exchange.expectsContinue = false
        collect(&buffer)
    }

    private func skipBody(_ buffer: inout ByteBuffer) {
        while case .data = exchange.requestBody.next(&buffer) {}
    }

    func collect(_ buffer: inout ByteBuffer) {
        guard case .collecting(var collection) = phase else { return }
        // The array is changed in place: the phase must not hold a second reference.
        phase = .answering
        let limits = loop.settings.limits
        while true {
            switch collection.decoder.next(&buffer) {
            case .data(let data):
                guard collection.body.count + data.readableBytes <= limits.maximumLocalBodyBytes else {
                    return dropCollection(collection, .bodyTooLarge)
                }
                guard loop.localBodyBytes + data.readableBytes <= limits.maximumLocalBodyBytesPerLoop else {
                    return dropCollection(collection, .overloaded)
                }
                loop.localBodyBytes += data.readableBytes
                exchange.bodyBytes += data.readableBytes
                collection.body.append(contentsOf: data.readableBytesView)
            case .needMore:
                phase = .collecting(collection)
                return
            case .malformed:
                return dropCollection(collection, .chunk)
            case .end:
                exchange.requestBody = collection.decoder
                hold(&buffer)
                return ask(collection.request.with(body: collection.body))
            }
        }
    }

    private func dropCollection(_ collection: LocalCollection, _ refusal: Refusal) {
        loop.localBodyBytes -= collection.body.count
        refuse(refusal)
    }

    /// Hands a request to the local responder.
    func ask(_ request: LocalRequest) {
        phase = .answering
        guard loop.localRequests < loop.settings.limits.maximumLocalRequestsPerLoop else {
            loop.localBodyBytes -= request.body.count
            return refuse(.overloaded)
        }
        setDeadline(loop.times.localResponse)
        holdReads()
        loop.localRequests += 1
        let id = exchange.id
        let bodyBytes = request.body.count
        let loop = self.loop
        let responder = loop.responder
        let promise = loop.eventLoop.makePromise(of: LocalResponse.self)
        promise.futureResult.assumeIsolated().whenSuccess { [weak self] response in
            loop.localRequests -= 1
            loop.localBodyBytes -= bodyBytes
            self?.localEnded(response, id)
        }
        promise.completeWithTask { await responder.respond(to: request) }
    }

    private func localEnded(_ response: LocalResponse, _ id: RequestID) {
        guard case .answering = phase, exchange.id == id else { return }
        guard (200...599).contains(response.status), response.headers.allSatisfy({ HeaderBlock.isWellFormed(name: $0.0, value: $0.1) })
        else {
            return refuse(.malfunction)
        }
        if loop.isDraining { exchange.persists = false }
        writeLocal(response)
        finishExchange()
    }

    private func writeLocal(_ response: LocalResponse) {
        var text = "HTTP/1.1 \(response.status) \(StatusPhrase.of(response.status))\r\n"
        for (name, value) in response.headers where !Self.isFraming(name) { text += "\(name): \(value)\r\n" }
        let hasBody = response.status != 204 && response.status != 304
        if hasBody { text += "Content-Length: \(response.body.count)\r\n" }
        if !exchange.persists { text += "Connection: close\r\n" }
        text += "X-Request-Id: \(exchange.id.text)\r\n\r\n"
        var buffer = ByteBuffer(string: text)
        if hasBody, !exchange.isHead { buffer.writeBytes(response.body) }
        exchange.response = .complete
        context?.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    private static func isFraming(_ name: String) -> Bool {
        switch name.lowercased() {
        case "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "trailer", "x-request-id": true
        default: false
        }
    }

    // MARK: Refusals

    func note(_ refusal: Refusal) { loop.onRefusal(exchange.id.text, refusal.rawValue) }

    /// Answers with a bare status and closes. After a response has begun there is nothing to say any more.
    func refuse(_ refusal: Refusal) {
        if case .closed = phase { return }
        if case .collecting(let collection) = phase { loop.localBodyBytes -= collection.body.count }
        note(refusal)
        guard case .none = exchange.response else { return cut() }
        if let upstream {
            self.upstream = nil
            upstream.abandon()
        }
        exchange.identity = nil
        exchange.outgoing = nil
        exchange.response = .complete
        let phrase = StatusPhrase.of(refusal.status)
        let retry = refusal.status == 503 ? "Retry-After: 1\r\n" : ""
        var text = "HTTP/1.1 \(refusal.status) \(phrase)\r\nContent-Type: text/plain\r\nContent-Length: \(phrase.utf8.count + 1)\r\n"
        text += "\(retry)Connection: close\r\nX-Request-Id: \(exchange.id.text)\r\n\r\n"
        if !exchange.isHead { text += "\(phrase)\n" }
        context?.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        linger()
    }
}

extension LocalRequest {
    func with(body: [UInt8]) -> LocalRequest {
        LocalRequest(
            method: method, scheme: scheme, host: host, origin: origin, path: path, query: query, headers: headers, body: body,
            peerAddress: peerAddress, requestID: requestID, purpose: purpose, organizationSlug: organizationSlug)
    }
}
