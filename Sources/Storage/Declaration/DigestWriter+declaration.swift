import Tenancy

// Every declared field of each kind, and its id. A field that is left out here could change in the file
// without being imported.

extension DigestWriter {
    mutating func organization(_ value: Declaration.DeclaredOrganization) {
        text(value.id.rawValue)
        text(value.slug)
        text(value.name)
        optional(value.createdAt) { $0.integer($1.milliseconds) }
        list(value.allowedDomains.map(\.rawValue))
        text(value.provisioning.stored.policy)
        list(value.provisioning.stored.connections)
        text(value.defaultConnection?.storedText)
        dictionary(
            Dictionary(uniqueKeysWithValues: value.domainRoles.map { ($0.key.rawValue, $0.value) })
        ) { $0.roles($1) }
        dictionary(value.customClaims) { $0.text($1) }
    }

    mutating func member(_ value: Declaration.DeclaredMember, of organizationID: OrganizationID) {
        text(value.id.rawValue)
        text(organizationID.rawValue)
        text(value.email.rawValue)
        text(value.name)
        roles(value.roles)
    }

    mutating func connection(_ value: Declaration.DeclaredConnection) {
        let connection = value.connection
        text(value.name)
        text(connection.id.rawValue)
        text(connection.organizationID.rawValue)
        text(connection.displayName)
        text(connection.kind.rawValue)
        optional(connection.emailDomains) { $0.domains($1) }
        dictionary(connection.requiredClaims) { $0.set($1) }
        roles(connection.roles)
        dictionary(connection.groupRoles) { $0.roles($1) }
        switch value.settings {
        case .oidc(let settings): oidc(settings)
        case .saml(let settings): saml(settings)
        }
    }

    private mutating func oidc(_ settings: OIDCConnectionSettings) {
        text("oidc")
        text(settings.issuer)
        text(settings.clientID)
        text(settings.clientSecret?.revealed)
        list(settings.customScopes)
        list(settings.algorithms)
        text(settings.userinfo.rawValue)
        list(settings.queryScopes)
        dictionary(settings.attributeMapping) { $0.text($1) }
        text(settings.subjectClaim)
    }

    private mutating func saml(_ settings: SAMLConnectionSettings) {
        text("saml")
        switch settings.identityProvider {
        case .metadataURL(let url):
            text("url")
            text(url)
        case .metadata(let document):
            text("document")
            text(document)
        case .fields(let entityID, let ssoURL, let certificates):
            text("fields")
            text(entityID)
            text(ssoURL)
            list(certificates)
        }
        text(settings.serviceProviderEntityID)
        dictionary(settings.attributeMapping) { $0.text($1) }
        text(settings.subjectAttribute)
        integer(settings.clockSkew.wholeMilliseconds)
        flag(settings.allowsUnsolicited)
        text(settings.decryptionKey?.revealed)
    }

    mutating func externalConnection(_ value: Declaration.DeclaredExternalConnection) {
        let link = value.externalConnection
        text(value.name)
        text(link.id.rawValue)
        text(link.displayName)
        text(link.borrowerID.rawValue)
        text(link.connectionID.rawValue)
        flag(link.provisions)
        optional(link.emailDomains) { $0.domains($1) }
        roles(link.roles)
        dictionary(link.groupRoles) { $0.roles($1) }
        optional(link.roleCeiling) { $0.roles($1) }
    }

    mutating func role(_ value: Role) {
        text(value.id.rawValue)
        dictionary(value.permissions) { $0.list($1) }
    }
}
