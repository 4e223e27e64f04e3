import Synchronization

/// A SAML 2.0 identity provider without passwords: requests by HTTP-Redirect, responses by HTTP-POST,
/// the assertion signed with RSA-SHA256 over exclusive canonical XML.
///
/// An answer goes to the registered address of the service provider that the request names, and to
/// no other. To sign in from a script, POST the request's URL with the form field `user`; the answer
/// is the page with the response.
public final class DemoSAMLIdentityProvider: DemoSite {
    public let settings: Settings
    /// Where it is reached, without a trailing slash.
    public let origin: String
    let environment: DemoEnvironment
    let state: Mutex<State>

    /// Also the address of its metadata.
    public var entityID: String { origin + "/metadata" }
    public var singleSignOnURL: String { origin + "/sso" }

    public struct Settings: Sendable {
        /// What the pages call it.
        public var name: String
        var accent: Accent = .initech
        public var users: [DemoUser]
        /// Assertion consumer URLs by the entity ID of their service provider.
        public var serviceProviders: [String: String]
        /// Whether the response is signed besides the assertion.
        public var signsResponse: Bool
        /// Seconds that an assertion is good for.
        public var assertionLifetime: Int64 = 300

        public init(
            name: String = "Initech", users: [DemoUser] = DemoWorld.initechUsers, serviceProviders: [String: String],
            signsResponse: Bool = false
        ) {
            self.name = name
            self.users = users
            self.serviceProviders = serviceProviders
            self.signsResponse = signsResponse
        }
    }

    struct State {
        /// The first one signs; the metadata has all.
        var keys: [SAMLSigningKey]
        /// Made when a fault first needs it; in no metadata.
        var otherKey: SAMLSigningKey?
        var serviceProviders: [String: String]
        var faults: Set<Fault> = []
        var sessions = BoundedTable<Session>(capacity: maximumSessions)
        var lastAssertionID: String?
    }

    /// A browser that has signed in here.
    struct Session {
        /// `SessionIndex`.
        var index: String
        var login: String
        /// Seconds since 1970.
        var authenticatedAt: Int64
    }

    static let maximumSessions = 10_000
    static let sessionCookie = "demo-saml-session"

    /// - Parameter origin: where it is reached, such as `http://127.0.0.1:9500`.
    public init(origin: String, settings: Settings, environment: DemoEnvironment = .system) throws {
        self.origin = origin
        self.settings = settings
        self.environment = environment
        let key = try SAMLSigningKey(commonName: settings.name + " demo", now: environment.seconds)
        state = Mutex(State(keys: [key], serviceProviders: settings.serviceProviders))
    }

    /// Registers a service provider, or changes the address of one.
    public func register(entityID: String, assertionConsumerURL: String) {
        state.withLock { $0.serviceProviders[entityID] = assertionConsumerURL }
    }

    /// A new key signs from now on.
    public func rotateKeys(_ rotation: KeyRotation) throws {
        let key = try SAMLSigningKey(commonName: settings.name + " demo", now: environment.seconds)
        state.withLock { state in
            switch rotation {
            case .soft: state.keys.insert(key, at: 0)
            case .hard: state.keys = [key]
            }
        }
    }

    /// The certificate of the key that signs, as PEM.
    public var certificatePEM: String { state.withLock { $0.keys.first?.certificatePEM } ?? "" }

    public func respond(to request: DemoRequest) async -> DemoReply {
        switch request.path {
        case "/metadata":
            .text(metadata, type: "application/samlmetadata+xml", cacheControl: "public, max-age=300")
        case "/sso": singleSignOn(request)
        case "/":
            Page.notice(
                title: "\(settings.name) sign-in", accent: settings.accent,
                text: "This is the demo's SAML identity provider. Open one of the applications to be sent here.")
        default: Page.asset(at: request) ?? Page.notFound(accent: settings.accent)
        }
    }

    /// SAML Metadata §2.4.3.
    public var metadata: String {
        let md = SAMLNamespace.metadata
        let ds = SAMLNamespace.signature
        let keys = state.withLock { $0.keys }.map { key in
            md(
                "KeyDescriptor", ["use": "signing"],
                [
                    ds("KeyInfo", [:], [ds("X509Data", [:], [ds("X509Certificate", text: key.certificate)])])
                ])
        }
        let role = md(
            "IDPSSODescriptor",
            ["WantAuthnRequestsSigned": "false", "protocolSupportEnumeration": SAMLNamespace.messages.rawValue],
            keys + [
                md("NameIDFormat", text: Self.persistentFormat),
                md("SingleSignOnService", ["Binding": SAMLAuthenticationRequest.redirectBinding, "Location": singleSignOnURL]),
            ])
        return md("EntityDescriptor", ["entityID": entityID], [role]).canonical() + "\n"
    }

    static let persistentFormat = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
    static let transientFormat = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
    static let unspecifiedFormat = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
}
