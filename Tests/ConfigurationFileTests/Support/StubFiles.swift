@testable import ConfigurationFile

/// Files by path, as written in the configuration. The folder of the configuration is `/etc/gateway`.
struct StubFiles: FileReader {
    var files: [String: NamedFile] = [:]

    init(_ texts: [String: String] = [:], permissions: UInt32 = 0o600) {
        files = texts.mapValues { NamedFile(bytes: Array($0.utf8), permissions: permissions) }
    }

    func absolutePath(_ path: String) -> String { path.hasPrefix("/") ? path : "/etc/gateway/" + path }

    func read(_ path: String, maximumBytes: Int) -> Result<NamedFile, FileProblem> {
        guard let file = files[path] else { return .failure(.notFound) }
        return file.bytes.count > maximumBytes ? .failure(.tooLarge) : .success(file)
    }

    /// What the rules below name.
    static let all: StubFiles = {
        var stub = StubFiles([
            "secret": "correct horse battery staple\n", "empty": "", "blank": " \n\n", "two-lines": "one\ntwo\n",
            "weak.pem": PEMFixture.weakCertificate, "strong.pem": PEMFixture.strongCertificate,
            "small-exponent.pem": PEMFixture.smallExponentCertificate, "pss.pem": PEMFixture.pssCertificate,
            "elliptic.pem": PEMFixture.ellipticCertificate, "other-curve.pem": PEMFixture.otherCurveCertificate,
            "ed25519.pem": PEMFixture.ed25519Certificate, "ed448.pem": PEMFixture.ed448Certificate,
            "both.pem": PEMFixture.strongCertificate + "\n" + PEMFixture.ellipticCertificate,
            "strong-then-weak.pem": PEMFixture.strongCertificate + "\n" + PEMFixture.weakCertificate,
            "eleven.pem": Array(repeating: PEMFixture.ellipticCertificate, count: 11).joined(separator: "\n"),
            "cut.pem": String(PEMFixture.strongCertificate.dropLast(30)),
            "not-base64.pem": "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----",
            "not-der.pem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
            "text.pem": "hello", "weak.key": PEMFixture.weakKey, "strong.key": PEMFixture.strongKey,
            "pkcs1.key": PEMFixture.pkcs1Key, "elliptic.key": PEMFixture.ellipticKey, "encrypted.key": PEMFixture.encryptedKey,
            "two.key": PEMFixture.strongKey + "\n" + PEMFixture.pkcs1Key,
            "metadata.xml": "<md:EntityDescriptor/>", "other.xml": "<html/>",
            "large": String(repeating: "a", count: 64 * 1024 + 1),
        ])
        stub.files["group.secret"] = NamedFile(bytes: Array("shared".utf8), permissions: 0o640)
        stub.files["others.secret"] = NamedFile(bytes: Array("shared".utf8), permissions: 0o604)
        stub.files["others.key"] = NamedFile(bytes: Array(PEMFixture.strongKey.utf8), permissions: 0o644)
        stub.files["binary"] = NamedFile(bytes: [0xFF, 0xFE, 0x80], permissions: 0o600)
        return stub
    }()
}
