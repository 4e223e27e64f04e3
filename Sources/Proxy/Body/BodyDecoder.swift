import NIOCore

/// Takes the bytes of one body out of a stream of bytes.
struct BodyDecoder {
    enum Event {
        case data(ByteBuffer)
        case needMore
        case end
        case malformed
    }

    private enum State {
        case length(UInt64)
        case chunked(ChunkedDecoder)
        case untilClose
        case done
    }

    private var state: State
    /// Field lines of the trailer section, once the body is complete; empty unless they are kept.
    private(set) var trailers: [UInt8] = []

    init(_ framing: BodyFraming, keepsTrailers: Bool = false) {
        switch framing {
        case .none: state = .done
        case .length(let length): state = length == 0 ? .done : .length(length)
        case .chunked: state = .chunked(ChunkedDecoder(keepsTrailers: keepsTrailers))
        case .untilClose: state = .untilClose
        }
    }

    @inline(__always)
    var isComplete: Bool { if case .done = state { true } else { false } }

    /// Whether the end of the connection is the end of the body.
    var endsWithConnection: Bool { if case .untilClose = state { true } else { false } }

    /// A length that is known and wholly in `buffer`: taken at once, without a copy or a loop.
    @inline(__always)
    mutating func takeWhole(_ buffer: inout ByteBuffer, atMost limit: Int) -> ByteBuffer? {
        guard case .length(let remaining) = state, remaining <= UInt64(min(limit, buffer.readableBytes)),
            let slice = buffer.readSlice(length: Int(remaining))
        else { return nil }
        state = .done
        return slice
    }

    /// The next piece of the body in `buffer`, whose reader index moves over what was used.
    mutating func next(_ buffer: inout ByteBuffer) -> Event {
        switch state {
        case .done:
            return .end
        case .untilClose:
            guard buffer.readableBytes > 0, let slice = buffer.readSlice(length: buffer.readableBytes) else { return .needMore }
            return .data(slice)
        case .length(let remaining):
            let count = Int(min(remaining, UInt64(buffer.readableBytes)))
            guard count > 0, let slice = buffer.readSlice(length: count) else { return .needMore }
            state = remaining == UInt64(count) ? .done : .length(remaining - UInt64(count))
            return .data(slice)
        case .chunked(var decoder):
            var used = 0
            let event = buffer.withUnsafeReadableBytes { decoder.next(ByteView($0), &used) }
            buffer.moveReaderIndex(forwardBy: used)
            state = .chunked(decoder)
            switch event {
            case .data(let count):
                guard let slice = buffer.readSlice(length: count) else { return .malformed }
                return .data(slice)
            case .needMore: return .needMore
            case .malformed: return .malformed
            case .end:
                state = .done
                trailers = decoder.trailers
                return .end
            }
        }
    }
}
