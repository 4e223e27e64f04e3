/// Milliseconds since 1970-01-01T00:00:00Z. What the clock given to `ProxyServer` returns.
public typealias UnixMilliseconds = Int64

/// Where identities come from. Called on a cache miss only, from a task of its own, never on an event
/// loop. Identical questions of one loop are asked once.
public protocol SessionSource: Sendable {
    /// What a session cookie is worth on a route.
    func session(_ lookup: SessionLookup) async -> SessionAnswer
    /// Headers that prove that nobody is signed in, for a public path.
    func anonymous(_ lookup: AnonymousLookup) async -> AnonymousAnswer
}

/// One question about a session.
public struct SessionLookup: Sendable {
    public enum Purpose: Sendable, Equatable {
        /// A request waits for the answer. Counts as activity of the session.
        case request
        /// A response that is still under way, such as an event stream, is checked again. No activity.
        case openExchange
    }
    public let tokenHash: SessionTokenHash
    /// Slug of the organization of the route, or of the host's label.
    public let organizationSlug: String
    /// Origin as the browser sees it, such as `https://wiki.acme.example` or `http://localhost:8080`.
    public let origin: String
    public let route: Route
    public let purpose: Purpose
    /// Of the request that asked first; empty where a response under way is checked.
    public let requestID: String
}

/// One question about an unauthenticated request to a public path.
public struct AnonymousLookup: Sendable {
    public let organizationSlug: String
    public let origin: String
    public let route: Route
}

public enum SessionAnswer: Sendable {
    case session(IdentityHeaders)
    /// There is no such session, or it is not one of this organization.
    case absent
    /// Signed in, but without any of the route's roles.
    case forbidden
    /// Signed in, but not as lately or in the way that the route demands.
    case stepUpNeeded
    /// The store can't be reached. Never clears a cookie, never signs anybody out.
    case unknown
}

public enum AnonymousAnswer: Sendable {
    case headers(IdentityHeaders)
    case noSuchOrganization
    /// The store can't be reached.
    case unknown
}

/// Ready header lines for an upstream, and how long they hold.
public struct IdentityHeaders: Sendable, Equatable {
    /// `Name: value\r\n` lines without an empty line. Checked once when it arrives: a block with a
    /// malformed line is a malfunction and is not sent.
    public let block: [UInt8]
    /// From here on the source is asked again before the block is used.
    public let refreshAt: UnixMilliseconds
    /// From here on the block is never used.
    public let expiresAt: UnixMilliseconds
    /// Between `refreshAt` and here the block is used if the source answers `unknown`.
    public let graceUntil: UnixMilliseconds
    /// What the block depends on (member, organization, connections …); opaque, for invalidation.
    public let tags: [UInt64]
    /// Id of the member, for the access log; empty for nobody.
    public let member: [UInt8]

    public init(
        block: [UInt8], refreshAt: UnixMilliseconds, expiresAt: UnixMilliseconds, graceUntil: UnixMilliseconds,
        tags: [UInt64], member: [UInt8] = []
    ) {
        self.block = block
        self.refreshAt = refreshAt
        self.expiresAt = expiresAt
        self.graceUntil = graceUntil
        self.tags = tags
        self.member = member
    }
}

/// What changed in the store, as far as cached answers are concerned.
public enum Invalidation: Sendable {
    /// One session, on all routes.
    case session(SessionTokenHash)
    /// Every answer that carries one of these tags.
    case tags(Set<UInt64>)
    /// Every answer. Answers under way are thrown away.
    case everything
    /// Changes may have been missed: every answer is asked for again before it is used, and until
    /// `graceUntil` it is still used if the source answers `unknown`.
    case suspect(graceUntil: UnixMilliseconds)
}
