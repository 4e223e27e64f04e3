import Testing

@testable import ConfigurationFile

struct KeyStrengthTests {
    @Test(
        "certificates",
        arguments: [
            (PEMFixture.weakCertificate, .success(.rsa(bits: 1024))), (PEMFixture.strongCertificate, .success(.rsa(bits: 2048))),
            (PEMFixture.smallExponentCertificate, .success(.rsa(bits: 2048))), (PEMFixture.pssCertificate, .success(.rsa(bits: 2048))),
            (PEMFixture.ellipticCertificate, .success(.ellipticCurve)), (PEMFixture.otherCurveCertificate, .failure(.unknownCurve)),
            (PEMFixture.ed25519Certificate, .success(.ed25519)), (PEMFixture.ed448Certificate, .failure(.unknownAlgorithm)),
            (PEMFixture.strongKey, .failure(.notDER)),
        ] as [(String, Result<KeyStrength, KeyStrength.Refusal>)])
    func certificates(pem: String, strength: Result<KeyStrength, KeyStrength.Refusal>) throws {
        #expect(KeyStrength.ofCertificate(try #require(try PEMBlock.all(in: pem).get().first).der) == strength)
    }

    @Test(
        "private keys",
        arguments: [
            (PEMFixture.weakKey, .success(.rsa(bits: 1024))), (PEMFixture.strongKey, .success(.rsa(bits: 2048))),
            (PEMFixture.pkcs1Key, .success(.rsa(bits: 2048))),
            (PEMFixture.ellipticPKCS8Key, .success(.ellipticCurve)), (PEMFixture.strongCertificate, .failure(.notDER)),
        ] as [(String, Result<KeyStrength, KeyStrength.Refusal>)])
    func privateKeys(pem: String, strength: Result<KeyStrength, KeyStrength.Refusal>) throws {
        #expect(KeyStrength.ofPrivateKey(try #require(try PEMBlock.all(in: pem).get().last)) == strength)
    }

    @Test(
        "an exponent that makes every message its own signature",
        arguments: [([0x00, 0x00, 0x01], true), ([0x01, 0x00, 0x00], true), ([0x01, 0x00, 0x01], false)] as [([UInt8], Bool)])
    func exponent(bytes: [UInt8], isRefused: Bool) throws {
        var der = try #require(try PEMBlock.all(in: PEMFixture.strongCertificate).get().first).der
        let usual: [UInt8] = [0x02, 0x03, 0x01, 0x00, 0x01]
        let position = try #require(der.indices.first { der[$0...].starts(with: usual) })
        der.replaceSubrange((position + 2)..<(position + 5), with: bytes)
        #expect(KeyStrength.ofCertificate(der) == (isRefused ? .failure(.badExponent) : .success(.rsa(bits: 2048))))
    }

    @Test(
        "PEM that is refused",
        arguments: [
            ("", .noBlock), ("text", .noBlock), ("-----BEGIN A-----\nAAAA", .unfinished),
            ("-----BEGIN A-----\nAAAA\n-----END B-----", .unfinished),
            ("-----BEGIN A-----\n-----BEGIN A-----\n-----END A-----", .unfinished), ("-----END A-----", .unfinished),
            ("-----BEGIN A-----\n-----END A-----", .notBase64),
            ("-----BEGIN A-----\nAAA\n-----END A-----", .notBase64), ("-----BEGIN A-----\nAB==\n-----END A-----", .notBase64),
            ("-----BEGIN A-----\nA===\n-----END A-----", .notBase64),
            ("-----BEGIN A-----\nAA=A\n-----END A-----", .notBase64), (PEMFixture.encryptedKey, .encrypted),
            (PEMFixture.encryptedPKCS1Key, .encrypted),
        ] as [(String, PEMBlock.Refusal)])
    func refusedPEM(text: String, refusal: PEMBlock.Refusal) { #expect(PEMBlock.all(in: text) == .failure(refusal)) }

    @Test("text around blocks and Windows line ends change nothing")
    func tolerance() throws {
        let text = "subject=CN=x\r\n-----BEGIN A-----\r\n AAEC \r\nAw==\r\n-----END A-----\r\ntrailing"
        #expect(
            try PEMBlock.all(in: text).get() == [
                PEMBlock(label: "A", text: "-----BEGIN A-----\nAAEC\nAw==\n-----END A-----\n", der: [0, 1, 2, 3])
            ])
    }
}
