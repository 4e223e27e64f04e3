/// saml-core §2.2.3: an identifier of a person and what it is relative to.
public struct NameID: Equatable, Sendable {
    public static let unspecified = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
    public static let transient = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"

    /// Bytes of the value; of each of the others as well. saml-core §8.3.7 allows 256 characters.
    static let maximumBytes = 1024

    /// `unspecified` where the document states none (saml-core §2.2.2).
    public let format: String
    public let nameQualifier: String?
    public let spNameQualifier: String?
    public let value: String
}
