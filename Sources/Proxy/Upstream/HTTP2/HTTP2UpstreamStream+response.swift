import NIOCore
import NIOHPACK
import NIOHTTP2

/// Takes a response out of the frames of a stream.
extension HTTP2UpstreamStream {
    func take(_ frame: HTTP2Frame.FramePayload) {
        switch (frame, state) {
        case (_, .closed), (_, .unused): break
        case (.headers(let frame), .awaitingHead(let interim)): readHead(frame.headers, endsStream: frame.endStream, interim)
        // RFC 9113 §8.1: what comes after the body ends the stream.
        case (.headers(let frame), .body(let remaining)):
            guard frame.endStream, remaining ?? 0 == 0, let lines = HTTP2Trailers.lines(of: frame.headers) else { return fail(.broken) }
            passTrailers(lines)
            finish()
        case (.data(let frame), .body(let remaining)):
            guard case .byteBuffer(let bytes) = frame.data else { return fail(.broken) }
            readBody(bytes, endsStream: frame.endStream, remaining)
        case (.data, .awaitingHead): fail(.broken)
        case (.priority, _), (.rstStream, _), (.settings, _), (.pushPromise, _), (.ping, _), (.goAway, _), (.windowUpdate, _),
            (.alternativeService, _), (.origin, _):
            break
        }
    }

    private func readHead(_ headers: HPACKHeaders, endsStream: Bool, _ interim: Int) {
        guard let whole = HTTP2ResponseHead.make(headers, limits: loop.settings.limits) else { return fail(.broken) }
        let passed = whole.withUnsafeReadableBytes { passHead(ByteView($0), endsStream: endsStream, interim) }
        // Passing it on can end everything.
        guard case .awaitingHead = state else { return }
        switch passed {
        case .interim: state = .awaitingHead(interim: interim + 1)
        case .final(let remaining):
            state = .body(remaining: remaining)
            if endsStream { finish() }
        case .broken: fail(.broken)
        }
    }

    private enum HeadStep {
        case interim
        case final(remaining: UInt64?)
        case broken
    }

    private func passHead(_ bytes: ByteView, endsStream: Bool, _ interim: Int) -> HeadStep {
        guard let head = loop.responseParser.parse(bytes, into: loop.responseFields), let receiver else { return .broken }
        if head.status < 200 {
            // It is not the last one.
            guard !endsStream, interim < loop.settings.limits.maximumInterimResponses else { return .broken }
            if head.status != 100 { receiver.interimHead(head, bytes) }
            return .interim
        }
        pool.noteAnswer()
        let framing = framing(of: head, endsStream: endsStream)
        let remaining: UInt64? =
            switch framing {
            case .none: 0
            case .length(let length): length
            case .chunked, .untilClose: nil
            }
        // RFC 9113 §8.1.1: a length that is not that of the body is malformed.
        guard !endsStream || remaining == 0 else { return .broken }
        return receiver.responseHead(head, bytes, framing) ? .final(remaining: remaining) : .broken
    }

    /// The end of the stream is the end of a body without a length.
    private func framing(of head: ResponseHead, endsStream: Bool) -> BodyFraming {
        let framing = head.framing(toHead: isHeadRequest)
        return endsStream && framing == .untilClose ? .length(0) : framing
    }

    private func readBody(_ bytes: ByteBuffer, endsStream: Bool, _ remaining: UInt64?) {
        var left = remaining
        let count = UInt64(bytes.readableBytes)
        if let remaining {
            guard count <= remaining else { return fail(.broken) }
            left = remaining - count
        }
        state = .body(remaining: left)
        if count > 0 {
            receiver?.responseBody(bytes)
            // The receiver may have given up over it.
            guard case .body = state else { return }
        }
        guard endsStream else { return }
        left ?? 0 == 0 ? finish() : fail(.broken)
    }

    private func passTrailers(_ lines: [UInt8]) {
        guard keepsTrailers else { return }
        let kept = loop.reader.keptTrailers(lines)
        if !kept.isEmpty { receiver?.responseTrailers(kept) }
    }
}
