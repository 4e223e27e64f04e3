/// `IssueInstant` of the Response and of the Assertion.
enum IssueInstant {
    /// Milliseconds. A response comes straight from the IdP through the browser; an old one was kept.
    static let maximumAge: Int64 = 10 * 60 * 1000

    /// The time: not in the future and not older than `maximumAge`, each with the skew.
    static func check(_ element: XMLElement, _ expectations: ResponseExpectations) throws(SAMLRefusal) -> Int64 {
        guard let time = element.attribute("IssueInstant").flatMap(SAMLTime.parse) else { throw .timeMalformed }
        guard expectations.isAtOrAfter(time), expectations.isBefore(time + maximumAge) else { throw .issueInstant }
        return time
    }
}
