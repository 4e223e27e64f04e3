import NIOCore

/// The other end of a client connection.
struct Peer {
    /// `nil` on a unix socket.
    let address: IPAddress?
    /// For `X-Forwarded-For`.
    let text: [UInt8]
    /// Whether its `X-Forwarded-*` fields are believed.
    let isTrusted: Bool
    /// Port that it connected to.
    let localPort: UInt16?
    /// Of the connection itself.
    let scheme: Scheme
    /// Of its verified certificate: RFC 4514 text, percent-encoded where it is not printable ASCII. Empty: none.
    var certificateSubject: [UInt8] = []

    init(remote: SocketAddress?, local: SocketAddress?, scheme: Scheme, trusted: TrustedProxies) {
        let parsed = remote?.ipAddress.flatMap { IPAddress($0) }
        let isUnix = remote?.protocol != .inet && remote?.protocol != .inet6
        self.init(
            address: parsed, localPort: local?.port.flatMap { UInt16(exactly: $0) }, scheme: scheme,
            isTrusted: parsed.map { trusted.contains($0) } ?? (trusted.includesUnixSockets && isUnix))
    }

    private init(address: IPAddress?, localPort: UInt16?, scheme: Scheme, isTrusted: Bool) {
        self.address = address
        text = Array((address?.text ?? "unknown").utf8)
        self.isTrusted = isTrusted
        self.localPort = localPort
        self.scheme = scheme
    }

    /// Whom a proxy names in its PROXY header. Trust is judged anew, for that one.
    func speaking(for addresses: ProxyHeader.Addresses, trusted: TrustedProxies) -> Peer {
        Peer(
            address: addresses.source, localPort: addresses.destinationPort, scheme: scheme,
            isTrusted: trusted.contains(addresses.source))
    }
}
