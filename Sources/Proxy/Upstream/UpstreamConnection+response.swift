import NIOCore

/// Takes responses out of the bytes of a connection.
extension UpstreamConnection {
    private enum HeadStep {
        case incomplete
        case interim(Int)
        case final(Int, BodyFraming)
        case switched(Int)
        case broken
    }

    func readHead(_ buffer: inout ByteBuffer, _ interimSoFar: Int) {
        var interim = interimSoFar
        while true {
            let step = buffer.withUnsafeReadableBytes { parseHead(ByteView($0)) }
            switch step {
            case .incomplete:
                partial = buffer
                state = .awaitingHead(interim: interim)
                return
            case .interim(let end):
                interim += 1
                guard interim <= loop.settings.limits.maximumInterimResponses else { return fail(.broken) }
                buffer.moveReaderIndex(forwardBy: end)
                scanner = HeadScanner()
                state = .awaitingHead(interim: interim)
                if buffer.readableBytes == 0 { return }
            case .final(let end, let framing):
                buffer.moveReaderIndex(forwardBy: end)
                var decoder = BodyDecoder(framing, keepsTrailers: keepsTrailers)
                if decoder.isComplete { return finish(&buffer) }
                if let data = decoder.takeWhole(&buffer, atMost: Self.maximumJoinedBytes) {
                    receiver?.responseBody(data)
                    return finish(&buffer)
                }
                state = .body(decoder)
                return readBody(&buffer)
            case .switched(let end):
                // Passing it on can end everything.
                guard case .awaitingHead = state else { return }
                buffer.moveReaderIndex(forwardBy: end)
                beginTunnel(&buffer)
                return
            case .broken:
                return fail(.broken)
            }
        }
    }

    private func parseHead(_ view: ByteView) -> HeadStep {
        let limits = loop.settings.limits
        switch scanner.scan(view, maximumBytes: limits.maximumResponseHeadBytes, maximumFields: limits.maximumFields) {
        case .incomplete: return .incomplete
        case .refused: return .broken
        case .complete(let end):
            let bytes = view.slice(0, end)
            guard let head = loop.responseParser.parse(bytes, into: loop.responseFields), let receiver else { return .broken }
            if head.status == 101 {
                // Otherwise the connection would become something that nobody asked for.
                guard let webSocketAccept, requestIsComplete,
                    WebSocketHandshake.isAccepted(head, loop.responseFields, bytes, expected: webSocketAccept),
                    receiver.switched(head, bytes)
                else { return .broken }
                pool.noteAnswer()
                return .switched(end)
            }
            if head.status < 200 {
                if head.status != 100 { receiver.interimHead(head, bytes) }
                return .interim(end)
            }
            pool.noteAnswer()
            let framing = head.framing(toHead: isHeadRequest)
            persists = head.isPersistent && framing != .untilClose
            guard receiver.responseHead(head, bytes, framing) else { return .broken }
            return .final(end, framing)
        }
    }

    func readBody(_ buffer: inout ByteBuffer) {
        guard case .body(var decoder) = state else { return }
        while true {
            switch decoder.next(&buffer) {
            case .data(let data):
                receiver?.responseBody(data)
                // The receiver may have given up over it.
                guard case .body = state else { return }
            case .needMore:
                state = .body(decoder)
                return
            case .end:
                if keepsTrailers { passTrailers(of: decoder) }
                return finish(&buffer)
            case .malformed: return fail(.broken)
            }
            if decoder.isComplete { return finish(&buffer) }
        }
    }

    private func passTrailers(of decoder: BodyDecoder) {
        let kept = loop.reader.keptTrailers(decoder.trailers)
        if !kept.isEmpty { receiver?.responseTrailers(kept) }
    }
}
