import Tenancy

struct OrganizationDraft {
    enum Provisioning: String, CaseIterable {
        case allAllowed = "ALL_ALLOWED", restricted = "RESTRICTED", notAllowed = "NOT_ALLOWED"
    }

    var line: Int
    /// Also one that is no valid slug: references to it are not wrong as well.
    var slug: Located<String>?
    var name: String
    var id: Located<OrganizationID>
    var createdAt: Instant?
    var allowedDomains: [EmailDomain]
    var provisioning: Located<Provisioning>?
    var provisioningConnections: [Located<String>]
    var defaultConnection: Located<String>?
    var domainRoles: [(domain: EmailDomain, roles: [Located<String>])]
    var customClaims: [String: String]
    var members: [MemberDraft]
}

struct MemberDraft {
    var email: Located<EmailAddress>
    var name: String
    var id: Located<MemberID>
    var roles: [Located<String>]
}

struct RoleDraft {
    var name: Located<String>
    var permissions: [String: [String]]
}

extension Reader {
    /// What a name shown to people may have, in bytes.
    static let maximumNameBytes = 128

    func organization(_ section: Section<OrganizationKey>, _ ids: IdentifierDerivation) -> OrganizationDraft {
        section.require(.slug)
        let slug = section.string(.slug)
        if let slug, !HostName.isLabel(slug.value) {
            section.error(
                .slug, "\"\(Shown.text(slug.value))\": a slug is a lower-case DNS label: 1 to 63 letters a-z, digits and inner hyphens")
        }
        let name = section.string(.name, maximumBytes: Self.maximumNameBytes)
        let id = identifier(section, .id, .organization) ?? Located(value: ids.id(.organization, slug?.value ?? ""), line: section.line)
        let organizationID = id.map { OrganizationID($0) }
        let provisioning = section.word(.provisioning, OrganizationDraft.Provisioning.self)
        let connections = section.strings(.provisioningConnections)
        switch provisioning?.value {
        case .restricted:
            if connections?.isEmpty ?? true {
                section.error(
                    .provisioning,
                    "RESTRICTED needs `\(OrganizationKey.provisioningConnections.rawValue)`: list connections, or write NOT_ALLOWED")
            }
        case .allAllowed, .notAllowed, nil:
            if section.has(.provisioningConnections) {
                section.error(
                    .provisioningConnections, "it counts only with sso_jit_provisioning = \"RESTRICTED\": write that, or remove the list")
            }
        }
        return OrganizationDraft(
            line: section.line, slug: slug, name: name?.value ?? slug?.value ?? "", id: organizationID,
            createdAt: section.instant(.createdAt),
            allowedDomains: (section.parsedList(.emailAllowedDomains, Self.emailDomain) ?? []).map(\.value),
            provisioning: provisioning, provisioningConnections: connections ?? [],
            defaultConnection: section.string(.defaultConnection), domainRoles: domainRoles(section),
            customClaims: customClaims(section, .customClaims),
            members: section.sections(.members, MemberKey.self).compactMap { member($0, organizationID.value, ids) })
    }

    private func domainRoles(_ section: Section<OrganizationKey>) -> [(domain: EmailDomain, roles: [Located<String>])] {
        var seen: Set<EmailDomain> = []
        return (section.stringListTable(.emailDomainRoles) ?? []).compactMap { name, roles in
            guard let domain = section.parsed(name, of: .emailDomainRoles, Self.emailDomain)?.value else { return nil }
            guard seen.insert(domain).inserted else {
                problems.error(name.line, "`email_domain_roles` has \(domain) twice: join the two lists")
                return nil
            }
            return (domain, roles)
        }
    }

    private func member(_ section: Section<MemberKey>, _ organization: OrganizationID, _ ids: IdentifierDerivation) -> MemberDraft? {
        section.require(.email)
        let email = section.parsed(.email, Self.emailAddress)
        let name = section.string(.name, maximumBytes: Self.maximumNameBytes)
        let id = identifier(section, .id, .member)
        let roles = section.strings(.roles) ?? []
        guard let email else { return nil }
        // Over the organization's id, not its slug: renaming an organization with an explicit id keeps its members.
        let memberID = id ?? Located(value: ids.id(.member, organization.rawValue, email.value.rawValue), line: email.line)
        return MemberDraft(email: email, name: name?.value ?? "", id: memberID.map { MemberID($0) }, roles: roles)
    }

    func role(_ section: Section<RoleKey>) -> RoleDraft? {
        section.require(.name)
        let name = section.parsed(.name, Self.roleName)
        var permissions: [String: [String]] = [:]
        for (resource, actions) in section.stringListTable(.permissions) ?? [] {
            if actions.isEmpty {
                problems.error(resource.line, "`permissions`: `\(Shown.text(resource.value))` has no action: list some, or remove it")
            }
            permissions[resource.value] = actions.map(\.value)
        }
        return name.map { RoleDraft(name: $0, permissions: permissions) }
    }

    /// Roles are listed with commas in `X-Gateway-Roles`.
    private static func roleName(_ text: String) -> Result<String, Advice> {
        guard text.utf8.count <= 64, text.utf8.first?.isASCIILetterOrDigit == true,
            text.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "_-.:/".utf8.contains($0) })
        else { return .failure(Advice("a role name is at most 64 letters, digits and _ - . : /, and begins with a letter or digit")) }
        guard !text.hasPrefix("stytch_") || DeclaredRoles.reserved.contains(text) else {
            return .failure(Advice("names that begin with stytch_ are reserved: choose another name"))
        }
        return .success(text)
    }

    // MARK: Shared with connections

    /// An explicit id, which keeps a renamed thing what it was.
    func identifier<Key>(_ section: Section<Key>, _ key: Key, _ kind: IdentifierDerivation.Kind) -> Located<String>? {
        section.parsed(key) { text in
            IdentifierDerivation.isWellFormed(text, kind)
                ? .success(text)
                : .failure(Advice("write the id that the thing had, \(kind.rawValue)-live-… or \(kind.rawValue)-test-…"))
        }
    }

    static func emailDomain(_ text: String) -> Result<EmailDomain, Advice> {
        if let domain = EmailDomain(text) { return .success(domain) }
        return .failure(
            Advice(
                text.contains("@")
                    ? "write the domain alone, without what stands before the @"
                    : text.contains("*")
                        ? "lists match the whole domain: write each subdomain"
                        : text.utf8.contains { $0 >= 0x80 }
                            ? "write an international domain in its ASCII form (`xn--…`)"
                            : "write a whole mail domain, such as acme.example"))
    }

    private static func emailAddress(_ text: String) -> Result<EmailAddress, Advice> {
        EmailAddress(text).map { .success($0) }
            ?? .failure(Advice("write an address such as alice@acme.example: one @, no quotes or spaces, ASCII"))
    }
}
