import Glibc
import NIOCore
import NIOSSL

/// An upstream of a route table, with what opening a connection to it needs. Immutable; shared by loops.
final class UpstreamTarget: Sendable {
    struct TLSClient: Sendable {
        let context: NIOSSLContext
        /// For SNI and for the check of the certificate. `nil` for an IP address, which is compared with the
        /// certificate's addresses instead (RFC 6066 §3 has no addresses in SNI).
        let serverName: String?
    }

    enum Failure: Error {
        case address
        /// The authorities can't be read.
        case authorities
    }

    let upstream: Upstream
    /// Position in the table's list.
    let index: Int
    /// `nil`: the host is a name.
    let fixedAddress: SocketAddress?
    let tls: TLSClient?

    init(_ upstream: Upstream, index: Int, contexts: inout TLSContexts) throws(Failure) {
        self.upstream = upstream
        self.index = index
        switch upstream.address {
        case .tcp(let host, let port):
            guard !host.isEmpty, !host.utf8.contains(0), (1...65_535).contains(port) else { throw .address }
            fixedAddress = try? SocketAddress(ipAddress: host, port: port)
            if let trust = upstream.tls {
                guard let context = contexts.context(for: trust, isHTTP2: upstream.speaksHTTP2) else { throw .authorities }
                guard fixedAddress != nil || host.utf8.count <= CanonicalHost.maximumBytes else { throw .address }
                tls = TLSClient(context: context, serverName: fixedAddress == nil ? host : nil)
            } else {
                tls = nil
            }
        case .unix(let path):
            guard upstream.tls == nil, let address = Self.unixAddress(path) else {
                throw .address
            }
            fixedAddress = address
            tls = nil
        }
    }

    /// `SocketAddress` itself takes only 103 of the 107 bytes that `sun_path` has (unix(7)).
    private static func unixAddress(_ path: String) -> SocketAddress? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.first == 0x2F, !bytes.contains(0) else { return nil }
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { place in
            guard bytes.count < place.count else { return false }
            place.copyBytes(from: bytes)
            return true
        }
        return fits ? SocketAddress(address) : nil
    }
}

/// TLS contexts, one for each set of authorities and protocol: reading the system's costs milliseconds and megabytes.
struct TLSContexts {
    private struct Key: Hashable {
        let trust: Upstream.Trust
        let isHTTP2: Bool
    }
    private var known: [Key: NIOSSLContext] = [:]

    /// `nil`: the authorities can't be read, or there are none.
    mutating func context(for trust: Upstream.Trust, isHTTP2: Bool = false) -> NIOSSLContext? {
        let key = Key(trust: trust, isHTTP2: isHTTP2)
        if let context = known[key] { return context }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = .fullVerification
        configuration.applicationProtocols = [isHTTP2 ? "h2" : "http/1.1"]
        switch trust {
        case .system: configuration.trustRoots = .default
        case .authorities(let pem):
            guard let certificates = try? NIOSSLCertificate.fromPEMBytes(pem), !certificates.isEmpty else { return nil }
            configuration.trustRoots = .certificates(certificates)
        }
        guard let context = try? NIOSSLContext(configuration: configuration) else { return nil }
        known[key] = context
        return context
    }
}
