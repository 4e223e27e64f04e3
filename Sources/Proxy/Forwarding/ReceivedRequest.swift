/// A request as it is decided on and forwarded: parsed, with host and path in canonical form. Everything
/// in it is borrowed from the received bytes and from the loop's scratch memory, and is valid only while
/// one request is being decided.
struct ReceivedRequest {
    let bytes: ByteView
    var head: RequestHead
    var scheme: Scheme
    /// Canonical host and, where it is carried in the origin, `:port`.
    var authority: ByteView
    var hostBytes: Int
    /// Canonical.
    var path: ByteView
    /// With its `?`.
    var query: ByteView
    /// Text of the client's address.
    var client: [UInt8]
    var hostMatch: RouteTable.HostMatch?
    var route: CompiledRoute?
    /// The only session cookie, if it is one token in its one encoding.
    var session: SessionTokenHash?

    var host: ByteView { authority.slice(0, hostBytes) }
    var method: ByteView { bytes.slice(0, head.methodEnd) }

    var isHead: Bool { method.equals("HEAD") }

    /// Methods that may be sent twice (RFC 9110 §9.2.2), as far as we know them.
    var isIdempotent: Bool {
        method.equals("GET") || method.equals("HEAD") || method.equals("OPTIONS") || method.equals("PUT") || method.equals("DELETE")
    }

    /// The organization that the host and route stand for.
    var organizationSlug: String? {
        if let hostMatch, hostMatch.labelBytes > 0 { return host.slice(0, hostMatch.labelBytes).string }
        return route?.route.organizationSlug
    }
}
