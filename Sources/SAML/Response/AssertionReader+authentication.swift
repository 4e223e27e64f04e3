/// What the AuthnStatement says (saml-core §2.7.2). Times in milliseconds since 1970.
struct AuthenticationStatement {
    let instant: Int64
    let sessionIndex: String?
    let sessionEnd: Int64?
    let contextClass: String?
}

extension AssertionReader {
    /// Bytes of SessionIndex and of AuthnContextClassRef.
    static let maximumStatementTextBytes = 1024

    /// Exactly one AuthnStatement: with two, which session is meant is open.
    func readAuthentication() throws(SAMLRefusal) -> AuthenticationStatement {
        let statement = try assertion.onlyChild(.assertionName("AuthnStatement"), else: .authenticationStatement)
        guard let instant = try time("AuthnInstant", of: statement) else { throw .authenticationStatement }
        guard expectations.isAtOrAfter(instant) else { throw .notYetValid }
        if let earliest = expectations.authenticatedAtOrAfter, instant < earliest - expectations.clockSkew { throw .authenticationTooOld }
        let sessionEnd = try time("SessionNotOnOrAfter", of: statement)
        if let sessionEnd { guard expectations.isBefore(sessionEnd) else { throw .sessionExpired } }
        let context = try statement.onlyChild(.assertionName("AuthnContext"), else: .authenticationStatement)
        let classElement = try context.optionalChild(.assertionName("AuthnContextClassRef"), else: .authenticationStatement)
        let sessionIndex = statement.attribute("SessionIndex")
        let contextClass = classElement?.text
        guard classElement == nil || contextClass != nil,
            [sessionIndex, contextClass].allSatisfy({ ($0?.utf8.count ?? 0) <= Self.maximumStatementTextBytes })
        else { throw .authenticationStatement }
        return AuthenticationStatement(
            instant: instant, sessionIndex: sessionIndex, sessionEnd: sessionEnd, contextClass: contextClass)
    }
}
