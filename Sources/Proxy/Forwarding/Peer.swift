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

    init(remote: SocketAddress?, local: SocketAddress?, trusted: TrustedProxies) {
        localPort = local?.port.flatMap { UInt16(exactly: $0) }
        if let parsed = remote?.ipAddress.flatMap({ IPAddress($0) }) {
            address = parsed
            text = Array(parsed.text.utf8)
            isTrusted = trusted.networks.contains { $0.contains(parsed) }
        } else {
            address = nil
            text = Array("unknown".utf8)
            isTrusted = trusted.includesUnixSockets && remote?.protocol != .inet && remote?.protocol != .inet6
        }
    }
}
