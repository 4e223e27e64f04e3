import FoundationEssentials

enum UTCTime {
    /// Such as `2026-01-31T12:00:00Z`: `xs:dateTime` as SAML wants it (SAML Core §1.3.3).
    static func text(seconds: Int64) -> String {
        // What comes from a claim can be any number. Outside of 1970 to 9999 the nearest of these is shown.
        let bounded = min(max(seconds, 0), 253_402_300_799)
        return Date(timeIntervalSince1970: Double(bounded)).formatted(.iso8601)
    }
}
