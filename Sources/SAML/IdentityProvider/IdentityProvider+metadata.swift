extension IdentityProvider {
    /// Reads saml-metadata: one `EntityDescriptor`, or the wanted one inside `EntitiesDescriptor`.
    ///
    /// The document's own signature is not looked at: metadata is trusted for where it came from, a
    /// file or an https URL of the connection.
    /// - Parameters:
    ///   - expectedEntityID: the connection's IdP. `nil` on first sight: then the document must have
    ///     exactly one entity.
    ///   - now: milliseconds since 1970.
    public static func parse(
        metadata: [UInt8], expectedEntityID: String?, now: Int64
    ) -> Result<IdentityProvider, SAMLRefusal> {
        defer { SAMLLibrary.leave() }
        return Result { () throws(SAMLRefusal) in
            try SAMLLibrary.enter()
            let document = try XMLDocument.parse(metadata, bounds: .metadata)
            return try document.withRoot { (root) throws(SAMLRefusal) in
                let entity = try wantedEntity(in: root, expectedEntityID: expectedEntityID)
                return try identityProvider(entity, now: now)
            }
        }
    }

    private static func wantedEntity(in root: XMLElement, expectedEntityID: String?) throws(SAMLRefusal) -> XMLElement {
        // Depth is bounded by XMLBounds.metadata.
        func entities(in element: XMLElement) -> [XMLElement] {
            if element.isNamed(.metadataName("EntityDescriptor")) { return [element] }
            guard element.isNamed(.metadataName("EntitiesDescriptor")) else { return [] }
            return element.children.flatMap(entities)
        }
        let all = entities(in: root)
        guard !all.isEmpty else { throw .metadataMalformed }
        let wanted = expectedEntityID.map { expected in all.filter { $0.attribute("entityID") == expected } } ?? all
        guard wanted.count == 1, let entity = wanted.first else { throw .metadataEntity }
        return entity
    }

    private static func identityProvider(_ entity: XMLElement, now: Int64) throws(SAMLRefusal) -> IdentityProvider {
        guard let entityID = entity.attribute("entityID") else { throw .metadataMalformed }
        let roles = entity.children(.metadataName("IDPSSODescriptor")).filter { role in
            let protocols = role.attribute("protocolSupportEnumeration") ?? ""
            return protocols.split(whereSeparator: \.isWhitespace).contains("urn:oasis:names:tc:SAML:2.0:protocol")
        }
        guard roles.count == 1, let role = roles.first else { throw .identityProviderRole }
        let validUntil = try earliestValidUntil(from: role)
        if let validUntil, now >= validUntil { throw .metadataExpired }
        return try IdentityProvider(
            entityID: entityID, singleSignOnURL: try singleSignOnURL(of: role), keys: try signingKeys(of: role),
            validUntil: validUntil, wantsSignedRequests: ["true", "1"].contains(role.attribute("WantAuthnRequestsSigned") ?? ""))
    }

    /// `validUntil` of the role and of everything around it: the earliest counts.
    private static func earliestValidUntil(from role: XMLElement) throws(SAMLRefusal) -> Int64? {
        var earliest: Int64?
        var next: XMLElement? = role
        while let element = next {
            if let text = element.attribute("validUntil") {
                guard let time = SAMLTime.parse(text) else { throw .timeMalformed }
                earliest = min(earliest ?? time, time)
            }
            next = element.parent
        }
        return earliest
    }

    private static func singleSignOnURL(of role: XMLElement) throws(SAMLRefusal) -> String {
        let redirect = role.children(.metadataName("SingleSignOnService")).first {
            $0.attribute("Binding") == "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
        }
        guard let location = redirect?.attribute("Location") else { throw .singleSignOnService }
        return location
    }

    /// Every certificate of every key for signing (`use` "signing" or absent). One weak or unreadable
    /// key refuses the whole: a key that is skipped in silence is a sign-in that fails later.
    private static func signingKeys(of role: XMLElement) throws(SAMLRefusal) -> [VerificationKey] {
        var keys: [VerificationKey] = []
        for descriptor in role.children(.metadataName("KeyDescriptor")) {
            let use = descriptor.attribute("use")
            guard use == nil || use == "signing" else { continue }
            for information in descriptor.children(.signatureName("KeyInfo")) {
                for data in information.children(.signatureName("X509Data")) {
                    for certificate in data.children(.signatureName("X509Certificate")) {
                        guard keys.count < maximumCertificates else { throw .tooManyCertificates }
                        guard let text = certificate.text, let der = Base64.decode(text.utf8.filter { !$0.isXMLSpace })
                        else { throw .certificateMalformed }
                        keys.append(try VerificationKey(certificate: der))
                    }
                }
            }
        }
        return keys
    }
}
