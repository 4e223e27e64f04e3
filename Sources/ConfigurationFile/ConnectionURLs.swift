public import Tenancy

/// What an IdP's administrator must enter for one connection; `gateway urls` prints it.
public struct ConnectionURLs: Sendable, Equatable {
    /// The connection's name in the file.
    public var name: String
    /// The owner's slug.
    public var organization: String
    public var type: ConnectionKind
    public var connectionID: ConnectionID
    /// OIDC alone.
    public var redirectURL: String?
    /// SAML alone, as are the following.
    public var acsURL: String?
    /// The ACS URL, unless the connection sets `sp_entity_id`.
    public var entityID: String?
    public var metadataURL: String?
}

extension Configuration {
    /// Of every declared connection, in file order.
    public var connectionURLs: [ConnectionURLs] {
        let slugs = Dictionary(declaration.organizations.map { ($0.id, $0.slug) }) { first, _ in first }
        return declaration.connections.map { declared in
            let id = declared.connection.id
            let callback = "\(externalURL.text)/v1/b2b/sso/callback/\(id)"
            var urls = ConnectionURLs(
                name: declared.name, organization: slugs[declared.connection.organizationID] ?? "",
                type: declared.connection.kind, connectionID: id)
            switch declared.settings {
            case .oidc: urls.redirectURL = callback
            case .saml(let settings):
                urls.acsURL = callback
                urls.entityID = settings.serviceProviderEntityID ?? callback
                urls.metadataURL = "\(externalURL.text)/.gateway/saml/metadata/\(id)"
            }
            return urls
        }
    }
}
