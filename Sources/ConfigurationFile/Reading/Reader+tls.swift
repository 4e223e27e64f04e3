import Tenancy

/// `[tls]` and `tls` of `[admin]`. That a key belongs to its certificate is for the data plane to say, which
/// can read both.
extension Reader {
    func tls(_ section: Section<TLSKey>) -> TLSSettings? {
        section.require(.certificate)
        section.require(.privateKey)
        let certificate = tlsCertificate(section, .certificate, .privateKey)
        let additional = section.sections(.additional, TLSCertificateKey.self).map { inner in
            inner.require(.certificate)
            inner.require(.privateKey)
            return tlsCertificate(inner, .certificate, .privateKey)
        }
        let authority = named(section, .clientCA, maximumBytes: Self.maximumMetadataBytes, mustBePrivate: false)
            .flatMap { text in certificateBlocks(text.value, section, .clientCA, allowsEd25519: true).map { _ in text } }
        // An authority that can't be read must not come to mean that nobody is asked for a certificate.
        guard let certificate, additional.allSatisfy({ $0 != nil }), section.has(.clientCA) == (authority != nil) else { return nil }
        return TLSSettings(
            certificate: certificate, additional: additional.compactMap { $0 }, clientAuthority: authority?.value,
            clientAuthorityLine: section.line(of: .clientCA))
    }

    private func tlsCertificate<Key>(_ section: Section<Key>, _ certificate: Key, _ privateKey: Key) -> TLSSettings.Certificate? {
        let chain = named(section, certificate, maximumBytes: Self.maximumKeyFileBytes, mustBePrivate: false)
            .flatMap { certificateBlocks($0.value, section, certificate, allowsEd25519: true) }
        let key = named(section, privateKey, maximumBytes: Self.maximumKeyFileBytes, mustBePrivate: true)
            .flatMap { privateKeyBlock($0.value, section, privateKey, rsaOnly: false) }
        guard let chain, let key else { return nil }
        return TLSSettings.Certificate(
            chain: chain.map(\.text).joined(separator: "\n"), privateKey: Secret(key.text), line: section.line(of: privateKey))
    }
}
