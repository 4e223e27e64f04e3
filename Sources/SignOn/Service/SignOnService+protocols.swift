import OIDC
import SAML
import Tenancy

extension SignOnService {
    func relyingParty(for connection: Connection, _ settings: OIDCConnectionSettings) -> RelyingParty {
        // Besides e-mail, what userinfo is worth asking for: whatever a rule or mapping looks at.
        let wanted = Set(settings.attributeMapping.values).union(connection.requiredClaims.keys)
        return RelyingParty(
            settings: .init(
                issuer: settings.issuer, clientID: settings.clientID,
                clientSecret: settings.clientSecret.map { ClientSecret($0.revealed) },
                redirectURI: callbackURL(of: connection.id), scopes: ["openid", "email", "profile"] + settings.customScopes,
                algorithms: settings.algorithms.compactMap(SignatureAlgorithm.init), userinfo: userinfoPolicy(settings.userinfo),
                subjectClaim: settings.subjectClaim, wantedClaims: wanted.sorted()),
            providers: providers, clock: { [clock] in clock().milliseconds }, randomBytes: randomBytes)
    }

    private func userinfoPolicy(_ policy: OIDCConnectionSettings.UserinfoPolicy) -> RelyingParty.Settings.UserinfoPolicy {
        switch policy {
        case .whenNeeded: .whenNeeded
        case .always: .always
        case .never: .never
        }
    }

    func serviceProvider(for id: ConnectionID, _ settings: SAMLConnectionSettings) -> Result<ServiceProvider, SignOnRefusal> {
        let callback = callbackURL(of: id)
        let entityID = settings.serviceProviderEntityID ?? callback
        guard let pem = settings.decryptionKey else {
            return .success(ServiceProvider(entityID: entityID, assertionConsumerURL: callback, decryptionKey: nil))
        }
        do {
            let key = try DecryptionKey(pem: Array(pem.revealed.utf8))
            return .success(ServiceProvider(entityID: entityID, assertionConsumerURL: callback, decryptionKey: key))
        } catch {
            return .failure(.saml(error))
        }
    }

    /// SP metadata of a SAML connection, XML; `nil` where there is no such connection.
    public func serviceProviderMetadata(of id: ConnectionID) async -> Result<String, SignOnRefusal> {
        do {
            guard let stored = try await store.read({ try $0.connection(id) }), case .saml(let settings) = stored.settings else {
                return .failure(.tenancy(.unknownConnection))
            }
            return serviceProvider(for: id, settings).map { $0.metadata() }
        } catch {
            return .failure(.storeUnavailable)
        }
    }
}
