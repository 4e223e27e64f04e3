import Glibc
import NIOCore

/// One line of the access log: a JSON object with a fixed set of names. Neither query, nor cookie, nor any
/// other header is in it. Everything that is not printable ASCII is escaped, so that no request can forge
/// a line or speak to a terminal.
struct AccessLine {
    private(set) var bytes: [UInt8]

    init(appendingTo bytes: [UInt8]) { self.bytes = bytes }

    mutating func write(_ record: AccessRecord, _ request: RequestProgress, isComplete: Bool) {
        raw("{\"time\":\"")
        time(record.time)
        raw("\",\"level\":\"info\",\"message\":\"request\",\"request_id\":\"")
        raw(request.id.text)
        raw("\"")
        field("method", record.method)
        field("host", record.host)
        field("path", record.path)
        number("status", Int64(request.status))
        number("bytes_in", Int64(request.bytesIn))
        number("bytes_out", Int64(request.bytesOut))
        number("duration_us", (NIODeadline.now() - record.begun).nanoseconds / 1_000)
        field("client", record.client)
        raw(",\"protocol\":\"")
        raw("\(record.protocolName)")
        raw("\"")
        if let route = request.route { field("route", Array(route.route.id.utf8)) }
        if !record.organization.isEmpty { field("organization", Array(record.organization.utf8)) }
        if !record.member.isEmpty { field("member", record.member) }
        if let upstream = record.upstream { field("upstream", Array(upstream.utf8)) }
        if let microseconds = record.upstreamMicroseconds { number("upstream_us", microseconds) }
        if !isComplete { raw(",\"cut\":true") }
        raw("}\n")
    }

    private mutating func raw(_ text: String) { bytes += text.utf8 }

    private mutating func number(_ name: String, _ value: Int64) { raw(",\"\(name)\":\(value)") }

    private mutating func field(_ name: String, _ value: [UInt8]) {
        raw(",\"\(name)\":\"")
        for byte in value {
            switch byte {
            case 0x22, 0x5C:
                bytes.append(0x5C)
                bytes.append(byte)
            case 0x20...0x7E: bytes.append(byte)
            default:
                raw("\\u00")
                bytes.append(Self.hexDigit(byte >> 4))
                bytes.append(Self.hexDigit(byte & 0xF))
            }
        }
        bytes.append(0x22)
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

    /// RFC 3339 with milliseconds, in UTC.
    private mutating func time(_ milliseconds: UnixMilliseconds) {
        var seconds = time_t(milliseconds / 1_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        digits(Int(parts.tm_year) + 1900, 4)
        raw("-")
        digits(Int(parts.tm_mon) + 1, 2)
        raw("-")
        digits(Int(parts.tm_mday), 2)
        raw("T")
        digits(Int(parts.tm_hour), 2)
        raw(":")
        digits(Int(parts.tm_min), 2)
        raw(":")
        digits(Int(parts.tm_sec), 2)
        raw(".")
        digits(Int(milliseconds % 1_000), 3)
        raw("Z")
    }

    private mutating func digits(_ value: Int, _ width: Int) {
        let text = String(max(0, value))
        for _ in text.utf8.count..<max(width, text.utf8.count) { bytes.append(0x30) }
        raw(text)
    }
}
