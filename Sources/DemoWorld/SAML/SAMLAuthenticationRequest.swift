import FoundationEssentials

/// A service provider's request, by the HTTP-Redirect binding (SAML Core §3.4.1). Its signature, if it has
/// one, is not looked at: the answer only ever goes to the registered address.
struct SAMLAuthenticationRequest: Sendable, Equatable {
    var id: String
    /// The entity ID of the service provider.
    var issuer: String
    var assertionConsumerURL: String?
    var destination: String?
    var forcesAuthentication: Bool
    var isPassive: Bool
    /// The format that the NameID should have.
    var nameIDFormat: String?

    /// Inflated. A request is about 1 KiB.
    static let maximumBytes = 64 * 1024

    enum Refusal: Error, Equatable {
        case encoding
        case compression(Inflate.Refusal)
        case xml(XMLReader.Refusal)
        /// Not an `AuthnRequest` of version 2.0 with an id and one issuer, or one that wants another binding.
        case notAnAuthenticationRequest
    }

    /// - Parameter message: the decoded value of `SAMLRequest`.
    static func parse(_ message: String) -> Result<Self, Refusal> {
        guard let compressed = Data(base64Encoded: message) else { return .failure(.encoding) }
        return Inflate.inflate(Array(compressed), maximumBytes: maximumBytes).mapError(Refusal.compression)
            .flatMap { XMLReader.read($0).mapError(Refusal.xml) }
            .flatMap { root in Self(root).map(Result.success) ?? .failure(.notAnAuthenticationRequest) }
    }

    private init?(_ root: XMLElement) {
        let issuers = root.elements(.assertion, "Issuer")
        guard root.namespace == SAMLNamespace.messages.rawValue, root.name == "AuthnRequest",
            root.attributes["Version"] == "2.0", let id = root.attributes["ID"], !id.isEmpty, issuers.count == 1,
            let issuer = issuers[0].text, !issuer.isEmpty,
            root.attributes["ProtocolBinding"] ?? Self.postBinding == Self.postBinding
        else { return nil }
        self.id = id
        self.issuer = issuer
        assertionConsumerURL = root.attributes["AssertionConsumerServiceURL"]
        destination = root.attributes["Destination"]
        forcesAuthentication = Self.isTrue(root.attributes["ForceAuthn"])
        isPassive = Self.isTrue(root.attributes["IsPassive"])
        nameIDFormat = root.elements(.messages, "NameIDPolicy").first?.attributes["Format"]
    }

    static let postBinding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
    static let redirectBinding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"

    /// `xs:boolean`.
    private static func isTrue(_ text: String?) -> Bool { text == "true" || text == "1" }
}
