import Tenancy

struct ConnectionDraft {
    var line: Int
    /// For references; `nil` where it is missing.
    var name: Located<String>?
    var id: Located<ConnectionID>
    var displayName: String
    var organization: Located<String>?
    /// `nil` where `type` is missing or unknown.
    var kind: ConnectionKind?
    var emailDomains: Set<EmailDomain>?
    var requiredClaims: [String: Set<String>]
    var roles: [Located<String>]
    var groupRoles: [(group: String, roles: [Located<String>])]
    var settings: ConnectionSettings?
}

struct ExternalConnectionDraft {
    var line: Int
    var name: Located<String>?
    var id: Located<ExternalConnectionID>
    var displayName: String
    var organization: Located<String>?
    var connection: Located<String>?
    var provisions: Bool
    /// Where `jit` is written.
    var provisionsLine: Int
    var emailDomains: Set<EmailDomain>?
    var roles: [Located<String>]
    var groupRoles: [(group: String, roles: [Located<String>])]
    var roleCeiling: [Located<String>]?
}

extension Reader {
    func connection(_ section: Section<ConnectionKey>, _ ids: IdentifierDerivation) -> ConnectionDraft {
        for key in [ConnectionKey.name, .organization, .type] { section.require(key) }
        let name = section.string(.name, maximumBytes: Self.maximumNameBytes)
        let displayName = section.string(.displayName, maximumBytes: Self.maximumNameBytes)
        let kind = section.word(.type, ConnectionKind.self)?.value
        let idKind = kind == .saml ? IdentifierDerivation.Kind.samlConnection : .oidcConnection
        // Without a type nobody can say which kind of id it must have.
        let explicitID = kind == nil ? nil : identifier(section, .id, idKind)
        let id = explicitID ?? Located(value: ids.id(idKind, name?.value ?? ""), line: section.line)
        let emailDomains = signInDomains(section, .emailDomains)
        let requiredClaims = self.requiredClaims(section)
        return ConnectionDraft(
            line: section.line, name: name, id: id.map { ConnectionID($0) }, displayName: displayName?.value ?? name?.value ?? "",
            organization: section.string(.organization), kind: kind, emailDomains: emailDomains, requiredClaims: requiredClaims,
            roles: section.strings(.roles) ?? [], groupRoles: groupRoles(section, .groupRoles),
            settings: kind.flatMap { settings(section, $0, isLimited: emailDomains != nil || !requiredClaims.isEmpty) })
    }

    private func settings(_ section: Section<ConnectionKey>, _ kind: ConnectionKind, isLimited: Bool) -> ConnectionSettings? {
        let foreign = kind == .oidc ? ConnectionKey.samlOnly : ConnectionKey.oidcOnly
        for key in section.keys where foreign.contains(key) {
            section.error(key, "it is for connections with the other type; this one has type = \"\(kind.rawValue)\": remove it")
        }
        switch kind {
        case .oidc: return oidcSettings(section, isLimited: isLimited).map { .oidc($0) }
        case .saml: return samlSettings(section).map { .saml($0) }
        }
    }

    func externalConnection(_ section: Section<ExternalConnectionKey>, _ ids: IdentifierDerivation) -> ExternalConnectionDraft {
        for key in [ExternalConnectionKey.name, .organization, .connection] { section.require(key) }
        let name = section.string(.name, maximumBytes: Self.maximumNameBytes)
        let displayName = section.string(.displayName, maximumBytes: Self.maximumNameBytes)
        let id =
            identifier(section, .id, .externalConnection)
            ?? Located(value: ids.id(.externalConnection, name?.value ?? ""), line: section.line)
        let emailDomains = signInDomains(section, .emailDomains)
        if !section.has(.emailDomains) {
            problems.warning(
                section.line,
                "the external connection \(name.map { "`\($0.value)` " } ?? "")has no `email_domains`: its owner's IdP can sign in any address to the borrower; list the domains it may assert"
            )
        }
        return ExternalConnectionDraft(
            line: section.line, name: name, id: id.map { ExternalConnectionID($0) },
            displayName: displayName?.value ?? name?.value ?? "", organization: section.string(.organization),
            connection: section.string(.connection), provisions: section.boolean(.jit) ?? false,
            provisionsLine: section.line(of: .jit), emailDomains: emailDomains, roles: section.strings(.roles) ?? [],
            groupRoles: groupRoles(section, .groupRoles), roleCeiling: section.strings(.roleCeiling))
    }

    // MARK: Parts

    /// `nil` where the key is absent: everybody.
    private func signInDomains<Key>(_ section: Section<Key>, _ key: Key) -> Set<EmailDomain>? {
        guard let texts = section.strings(key) else { return nil }
        if texts.isEmpty { section.error(key, "the list is empty: nobody could sign in; remove the key or list domains") }
        return Set(texts.compactMap { section.parsed($0, of: key, Self.emailDomain)?.value })
    }

    private func groupRoles<Key>(_ section: Section<Key>, _ key: Key) -> [(group: String, roles: [Located<String>])] {
        (section.stringListTable(key) ?? []).map { ($0.value, $1) }
    }

    /// A claim's value is text, a whole number, true or false, or a list of these, any of which will do.
    private func requiredClaims(_ section: Section<ConnectionKey>) -> [String: Set<String>] {
        var claims: [String: Set<String>] = [:]
        for entry in section.table(.requiredClaims) ?? [] {
            let nodes: [TOMLNode]
            if case .array(let list) = entry.node.value { nodes = list } else { nodes = [entry.node] }
            let values = nodes.compactMap(Self.claimText)
            if values.isEmpty || values.count != nodes.count {
                problems.error(
                    entry.line, "`required_claims`: `\(Shown.text(entry.key))` must be a text that is not empty, or a list of such texts")
            } else {
                claims[entry.key] = Set(values)
            }
        }
        return claims
    }

    private static func claimText(_ node: TOMLNode) -> String? {
        switch node.value {
        case .string(let text): text.isEmpty || text.hasControlCharacters ? nil : text
        case .integer(let number): String(number)
        case .boolean(let value): value ? "true" : "false"
        case .table, .array, .float, .dateTime, .partialTime, .unknown: nil
        }
    }

    func attributeMapping(_ section: Section<ConnectionKey>) -> [String: String] {
        Dictionary((section.stringTable(.attributeMapping) ?? []).map { ($0.name, $0.text.value) }) { first, _ in first }
    }
}
