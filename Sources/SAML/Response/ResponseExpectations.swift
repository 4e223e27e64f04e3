/// What a response is held against.
public struct ResponseExpectations: Sendable {
    public enum Solicitation: Sendable, Equatable {
        /// The ID of the pending request of this browser and this connection.
        case request(String)
        /// IdP-initiated: the response must name no request at all.
        case unsolicited
    }

    /// Milliseconds. What a connection may set at most.
    public static let maximumClockSkew: Int64 = 3 * 60 * 1000

    public let serviceProvider: ServiceProvider
    public let identityProvider: IdentityProvider
    public let solicitation: Solicitation
    /// Milliseconds, 0 to `maximumClockSkew`; what is outside is clamped.
    public let clockSkew: Int64
    /// Milliseconds since 1970.
    public let now: Int64
    /// The attribute that identifies the person instead of the NameID. It must have exactly one value.
    public let subjectAttribute: String?
    /// Where the request asked to authenticate anew: its time, in milliseconds since 1970. An
    /// AuthnInstant before it (less the skew) is refused.
    public let authenticatedAtOrAfter: Int64?

    public init(
        serviceProvider: ServiceProvider, identityProvider: IdentityProvider, inResponseTo: Solicitation,
        clockSkew: Int64, now: Int64, subjectAttribute: String? = nil, authenticatedAtOrAfter: Int64? = nil
    ) {
        self.serviceProvider = serviceProvider
        self.identityProvider = identityProvider
        self.solicitation = inResponseTo
        self.clockSkew = max(0, min(clockSkew, Self.maximumClockSkew))
        self.now = max(0, min(now, SAMLTime.maximumMilliseconds))
        self.subjectAttribute = subjectAttribute
        self.authenticatedAtOrAfter = authenticatedAtOrAfter.map { max(0, min($0, SAMLTime.maximumMilliseconds)) }
    }

    /// The present time lies before `end`, as the IdP's clock may see it.
    func isBefore(_ end: Int64) -> Bool { now - clockSkew < end }

    /// The present time lies at or after `start`, as the IdP's clock may see it.
    func isAtOrAfter(_ start: Int64) -> Bool { now + clockSkew >= start }

    func matches(inResponseTo value: String?) -> Bool {
        switch solicitation {
        case .request(let id): value == id
        case .unsolicited: value == nil
        }
    }
}
