import FoundationEssentials
import Tenancy

/// `ConnectionSettings` as two columns: what may be read, and the secrets, sealed.
struct StoredSettings: Codable, Equatable {
    struct OIDC: Codable, Equatable {
        var issuer: String
        var clientID: String
        var customScopes: [String]
        var algorithms: [String]
        var userinfo: OIDCConnectionSettings.UserinfoPolicy
        var queryScopes: [String]
        var attributeMapping: [String: String]
        var subjectClaim: String?
    }

    struct SAML: Codable, Equatable {
        var metadataURL: String?
        var metadata: String?
        var entityID: String?
        var ssoURL: String?
        var certificates: [String]?
        var serviceProviderEntityID: String?
        var attributeMapping: [String: String]
        var subjectAttribute: String?
        var clockSkewMilliseconds: Int64
        var allowsUnsolicited: Bool
    }

    struct Secrets: Equatable {
        var clientSecret: String?
        var decryptionKey: String?

        init(clientSecret: String? = nil, decryptionKey: String? = nil) {
            self.clientSecret = clientSecret
            self.decryptionKey = decryptionKey
        }

        /// What is sealed: a list of name and secret. `nil` when there is none.
        var text: String? {
            if let clientSecret { return StoredJSON.text(["client_secret", clientSecret]) }
            return decryptionKey.map { StoredJSON.text(["decryption_key", $0]) }
        }

        init?(text: String) {
            guard let parts = StoredJSON.strings(text), parts.count == 2 else { return nil }
            switch parts[0] {
            case "client_secret": self.init(clientSecret: parts[1])
            case "decryption_key": self.init(decryptionKey: parts[1])
            default: return nil
            }
        }
    }

    var oidc: OIDC?
    var saml: SAML?

    init(_ settings: ConnectionSettings) {
        switch settings {
        case .oidc(let settings):
            oidc = OIDC(
                issuer: settings.issuer, clientID: settings.clientID, customScopes: settings.customScopes,
                algorithms: settings.algorithms, userinfo: settings.userinfo, queryScopes: settings.queryScopes,
                attributeMapping: settings.attributeMapping, subjectClaim: settings.subjectClaim)
        case .saml(let settings):
            var saml = SAML(
                serviceProviderEntityID: settings.serviceProviderEntityID, attributeMapping: settings.attributeMapping,
                subjectAttribute: settings.subjectAttribute, clockSkewMilliseconds: settings.clockSkew.wholeMilliseconds,
                allowsUnsolicited: settings.allowsUnsolicited)
            switch settings.identityProvider {
            case .metadataURL(let url): saml.metadataURL = url
            case .metadata(let document): saml.metadata = document
            case .fields(let entityID, let ssoURL, let certificates):
                saml.entityID = entityID
                saml.ssoURL = ssoURL
                saml.certificates = certificates
            }
            self.saml = saml
        }
    }

    /// `nil` when the columns are not what `init` and `secrets(of:)` made.
    func settings(with secrets: Secrets) -> ConnectionSettings? {
        switch (oidc, saml) {
        case (let oidc?, nil):
            return .oidc(
                OIDCConnectionSettings(
                    issuer: oidc.issuer, clientID: oidc.clientID, clientSecret: secrets.clientSecret.map { Secret($0) },
                    customScopes: oidc.customScopes, algorithms: oidc.algorithms, userinfo: oidc.userinfo,
                    queryScopes: oidc.queryScopes, attributeMapping: oidc.attributeMapping, subjectClaim: oidc.subjectClaim))
        case (nil, let saml?):
            guard let source = saml.identityProvider else { return nil }
            return .saml(
                SAMLConnectionSettings(
                    identityProvider: source, serviceProviderEntityID: saml.serviceProviderEntityID,
                    attributeMapping: saml.attributeMapping, subjectAttribute: saml.subjectAttribute,
                    clockSkew: .milliseconds(saml.clockSkewMilliseconds), allowsUnsolicited: saml.allowsUnsolicited,
                    decryptionKey: secrets.decryptionKey.map { Secret($0) }))
        case (nil, nil), (_?, _?): return nil
        }
    }

    static func secrets(of settings: ConnectionSettings) -> Secrets {
        switch settings {
        case .oidc(let settings): Secrets(clientSecret: settings.clientSecret?.revealed)
        case .saml(let settings): Secrets(decryptionKey: settings.decryptionKey?.revealed)
        }
    }
}

extension StoredSettings.SAML {
    fileprivate var identityProvider: SAMLConnectionSettings.IdentityProviderSource? {
        switch (metadataURL, metadata, entityID, ssoURL, certificates) {
        case (let url?, nil, nil, nil, nil): .metadataURL(url)
        case (nil, let document?, nil, nil, nil): .metadata(document)
        case (nil, nil, let entityID?, let ssoURL?, let certificates?):
            .fields(entityID: entityID, ssoURL: ssoURL, certificates: certificates)
        default: nil
        }
    }
}
