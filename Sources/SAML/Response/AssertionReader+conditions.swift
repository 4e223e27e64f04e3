extension AssertionReader {
    /// Milliseconds. A longer validity is not a login's: no IdP needs it, and it keeps a stolen
    /// assertion useful.
    static let maximumLifetime: Int64 = 24 * 60 * 60 * 1000
    static let maximumAudiences = 64

    /// saml-core §2.5. The end of the validity, milliseconds since 1970.
    func checkConditions() throws(SAMLRefusal) -> Int64 {
        let conditions = try assertion.onlyChild(.assertionName("Conditions"), else: .conditionsMissing)
        guard let start = try time("NotBefore", of: conditions), let end = try time("NotOnOrAfter", of: conditions)
        else { throw .conditionsMissing }
        guard start < end else { throw .expired }
        guard expectations.isAtOrAfter(start) else { throw .notYetValid }
        try checkEnd(end)

        var restrictions = 0
        for condition in conditions.children {
            if condition.isNamed(.assertionName("AudienceRestriction")) {
                try checkAudience(condition)
                restrictions += 1
            } else if !condition.isNamed(.assertionName("OneTimeUse")), !condition.isNamed(.assertionName("ProxyRestriction")) {
                // OneTimeUse is how every assertion is treated; ProxyRestriction binds those who issue
                // assertions of their own. A condition that is not understood makes the assertion
                // indeterminate (§2.5.1.1).
                throw .conditionUnknown
            }
        }
        guard restrictions > 0 else { throw .audience }
        return end
    }

    func checkEnd(_ end: Int64) throws(SAMLRefusal) {
        guard expectations.isBefore(end) else { throw .expired }
        guard end <= expectations.now + Self.maximumLifetime + expectations.clockSkew else { throw .lifetimeTooLong }
    }

    /// §2.5.1.4: audiences of one restriction are alternatives; several restrictions must all hold.
    private func checkAudience(_ restriction: XMLElement) throws(SAMLRefusal) {
        let audiences = restriction.children
        guard audiences.count <= Self.maximumAudiences else { throw .audience }
        var isOurs = false
        for audience in audiences {
            guard audience.isNamed(.assertionName("Audience")), let text = audience.text, !text.isEmpty else { throw .audience }
            if text == expectations.serviceProvider.entityID { isOurs = true }
        }
        guard isOurs else { throw .audience }
    }
}
