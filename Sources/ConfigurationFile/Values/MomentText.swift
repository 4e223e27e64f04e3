public import Tenancy

/// A moment as an operator names it on a command line.
public enum MomentText {
    /// `24h` before `now`, or an RFC 3339 time such as `2024-05-01T09:00:00Z`. `nil` for anything else.
    public static func parse(_ text: String, now: Instant) -> Instant? {
        if let age = DurationText.parse(text) { return now.advanced(by: .zero - age) }
        return CivilDateTime(rfc3339: text)?.instant
    }
}
