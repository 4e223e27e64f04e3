import OIDC
import SAML
import Tenancy

/// Turns what a protocol has validated into the evidence that the rules look at.
enum EvidenceMapping {
    /// Groups that one sign-in may bring; the rest would end as header and storage growth.
    static let maximumGroups = 1000
    /// Values of other attributes, each of bounded text.
    static let maximumValues = 100
    static let maximumValueBytes = 1024

    static func evidence(
        from identity: ValidatedIdentity, connection: Connection, settings: OIDCConnectionSettings, now: Instant
    ) -> Evidence {
        let mapping = settings.attributeMapping
        func values(_ claim: String) -> [String] { bounded(identity.claims[claim]?.texts ?? []) }
        let verification: Evidence.EmailVerification =
            switch identity.claims["email_verified"]?.texts.first?.lowercased() {
            case nil: .notStated
            case "true": .verified
            default: .unverified
            }
        let stated = identity.authTime.map { min(Instant(seconds: $0), now) }
        return Evidence(
            connectionID: connection.id, issuer: identity.issuer, subject: identity.subject,
            email: single(values(mapping["email"] ?? "email")).flatMap { EmailAddress($0) },
            emailVerification: verification,
            name: single(values(mapping["full_name"] ?? "name")),
            groups: Array(values(mapping["groups"] ?? "groups").prefix(maximumGroups)),
            claims: Dictionary(connection.requiredClaims.keys.map { ($0, values($0)) }) { _, last in last },
            attributes: attributes(mapping, values: values),
            authenticatedAt: stated ?? now, statedAuthenticationTime: stated,
            authenticationContext: identity.acr)
    }

    static func evidence(
        from assertion: ValidatedAssertion, connection: Connection, settings: SAMLConnectionSettings, now: Instant
    ) -> Evidence {
        let mapping = settings.attributeMapping
        func values(_ attribute: String) -> [String] { bounded(assertion.values(named: attribute)) }
        func first(of names: [String]) -> [String] { names.lazy.map(values).first { !$0.isEmpty } ?? [] }
        var emails = mapping["email"].map(values) ?? first(of: ["email", "mail"])
        if emails.isEmpty, mapping["email"] == nil, let nameID = assertion.nameID,
            nameID.format == NameIDFormat.emailAddress
        {
            emails = [nameID.value]
        }
        let authenticatedAt = min(Instant(milliseconds: assertion.authenticatedAt), now)
        return Evidence(
            connectionID: connection.id, issuer: assertion.issuer, subject: assertion.subject,
            email: single(emails).flatMap { EmailAddress($0) }, emailVerification: .notStated,
            name: single(mapping["full_name"].map(values) ?? first(of: ["displayName", "name"])),
            groups: Array((mapping["groups"].map(values) ?? first(of: ["groups", "memberOf"])).prefix(maximumGroups)),
            claims: Dictionary(connection.requiredClaims.keys.map { ($0, values($0)) }) { _, last in last },
            attributes: attributes(mapping, values: values),
            authenticatedAt: authenticatedAt, statedAuthenticationTime: authenticatedAt,
            authenticationContext: assertion.authnContextClassRef,
            validUntil: assertion.sessionNotOnOrAfter.map { Instant(milliseconds: $0) })
    }

    private enum NameIDFormat {
        /// SAML 2.0 core §8.3.2.
        static let emailAddress = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
    }

    /// One value, or none: of two different addresses neither is the person's (E32).
    private static func single(_ values: [String]) -> String? { values.count == 1 ? values.first : nil }

    private static func attributes(_ mapping: [String: String], values: (String) -> [String]) -> [String: [String]] {
        var attributes: [String: [String]] = [:]
        for (ours, theirs) in mapping where !["email", "full_name", "groups"].contains(ours) {
            let found = values(theirs)
            if !found.isEmpty { attributes[ours] = Array(found.prefix(maximumValues)) }
        }
        return attributes
    }

    private static func bounded(_ values: [String]) -> [String] {
        values.filter { $0.utf8.count <= maximumValueBytes && !$0.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F } }
    }
}

extension JSONValue {
    /// The value as rules compare it: text as it is, numbers and booleans as JSON writes them, arrays
    /// flattened one level, `null` and objects as nothing.
    fileprivate var texts: [String] {
        if case .array(let elements) = self { return elements.compactMap(\.textValue) }
        return textValue.map { [$0] } ?? []
    }
}
