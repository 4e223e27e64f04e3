import Tenancy

/// What an IdP may have said at the sign-in.
enum Evidences {
    /// The person of `Presence`, through `main`, with everything in order.
    static let plain = make()

    /// Both addresses, in every state of verification; none; and the claim absent, wrong, and one of several.
    static let addresses: [Evidence] =
        [Name.address, Name.outsideAddress].flatMap { address in
            Evidence.EmailVerification.allCases.map { make(address: address, $0) }
        } + [
            make(address: nil), make(claims: [:]), make(claims: [Name.claim: ["2", "3"]]),
            make(claims: [Name.claim: ["2", Name.claimValue]]),
        ]

    /// Both addresses, in the group and not.
    static let groups: [Evidence] = [Name.address, Name.outsideAddress].flatMap { address in
        [[], ["unknown", Name.group, Name.group]].map { make(address: address, groups: $0) }
    }

    private static func make(
        address: EmailAddress? = Name.address, _ verification: Evidence.EmailVerification = .verified, groups: [String] = [],
        claims: [String: [String]] = [Name.claim: [Name.claimValue]]
    ) -> Evidence {
        Evidence(
            connectionID: Name.main, issuer: Name.issuer, subject: Name.subject, email: address, emailVerification: verification,
            groups: groups, claims: claims, authenticatedAt: Instant(milliseconds: 0))
    }
}
