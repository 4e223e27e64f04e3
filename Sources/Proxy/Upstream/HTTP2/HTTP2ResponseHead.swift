import NIOCore
import NIOHPACK

/// Turns the header block of an HTTP/2 response into a head in the form of HTTP/1.1, which then goes through
/// the same parser as any other. Strict (RFC 9113 §8.2, §8.3.2): nothing that could end a line, begin another or
/// mean two things gets into it. The frame layer's own checks are off: one of them that fails would be hard to
/// tell from the end of the connection, which other people's requests are on.
enum HTTP2ResponseHead {
    /// `nil`: malformed or too large.
    static func make(_ headers: HPACKHeaders, limits: ProxyLimits) -> ByteBuffer? {
        var buffer = ByteBuffer()
        for (name, value, _) in headers {
            if buffer.readableBytes == 0 {
                guard name == ":status", isStatus(value) else { return nil }
                buffer.writeStaticString("HTTP/1.1 ")
                buffer.writeString(value)
            } else {
                // A second pseudo-header field is no name either.
                guard HTTP2Field.isName(name), !HTTP2Field.isOfConnection(name), HTTP2Field.isValue(value) else { return nil }
                buffer.writeString(name)
                buffer.writeStaticString(": ")
                buffer.writeString(value)
            }
            buffer.writeStaticString("\r\n")
            guard buffer.readableBytes < limits.maximumResponseHeadBytes else { return nil }
        }
        guard buffer.readableBytes > 0 else { return nil }
        buffer.writeStaticString("\r\n")
        // The whole must be one head and no more, as the parser of any other would find it.
        var scanner = HeadScanner()
        let found = buffer.withUnsafeReadableBytes {
            scanner.scan(ByteView($0), maximumBytes: limits.maximumResponseHeadBytes, maximumFields: limits.maximumFields)
        }
        return found == .complete(buffer.readableBytes) ? buffer : nil
    }

    /// Three digits, and no 101, which HTTP/2 does not have (RFC 9113 §8.6).
    private static func isStatus(_ value: String) -> Bool {
        value.utf8.count == 3 && value.utf8.allSatisfy(\.isDigit) && value != "101"
    }
}
