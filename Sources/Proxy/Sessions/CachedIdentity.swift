/// One answer of the session source, as one loop keeps it.
final class CachedIdentity {
    let key: IdentityKey
    let route: Route
    let scheme: Scheme
    /// Canonical host and, where it is not the scheme's own, port.
    let authority: [UInt8]
    let organizationSlug: String
    let headers: IdentityHeaders
    /// Generation of the invalidations when the question was asked.
    let generation: UInt64
    /// Up to this generation the entry is known to be untouched.
    var checkedGeneration: UInt64
    /// After an `unknown`: not asked again before.
    var retryAt: UnixMilliseconds = 0
    /// The source has said that the session is gone, or may not use the route any more.
    var isRefused = false
    /// The entry that replaced this one, for exchanges that still hold this one.
    var successor: CachedIdentity?
    /// Set by a use, cleared by the hand of the cache. Not set at first: an entry that is never used again
    /// goes first.
    var wasUsed = false

    init(
        key: IdentityKey, route: Route, scheme: Scheme, authority: [UInt8], organizationSlug: String,
        headers: IdentityHeaders, generation: UInt64
    ) {
        self.key = key
        self.route = route
        self.scheme = scheme
        self.authority = authority
        self.organizationSlug = organizationSlug
        self.headers = headers
        self.generation = generation
        checkedGeneration = generation
    }

    var isAnonymous: Bool { key.tokenHash == nil }
}
