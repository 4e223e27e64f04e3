import Tenancy

/// Something to be picked up once, by whoever has the secret that hashes to `idHash`.
public struct OneTimeRecord: Sendable, Equatable {
    /// What it is for. The raw value is stored: never change one.
    public enum Purpose: String, Sendable, CaseIterable {
        /// A sign-in that has begun, until the IdP's answer.
        case flow
        /// A checked SAML response that waits for the browser's own request.
        case parkedResponse = "parked-response"
        /// The hand-off of a session to a tenant host.
        case handOff = "hand-off"
        /// The token that an API client redeems.
        case signInToken = "sign-in-token"
    }

    public var purpose: Purpose
    public var idHash: TokenHash
    /// Hash of the cookie of the browser that it is for.
    public var binding: TokenHash?
    /// Sealed at rest.
    public var payload: [UInt8]
    public var expiresAt: Instant

    public init(purpose: Purpose, idHash: TokenHash, binding: TokenHash?, payload: [UInt8], expiresAt: Instant) {
        self.purpose = purpose
        self.idHash = idHash
        self.binding = binding
        self.payload = payload
        self.expiresAt = expiresAt
    }
}
