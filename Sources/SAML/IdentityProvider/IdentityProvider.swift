/// What the gateway trusts about one identity provider. Made from its metadata or from settings.
public struct IdentityProvider: Equatable, Sendable {
    /// Signing certificates of one IdP: a few during a rollover.
    static let maximumCertificates = 16

    public let entityID: String
    /// The HTTP-Redirect endpoint.
    public let singleSignOnURL: String
    /// Keys that responses may be signed with; at least one, each once.
    public let keys: [VerificationKey]
    /// Milliseconds since 1970, from metadata: from then on nothing of this IdP is accepted.
    public let validUntil: Int64?
    /// `WantAuthnRequestsSigned` of the metadata. The gateway's requests are not signed; such an IdP
    /// may refuse them.
    public let wantsSignedRequests: Bool

    /// From settings.
    /// - Parameters:
    ///   - entityID: an absolute URI, at most 1024 bytes.
    ///   - singleSignOnURL: https, or http to a loopback address or `localhost` name.
    ///   - certificatesPEM: PEM texts with one or more certificates each.
    public init(entityID: String, singleSignOnURL: String, certificatesPEM: [String]) throws(SAMLRefusal) {
        defer { SAMLLibrary.leave() }
        try SAMLLibrary.enter()
        var keys: [VerificationKey] = []
        for pem in certificatesPEM { keys += try VerificationKey.keys(pem: pem) }
        try self.init(entityID: entityID, singleSignOnURL: singleSignOnURL, keys: keys, validUntil: nil, wantsSignedRequests: false)
    }

    init(
        entityID: String, singleSignOnURL: String, keys: [VerificationKey], validUntil: Int64?, wantsSignedRequests: Bool
    ) throws(SAMLRefusal) {
        guard EntityID.isAllowed(entityID) else { throw .entityIDMalformed }
        guard WebURL.isAllowed(singleSignOnURL) else { throw .urlNotAllowed }
        guard !keys.isEmpty else { throw .certificateMissing }
        guard keys.count <= Self.maximumCertificates else { throw .tooManyCertificates }
        self.entityID = entityID
        self.singleSignOnURL = singleSignOnURL
        self.keys = keys.reduce(into: []) { unique, key in if !unique.contains(key) { unique.append(key) } }
        self.validUntil = validUntil
        self.wantsSignedRequests = wantsSignedRequests
    }
}
