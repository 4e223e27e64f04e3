import Tenancy

/// Who is asking, as the application will be told.
struct SignedInPerson {
    var sessionID: String
    var member: Member
    var organization: Organization
    var evidence: Evidence
    var via: AcceptedConnection
    var root: Connection
    var roles: [GrantedRole]
    /// Claim name → template; the organization's own win over those for all.
    var customClaims: [String: String]

    var roleIDs: [String] { roles.map(\.role.rawValue) }

    func value(of placeholder: IdentityPlaceholder) -> String {
        switch placeholder {
        case .email: member.email.rawValue
        case .name: member.name
        case .member: member.id.rawValue
        case .organization: organization.slug
        case .organizationID: organization.id.rawValue
        case .roles: roleIDs.joined(separator: ",")
        case .groups: evidence.groups.joined(separator: ",")
        case .session: sessionID
        }
    }
}

/// Builds the ready block of header lines and the assertion inside it (contract: "What an upstream
/// receives").
struct IdentityHeaderWriter {
    /// From `iat` to `exp`, in seconds.
    static let assertionLifetime: Int64 = 300

    let externalOrigin: String
    let keys: AssertionKeyRing

    /// `nil` while there is no key to sign with.
    func block(for person: SignedInPerson, audience: String, templates: [IdentityHeaderTemplate], now: Instant) throws -> [UInt8]? {
        guard let assertion = try keys.sign(claims(of: person, audience: audience, now: now), type: "JWT", now: now) else {
            return nil
        }
        var lines: [(String, String)] = [
            ("X-Gateway-Organization", person.organization.slug),
            ("X-Gateway-Organization-Id", person.organization.id.rawValue.headerEncoded),
            ("X-Gateway-Member", person.member.id.rawValue.headerEncoded),
            ("X-Gateway-Email", person.member.email.rawValue.headerEncoded),
            ("X-Gateway-Name", person.member.name.headerEncoded),
            ("X-Gateway-Roles", person.roleIDs.map(\.headerEncoded).joined(separator: ",")),
            ("X-Gateway-Assertion", assertion),
        ]
        for template in templates {
            let value = template.parts.map { part in
                switch part {
                case .text(let text): text
                case .placeholder(let placeholder): person.value(of: placeholder).headerEncoded
                }
            }.joined()
            if !value.isEmpty { lines.append((template.name, value)) }
        }
        return Self.bytes(of: lines)
    }

    /// The block of a request to a public path that nobody is signed in for: absence is provable too,
    /// and `typ` and audience differ, so that no ordinary verifier takes it for a person.
    func anonymousBlock(audience: String, now: Instant) throws -> [UInt8]? {
        let claims = JSONText.object([
            ("iss", .string(externalOrigin)), ("aud", .string(audience + "#anonymous")),
            ("iat", .integer(now.seconds)), ("nbf", .integer(now.seconds)),
            ("exp", .integer(now.seconds + Self.assertionLifetime)),
        ])
        return try keys.sign(claims, type: "anonymous+jwt", now: now).map { Self.bytes(of: [("X-Gateway-Anonymous", $0)]) }
    }

    private func claims(of person: SignedInPerson, audience: String, now: Instant) -> JSONText {
        var claims: [(name: String, value: JSONText)] = [
            ("iss", .string(externalOrigin)), ("aud", .string(audience)),
            ("sub", .string(person.member.id.rawValue)),
            ("iat", .integer(now.seconds)), ("nbf", .integer(now.seconds)),
            ("exp", .integer(now.seconds + Self.assertionLifetime)),
            ("sid", .string(person.sessionID)), ("auth_time", .integer(person.evidence.authenticatedAt.seconds)),
            ("email", .string(person.member.email.rawValue)), ("name", .string(person.member.name)),
            ("roles", .array(person.roleIDs.map { .string($0) })),
            (
                "organization",
                .object([("id", .string(person.organization.id.rawValue)), ("slug", .string(person.organization.slug))])
            ),
            ("connection", connectionClaim(of: person)),
        ]
        let reserved = Set(claims.map(\.name))
        for (name, template) in person.customClaims.sorted(by: { $0.key < $1.key }) where !reserved.contains(name) {
            if let value = CustomClaim.render(template, for: person) { claims.append((name, .string(value))) }
        }
        return .object(claims)
    }

    private func connectionClaim(of person: SignedInPerson) -> JSONText {
        let id =
            switch person.via {
            case .owned(let id): id.rawValue
            case .external(let id): id.rawValue
            }
        return .object([
            ("id", .string(id)), ("root_id", .string(person.root.id.rawValue)),
            ("owner_organization_id", .string(person.root.organizationID.rawValue)),
            ("type", .string(person.root.kind.rawValue)),
        ])
    }

    private static func bytes(of lines: [(String, String)]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (name, value) in lines {
            bytes += name.utf8
            bytes += ": ".utf8
            bytes += value.utf8
            bytes += "\r\n".utf8
        }
        return bytes
    }
}
