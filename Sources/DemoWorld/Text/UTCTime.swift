import FoundationEssentials

enum UTCTime {
    /// Such as `2026-01-31T12:00:00Z`: `xs:dateTime` as SAML wants it (SAML Core §1.3.3).
    static func text(seconds: Int64) -> String {
        // Times that no calendar here goes to are shown as the nearest one that it does.
        let bounded = min(max(seconds, -62_135_596_800), 253_402_300_799)
        return Date(timeIntervalSince1970: Double(bounded)).formatted(.iso8601)
    }
}
