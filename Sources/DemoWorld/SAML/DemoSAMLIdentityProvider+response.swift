import FoundationEssentials

extension DemoSAMLIdentityProvider {
    /// Whom a response goes to, and what it answers.
    struct ResponseTarget {
        var consumerURL: String
        /// Entity ID.
        var serviceProvider: String
        /// `nil`: unsolicited.
        var inResponseTo: String?
        var relayState: String?
    }

    enum Status {
        case authenticationFailed, noPassive, invalidNameIDPolicy

        /// The second-level code (SAML Core §3.2.2.2).
        fileprivate var code: String {
            switch self {
            case .authenticationFailed: "AuthnFailed"
            case .noPassive: "NoPassive"
            case .invalidNameIDPolicy: "InvalidNameIDPolicy"
            }
        }
    }

    /// A response that nobody asked for, as an identity provider's own start page sends it: base64.
    /// `nil`: no such user or service provider.
    public func unsolicitedResponse(login: String, serviceProvider: String) throws -> String? {
        guard let user = settings.users.first(where: { $0.login == login }),
            let consumer = state.withLock({ $0.serviceProviders[serviceProvider] })
        else { return nil }
        let session = Session(index: messageID(), login: login, authenticatedAt: environment.seconds)
        let target = ResponseTarget(consumerURL: consumer, serviceProvider: serviceProvider)
        return try response(for: user, session: session, to: target)
    }

    func messageID() -> String {
        // xs:ID may not begin with a digit (SAML Core §1.3.4: at least 128 random bits).
        "_" + environment.randomBytes(20).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// A signed response as base64, spoilt as the injected faults say.
    func response(for user: DemoUser, session: Session, to target: ResponseTarget) throws -> String {
        let faults = state.withLock { $0.faults }
        if faults.contains(.authenticationFailed) { return statusResponse(.authenticationFailed, to: target) }
        let id = assertionID(faults)
        var assertion = assertion(id: id, user: user, session: session, target: target, faults: faults)
        let key = try signingKey(faults)
        if !faults.contains(.unsigned) {
            assertion = try key.sign(assertion, id: id, spoils: faults.contains(.badSignature))
        }
        let responseID = messageID()
        var response = envelope(
            id: responseID, target: target, faults: faults,
            children: [
                SAMLNamespace.messages(
                    "Status", [:],
                    [
                        SAMLNamespace.messages("StatusCode", ["Value": Self.statusPrefix + "Success"])
                    ]), assertion,
            ])
        if settings.signsResponse, !faults.contains(.unsigned) {
            response = try key.sign(response, id: responseID, spoils: faults.contains(.badSignature))
        }
        var text = response.canonical()
        if faults.contains(.tamperedAfterSigning) { text.replace(user.email, with: "x" + user.email) }
        if faults.contains(.commentInEmail) {
            // Canonical XML leaves comments out, so the signature holds with and without it. A reader that
            // takes the first text node alone reads a part of the address.
            text.replace(user.email, with: user.email.prefix(1) + "<!---->" + user.email.dropFirst())
        }
        return Data(text.utf8).base64EncodedString()
    }

    /// A response without an assertion, unsigned, as base64.
    func statusResponse(_ status: Status, to target: ResponseTarget) -> String {
        let samlp = SAMLNamespace.messages
        let response = envelope(
            id: messageID(), target: target, faults: [],
            children: [
                samlp(
                    "Status", [:],
                    [
                        samlp(
                            "StatusCode", ["Value": Self.statusPrefix + "Responder"],
                            [
                                samlp("StatusCode", ["Value": Self.statusPrefix + status.code])
                            ])
                    ])
            ])
        return Data(response.canonical().utf8).base64EncodedString()
    }

    private static let statusPrefix = "urn:oasis:names:tc:SAML:2.0:status:"

    private func assertionID(_ faults: Set<Fault>) -> String {
        let fresh = messageID()
        return state.withLock { state in
            let id = faults.contains(.repeatsAssertionID) ? state.lastAssertionID ?? fresh : fresh
            state.lastAssertionID = id
            return id
        }
    }

    private func signingKey(_ faults: Set<Fault>) throws -> SAMLSigningKey {
        if faults.contains(.signedWithOtherKey) {
            if let known = state.withLock({ $0.otherKey }) { return known }
            let made = try SAMLSigningKey(commonName: settings.name + " demo", now: environment.seconds)
            state.withLock { $0.otherKey = made }
            return made
        }
        guard let key = state.withLock({ $0.keys.first }) else { throw KeyMissing() }
        return key
    }

    private struct KeyMissing: Error {}

    func issuer(_ faults: Set<Fault>) -> XMLElement {
        SAMLNamespace.assertion("Issuer", text: faults.contains(.otherIssuer) ? "http://other.localhost/metadata" : entityID)
    }

    private func envelope(id: String, target: ResponseTarget, faults: Set<Fault>, children: [XMLElement]) -> XMLElement {
        var attributes = [
            "ID": id, "Version": "2.0", "IssueInstant": UTCTime.text(seconds: environment.seconds),
            "Destination": faults.contains(.wrongDestination) ? "http://other.localhost/acs" : target.consumerURL,
        ]
        attributes["InResponseTo"] = inResponseTo(target, faults)
        return SAMLNamespace.messages("Response", attributes, [issuer(faults)] + children)
    }

    func inResponseTo(_ target: ResponseTarget, _ faults: Set<Fault>) -> String? {
        if faults.contains(.missingInResponseTo) { return nil }
        return faults.contains(.wrongInResponseTo) ? "_another-request" : target.inResponseTo
    }
}
