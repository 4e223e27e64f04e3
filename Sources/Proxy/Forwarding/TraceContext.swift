/// W3C Trace Context, level 1: a well-formed `traceparent` goes on as it came, with its `tracestate`;
/// otherwise a trace begins here, under the request's own id.
enum TraceContext {
    /// `00-` trace `-` parent `-` flags.
    static let parentBytes = 55

    /// Whether `value` is a `traceparent` of version 00 (§3.2.2): lower-case digits, neither id all zeros.
    static func isValid(_ value: ByteView) -> Bool {
        guard value.count == parentBytes, value.slice(0, 3).equals("00-"), value[35] == 0x2D, value[52] == 0x2D else { return false }
        return isID(value.slice(3, 35)) && isID(value.slice(36, 52)) && isHex(value.slice(53, 55))
    }

    private static func isID(_ view: ByteView) -> Bool {
        guard isHex(view) else { return false }
        for index in 0..<view.count where view[index] != 0x30 { return true }
        return false
    }

    private static func isHex(_ view: ByteView) -> Bool {
        for index in 0..<view.count {
            guard view[index].isDigit || (view[index] >= 0x61 && view[index] <= 0x66) else { return false }
        }
        return !view.isEmpty
    }

    /// A field line that begins a trace. Not sampled: nobody here records spans, and whoever does decides.
    @inline(__always)
    static func write(_ id: RequestID, to writer: inout ByteWriter) {
        writer.write("traceparent: 00-")
        id.write(to: &writer)
        writer.write(byte: 0x2D)
        // Any number but zero.
        writer.write(hex: id.high &* 0x9E37_79B9_7F4A_7C15 ^ id.low | 1)
        writer.write("-00\r\n")
    }
}
