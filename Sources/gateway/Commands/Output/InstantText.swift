import Glibc
import Tenancy

enum InstantText {
    /// RFC 3339 in UTC, whole seconds.
    static func text(_ instant: Instant) -> String {
        var seconds = time_t(instant.seconds)
        var parts = tm()
        guard gmtime_r(&seconds, &parts) != nil else { return "?" }
        func padded(_ value: Int32, _ width: Int = 2) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        return padded(parts.tm_year &+ 1900, 4) + "-" + padded(parts.tm_mon + 1) + "-" + padded(parts.tm_mday) + "T"
            + padded(parts.tm_hour) + ":" + padded(parts.tm_min) + ":" + padded(parts.tm_sec) + "Z"
    }
}
