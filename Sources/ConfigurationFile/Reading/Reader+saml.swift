import Tenancy

/// `[[connection]]` with `type = "saml"`.
extension Reader {
    private static let skews: ClosedRange<Duration> = .zero ... .seconds(180)
    /// SAML core §8.3.6, in characters.
    private static let maximumEntityIDBytes = 1024

    func samlSettings(_ section: Section<ConnectionKey>) -> SAMLConnectionSettings? {
        let identityProvider = self.identityProvider(section)
        let entityID = section.parsed(.spEntityID, Self.entityID)
        let skew = section.duration(.clockSkew, in: Self.skews)
        let subject = section.string(.subjectAttribute, maximumBytes: 256)
        let unsolicited = section.boolean(.idpInitiated)
        let hasKey = section.has(.decryptionKey) || section.has(.decryptionKeyFile)
        let key = hasKey ? privateKey(section, inline: .decryptionKey, file: .decryptionKeyFile, rsaOnly: true) : nil
        let mapping = attributeMapping(section)
        guard let identityProvider else { return nil }
        var settings = SAMLConnectionSettings(
            identityProvider: identityProvider, serviceProviderEntityID: entityID?.value, attributeMapping: mapping,
            subjectAttribute: subject?.value, decryptionKey: key)
        if let skew { settings.clockSkew = skew.value }
        if let unsolicited { settings.allowsUnsolicited = unsolicited }
        return settings
    }

    /// Exactly one of three ways to say who the IdP is.
    private func identityProvider(_ section: Section<ConnectionKey>) -> SAMLConnectionSettings.IdentityProviderSource? {
        let fields: [ConnectionKey] = [.idpEntityID, .idpSSOURL, .certificate, .certificateFile]
        let written = [[.metadataURL], [.metadataFile], fields].filter { keys in keys.contains { section.has($0) } }
        guard written.count == 1 else {
            let remedy = "`metadata_url`, or `metadata_file`, or `idp_entity_id` with `idp_sso_url` and `certificate_file`"
            problems.error(
                section.line,
                written.isEmpty
                    ? "[[connection]] needs \(remedy)" : "[[connection]] says in several ways who the IdP is: keep either \(remedy)")
            // What is written is still checked.
            _ = [metadataURL(section), metadataFile(section)]
            _ = identityProviderFields(section, mustBeComplete: false)
            return nil
        }
        if section.has(.metadataURL) { return metadataURL(section) }
        if section.has(.metadataFile) { return metadataFile(section) }
        return identityProviderFields(section, mustBeComplete: true)
    }

    private func metadataURL(_ section: Section<ConnectionKey>) -> SAMLConnectionSettings.IdentityProviderSource? {
        section.parsed(.metadataURL, Self.identityProviderURL).map { .metadataURL($0.value) }
    }

    private func metadataFile(_ section: Section<ConnectionKey>) -> SAMLConnectionSettings.IdentityProviderSource? {
        guard let text = document(section, .metadataFile) else { return nil }
        guard text.value.contains("EntityDescriptor") else {
            section.error(.metadataFile, "there is no EntityDescriptor in it: it must be the IdP's SAML metadata")
            return nil
        }
        return .metadata(text.value)
    }

    private func identityProviderFields(
        _ section: Section<ConnectionKey>, mustBeComplete: Bool
    ) -> SAMLConnectionSettings.IdentityProviderSource? {
        if mustBeComplete {
            section.require(.idpEntityID)
            section.require(.idpSSOURL)
            if !section.has(.certificate), !section.has(.certificateFile) {
                problems.error(section.line, "[[connection]] needs `certificate_file`")
            }
        }
        let entityID = section.parsed(.idpEntityID, Self.entityID)
        let url = section.parsed(.idpSSOURL, Self.identityProviderURL)
        let hasCertificate = section.has(.certificate) || section.has(.certificateFile)
        let certificates = hasCertificate ? self.certificates(section, inline: .certificate, file: .certificateFile) : nil
        guard let entityID, let url, let certificates else { return nil }
        return .fields(entityID: entityID.value, ssoURL: url.value, certificates: certificates)
    }

    private static func identityProviderURL(_ text: String) -> Result<String, Advice> {
        WebURL.parse(text).flatMap { url in
            if url.fragment != nil { return .failure(Advice("remove the fragment, which is never sent")) }
            return plainHTTPAdvice(url.origin).map { .failure($0) } ?? .success(text)
        }
    }

    /// A URI by the standard; IdPs also use plain names, so only what can't be compared is refused.
    private static func entityID(_ text: String) -> Result<String, Advice> {
        text.utf8.count <= maximumEntityIDBytes && !text.contains(where: \.isWhitespace)
            ? .success(text) : .failure(Advice("an entity ID has at most \(maximumEntityIDBytes) bytes and no spaces"))
    }
}
