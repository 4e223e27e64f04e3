/// `[session]`
public struct SessionSettings: Sendable, Equatable {
    /// Without a request for this long, a session ends.
    public var idleTimeout: Duration = .seconds(8 * 3600)
    /// Counted from the sign-in; nothing extends it.
    public var lifetime: Duration = .seconds(24 * 3600)
    /// How long cached sessions are served while the store can't be reached (R8).
    public var storeGrace: Duration = .seconds(30)
    /// Claim name → template of text and `{placeholder}`s, for all organizations.
    /// `ClaimTemplate.isKnown` lists the placeholders.
    public var customClaims: [String: String] = [:]

    public init() {}
}
