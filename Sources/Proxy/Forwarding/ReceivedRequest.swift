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
    /// Of the connection's client certificate; empty: none.
    var certificateSubject: [UInt8]
    var hostMatch: RouteTable.HostMatch?
    var route: CompiledRoute?
    /// A trace that it belongs to is forwarded as it came.
    var hasTrace = false
    /// What the upstream has to answer, where a WebSocket is asked for.
    var webSocketAccept: [UInt8]?
    /// The only session cookie, if it is one token in its one encoding.
    var session: SessionTokenHash?

    var host: ByteView { authority.slice(0, hostBytes) }
    var method: ByteView { bytes.slice(0, head.methodEnd) }

    var isHead: Bool { method.equals("HEAD") }

    /// Whether the client says that it takes trailers (RFC 9110 §10.1.4).
    func acceptsTrailers(_ fields: FieldList) -> Bool {
        for index in 0..<fields.count where fields[index].name(in: bytes).equalsIgnoringCase("te") {
            var list = TokenList(fields[index].value(in: bytes))
            while let element = list.next() {
                if element.equalsIgnoringCase("trailers") { return true }
            }
        }
        return false
    }

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
