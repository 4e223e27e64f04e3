import Crypto
import Foundation
import NIOSSL
import SwiftASN1
import X509

@testable import Proxy

/// A certificate authority that lives as long as a test.
struct TestPKI {
    private let key = P256.Signing.PrivateKey()
    private let name: DistinguishedName
    let authority: Certificate

    init(_ commonName: String = "Test CA") throws {
        name = try DistinguishedName { CommonName(commonName) }
        authority = try Self.make(
            subject: name, publicKey: .init(key.publicKey), issuer: name, issuerKey: .init(key),
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(keyCertSign: true))
            })
    }

    var authorityPEM: String { get throws { try authority.serializeAsPEM().pemString } }

    /// A server's certificate for `hosts`.
    func server(_ hosts: String...) throws -> TLSCertificate {
        let key = P256.Signing.PrivateKey()
        let certificate = try Self.make(
            subject: DistinguishedName { CommonName(hosts.first ?? "nobody") }, publicKey: .init(key.publicKey), issuer: name,
            issuerKey: .init(self.key),
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                if !hosts.isEmpty { SubjectAlternativeNames(hosts.map { .dnsName($0) }) }
            })
        return TLSCertificate(chain: try certificate.serializeAsPEM().pemString, privateKey: key.pemRepresentation)
    }

    /// A client's certificate.
    func client(_ commonName: String) throws -> TLSCertificate {
        let key = P256.Signing.PrivateKey()
        let certificate = try Self.make(
            subject: DistinguishedName {
                OrganizationName("Ex, Ample")
                CommonName(commonName)
            }, publicKey: .init(key.publicKey), issuer: name, issuerKey: .init(self.key),
            extensions: Certificate.Extensions { try ExtendedKeyUsage([.clientAuth]) })
        return TLSCertificate(chain: try certificate.serializeAsPEM().pemString, privateKey: key.pemRepresentation)
    }

    private static func make(
        subject: DistinguishedName, publicKey: Certificate.PublicKey, issuer: DistinguishedName, issuerKey: Certificate.PrivateKey,
        extensions: Certificate.Extensions
    ) throws -> Certificate {
        let now = Date()
        return try Certificate(
            version: .v3, serialNumber: .init(), publicKey: publicKey, notValidBefore: now.addingTimeInterval(-3600),
            notValidAfter: now.addingTimeInterval(86_400), issuer: issuer, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: extensions, issuerPrivateKey: issuerKey)
    }

    /// What a client of this authority's servers uses.
    func clientContext(
        protocols: [String] = [], certificate: TLSCertificate? = nil, maximum: TLSVersion? = nil
    ) throws -> NIOSSLContext {
        var settings = TLSConfiguration.makeClientConfiguration()
        settings.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(authorityPEM.utf8)))
        settings.applicationProtocols = protocols
        settings.maximumTLSVersion = maximum
        if let certificate {
            settings.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(certificate.chain.utf8)).map { .certificate($0) }
            settings.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(certificate.privateKey.utf8), format: .pem))
        }
        return try NIOSSLContext(configuration: settings)
    }
}
