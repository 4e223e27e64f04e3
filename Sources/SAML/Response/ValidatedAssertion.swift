/// What a verified assertion says. Only `SAMLResponse.validate` makes one.
public struct ValidatedAssertion: Sendable, Equatable {
    /// Unique for the IdP; remember it until `expiresAt` and refuse it when it comes again.
    public let assertionID: String
    /// The IdP's entity ID.
    public let issuer: String
    /// `nil` only where a subject attribute identifies the person and the IdP sent no NameID.
    public let nameID: NameID?
    /// The stable identifier of the person at this IdP, a JSON array in one accepted encoding:
    /// `[format, nameQualifier or null, spNameQualifier or null, value]` of the NameID, or
    /// `["attribute", name, value]`. Compare it as bytes.
    public let subject: String
    /// By `Name`, values in document order; only attributes whose values are all text.
    public let attributes: [String: [String]]
    /// AuthnInstant, milliseconds since 1970.
    public let authenticatedAt: Int64
    public let sessionIndex: String?
    /// SessionNotOnOrAfter, milliseconds since 1970: the session must not outlive it.
    public let sessionNotOnOrAfter: Int64?
    public let authnContextClassRef: String?
    /// Milliseconds since 1970: from then on `validate` refuses this assertion for its age alone
    /// (the skew is in it), so that the memory of its ID can end.
    public let expiresAt: Int64

    /// The values of an attribute, by its `Name` or by the short name of a well-known one: `mail`
    /// finds `urn:oid:0.9.2342.19200300.100.1.3`, as IdPs name it that follow the X.500/LDAP profile
    /// (saml-profiles §8.2). An attribute of exactly the given name goes first. Empty without any.
    public func values(named name: String) -> [String] {
        AttributeNames.lookUp(name, in: attributes) ?? []
    }
}
