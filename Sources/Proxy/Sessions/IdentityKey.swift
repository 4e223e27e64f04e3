/// Whether a browser speaks TLS to whatever is in front.
enum Scheme: UInt8, Sendable {
    case http, https

    var text: String { self == .https ? "https" : "http" }
    var defaultPort: UInt16 { self == .https ? 443 : 80 }
}

/// What a cached block of headers belongs to: the session (or nobody), the route and, by hash, the
/// origin. Whoever finds an entry compares the origin itself.
struct IdentityKey: Hashable {
    /// `nil`: the proof that nobody is signed in.
    let tokenHash: SessionTokenHash?
    /// Of a route that the entry keeps alive, so that its address can't come to mean another one.
    let route: ObjectIdentifier
    let originHash: UInt64

    func hash(into hasher: inout Hasher) {
        if let tokenHash { tokenHash.hash(into: &hasher) } else { hasher.combine(route) }
        hasher.combine(originHash)
    }
}
