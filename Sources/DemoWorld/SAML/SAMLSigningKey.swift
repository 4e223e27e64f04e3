import Crypto
import CryptoExtras
import FoundationEssentials
import SwiftASN1
import X509

/// A key of the SAML identity provider, and the self-signed certificate that carries its public half.
struct SAMLSigningKey: Sendable {
    private let key: _RSA.Signing.PrivateKey
    /// DER, base64 on one line.
    let certificate: String

    /// - Parameter now: seconds since 1970.
    init(commonName: String, now: Int64) throws {
        key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let name = try DistinguishedName { CommonName(commonName) }
        let day: Double = 86_400
        let made = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey),
            notValidBefore: Date(timeIntervalSince1970: Double(now) - day),
            notValidAfter: Date(timeIntervalSince1970: Double(now) + 3650 * day), issuer: name, subject: name,
            signatureAlgorithm: .sha256WithRSAEncryption, extensions: .init(), issuerPrivateKey: .init(key))
        var serializer = DER.Serializer()
        try serializer.serialize(made)
        certificate = Data(serializer.serializedBytes).base64EncodedString()
    }

    /// PEM.
    var certificatePEM: String {
        var lines = ["-----BEGIN CERTIFICATE-----"]
        var rest = certificate[...]
        while !rest.isEmpty {
            lines.append(String(rest.prefix(64)))
            rest = rest.dropFirst(64)
        }
        return (lines + ["-----END CERTIFICATE-----", ""]).joined(separator: "\n")
    }

    /// `element` with an enveloped signature after its first child, which is the issuer (SAML Core §5.4).
    ///
    /// - Parameter spoils: the signature's last bit is wrong.
    func sign(_ element: XMLElement, id: String, spoils: Bool = false) throws -> XMLElement {
        let digest = SHA256.hash(data: Array(element.canonical().utf8))
        let ds = SAMLNamespace.signature
        let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
        let signedInfo = ds(
            "SignedInfo", [:],
            [
                ds("CanonicalizationMethod", ["Algorithm": exclusive]),
                ds("SignatureMethod", ["Algorithm": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"]),
                ds(
                    "Reference", ["URI": "#" + id],
                    [
                        ds(
                            "Transforms", [:],
                            [
                                ds("Transform", ["Algorithm": "http://www.w3.org/2000/09/xmldsig#enveloped-signature"]),
                                ds("Transform", ["Algorithm": exclusive]),
                            ]),
                        ds("DigestMethod", ["Algorithm": "http://www.w3.org/2001/04/xmlenc#sha256"]),
                        ds("DigestValue", text: Data(digest).base64EncodedString()),
                    ]),
            ])
        let hash = SHA256.hash(data: Array(signedInfo.canonical().utf8))
        var value = try key.signature(for: hash, padding: .insecurePKCS1v1_5).rawRepresentation
        if spoils, let last = value.indices.last { value[last] ^= 1 }
        let signature = ds(
            "Signature", [:],
            [
                signedInfo,
                ds("SignatureValue", text: value.base64EncodedString()),
                ds("KeyInfo", [:], [ds("X509Data", [:], [ds("X509Certificate", text: certificate)])]),
            ])
        var signed = element
        signed.children.insert(.element(signature), at: min(1, signed.children.count))
        return signed
    }
}
