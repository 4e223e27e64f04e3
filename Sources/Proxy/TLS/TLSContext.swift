import NIOCore
import NIOSSL
import SwiftASN1
import X509

/// A certificate chain and its private key, each as the text of a PEM file.
public struct TLSCertificate: Sendable, Equatable {
    /// The server's own certificate first.
    public let chain: String
    public let privateKey: String

    public init(chain: String, privateKey: String) {
        self.chain = chain
        self.privateKey = privateKey
    }
}

/// Why certificates and keys can't be served. `index`: which of the given certificates.
public enum TLSContextError: Error, Equatable {
    /// The chain is no list of certificates.
    case certificate(index: Int)
    /// The private key can't be read.
    case privateKey(index: Int)
    /// The private key does not belong to the certificate.
    case mismatch(index: Int)
    /// A certificate beside the first that names no host would never be chosen.
    case nameless(index: Int)
    case clientAuthority
}

/// What the listeners of a process show and accept in TLS handshakes: TLS 1.2 and 1.3, forward secrecy and
/// authenticated ciphers only. Immutable; a reload makes a new one, and connections keep theirs.
public final class TLSContext: Sendable {
    /// RFC 9113 §9.2.2 prohibits all others with HTTP/2.
    private static let ciphers = "ECDH+AESGCM:ECDH+CHACHA20"

    let context: NIOSSLContext

    /// - Parameters:
    ///   - certificates: at least one. The first is shown to clients that name no host or one that none has.
    ///   - clientAuthority: PEM text of the authorities whose client certificates are accepted. `nil`: clients are
    ///     not asked for one. A client may show none; one that does not pass ends the handshake.
    ///   - offersHTTP2: by ALPN, before HTTP/1.1.
    public init(certificates: [TLSCertificate], clientAuthority: String? = nil, offersHTTP2: Bool = true) throws(TLSContextError) {
        var identities: [TLSIdentity] = []
        for (index, certificate) in certificates.enumerated() { identities.append(try TLSIdentity(certificate, index: index)) }
        guard let first = identities.first else { throw .certificate(index: 0) }
        var settings = Self.settings(first)
        settings.applicationProtocols = offersHTTP2 ? ["h2", "http/1.1"] : ["http/1.1"]
        if let clientAuthority {
            guard let roots = try? NIOSSLCertificate.fromPEMBytes(Array(clientAuthority.utf8)), !roots.isEmpty else {
                throw .clientAuthority
            }
            settings.certificateVerification = .optionalVerification
            settings.trustRoots = .certificates(roots)
            settings.sendCANameList = true
        }
        if identities.count > 1 {
            let others = try TLSNames(identities)
            settings.sslContextCallback = { client, promise in promise.succeed(others.choice(for: client.serverHostname)) }
        }
        guard let context = try? NIOSSLContext(configuration: settings) else { throw .mismatch(index: 0) }
        self.context = context
    }

    fileprivate static func settings(_ identity: TLSIdentity) -> TLSConfiguration {
        var settings = TLSConfiguration.makeServerConfiguration(certificateChain: identity.chain, privateKey: identity.key)
        settings.minimumTLSVersion = .tlsv12
        settings.cipherSuites = ciphers
        // For the client's close_notify. Who does not send one has what we sent all the same.
        settings.shutdownTimeout = .seconds(1)
        return settings
    }
}

/// A chain and key that belong together.
struct TLSIdentity {
    let chain: [NIOSSLCertificateSource]
    let key: NIOSSLPrivateKeySource
    /// Hosts of the server's certificate, lower case.
    let hosts: [String]

    init(_ certificate: TLSCertificate, index: Int) throws(TLSContextError) {
        guard let chain = try? NIOSSLCertificate.fromPEMBytes(Array(certificate.chain.utf8)), let own = chain.first else {
            throw .certificate(index: index)
        }
        guard let key = try? NIOSSLPrivateKey(bytes: Array(certificate.privateKey.utf8), format: .pem) else {
            throw .privateKey(index: index)
        }
        self.chain = chain.map { .certificate($0) }
        self.key = .privateKey(key)
        hosts = Self.hosts(of: own)
        // Making a context is what compares the key with the certificate.
        guard (try? NIOSSLContext(configuration: TLSContext.settings(self))) != nil else { throw .mismatch(index: index) }
    }

    private static func hosts(of certificate: NIOSSLCertificate) -> [String] {
        guard let bytes = try? certificate.toDERBytes(), let parsed = try? Certificate(derEncoded: bytes),
            let names = try? parsed.extensions.subjectAlternativeNames
        else { return [] }
        return names.compactMap { if case .dnsName(let name) = $0 { name.lowercased() } else { nil } }
    }
}

/// Which certificate belongs to the host that a client names (SNI).
private struct TLSNames: Sendable {
    private var exact: [String: NIOSSLContextConfigurationOverride] = [:]
    /// By what follows the `*` label.
    private var wildcards: [String: NIOSSLContextConfigurationOverride] = [:]

    /// An earlier certificate wins over a later one with the same name.
    init(_ identities: [TLSIdentity]) throws(TLSContextError) {
        for (index, identity) in identities.enumerated() {
            guard index == 0 || !identity.hosts.isEmpty else { throw .nameless(index: index) }
            var choice = NIOSSLContextConfigurationOverride()
            choice.certificateChain = identity.chain
            choice.privateKey = identity.key
            for host in identity.hosts {
                if host.hasPrefix("*.") {
                    let suffix = String(host.dropFirst(2))
                    if wildcards[suffix] == nil { wildcards[suffix] = choice }
                } else if exact[host] == nil {
                    exact[host] = choice
                }
            }
        }
    }

    func choice(for host: String?) -> NIOSSLContextConfigurationOverride {
        guard let name = host?.lowercased() else { return .noChanges }
        if let choice = exact[name] { return choice }
        guard let dot = name.firstIndex(of: ".") else { return .noChanges }
        return wildcards[String(name[name.index(after: dot)...])] ?? .noChanges
    }
}

extension NIOSSLHandler {
    /// Subject of the client's certificate, which was verified in the handshake, as `Peer` has it.
    var clientSubject: [UInt8] {
        guard let bytes = try? peerCertificate?.toDERBytes(), let certificate = try? Certificate(derEncoded: bytes) else { return [] }
        return certificate.subject.description.utf8.flatMap { byte in
            (0x20...0x7E).contains(byte) && byte != 0x25
                ? [byte] : Array("%\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))".utf8)
        }
    }
}
