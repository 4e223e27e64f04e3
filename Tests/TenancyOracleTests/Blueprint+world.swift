import Tenancy

/// The fixed names of every small world. None is longer than 15 bytes: such a `String` has no heap
/// storage, whose reference count the two cores would fight over.
enum Name {
    static let organizations = [OrganizationID("organization-1"), OrganizationID("organization-2"), OrganizationID("organization-3")]
    static let slugs = ["one", "two", "three"]
    static let main = ConnectionID("root-main")
    static let other = ConnectionID("root-other")
    // Made once: building identifiers is most of the cost of a world.
    static let mainLinks = [
        ExternalConnectionID("link-main-1"), ExternalConnectionID("link-main-2"), ExternalConnectionID("link-main-3"),
    ]
    static let otherLinks = [
        ExternalConnectionID("link-other-1"), ExternalConnectionID("link-other-2"), ExternalConnectionID("link-other-3"),
    ]
    static let primaries = [MemberID("member-1"), MemberID("member-2"), MemberID("member-3")]
    static let seconds = [MemberID("member-1b"), MemberID("member-2b"), MemberID("member-3b")]

    static let issuer = "https://i.test"
    static let otherIssuer = "https://o.test"
    static let subject = "person"
    static let otherSubject = "other-person"
    static let claim = "tid"
    static let claimValue = "1"
    static let group = "staff"

    static let viewer = RoleID("viewer")
    static let editor = RoleID("editor")

    static let inside = domain("in.test")
    static let outside = domain("out.test")
    static let foreign = domain("foreign.test")
    static let address = address("p@in.test")
    static let outsideAddress = address("p@out.test")
    static let formerAddress = address("former@in.test")
    static let strangersAddress = address("other@in.test")

    private static func domain(_ text: String) -> EmailDomain {
        guard let domain = EmailDomain(text) else { fatalError("\(text) is not a domain") }
        return domain
    }

    private static func address(_ text: String) -> EmailAddress {
        guard let address = EmailAddress(text) else { fatalError("\(text) is not an address") }
        return address
    }
}

extension Blueprint {
    func world() -> World {
        var organizations: [Organization] = []
        var links: [ExternalConnection] = []
        var members: [Member] = []
        var subjects: Set<SubjectLink> = []
        for tenant in Self.tenants {
            let plan = self[tenant]
            organizations.append(plan.organization(tenant))
            if let link = plan.mainLink { links.append(link.link(Name.mainLinks[tenant], tenant, to: Name.main)) }
            if let link = plan.otherLink { links.append(link.link(Name.otherLinks[tenant], tenant, to: Name.other)) }
            plan.addPeople(tenant, to: &members, &subjects)
        }
        var connections = [main.connection(Name.main)]
        if let other { connections.append(other.connection(Name.other)) }
        return World(
            organizations: organizations, connections: connections, externalConnections: links, members: members,
            subjectLinks: subjects)
    }
}

extension RootPlan {
    fileprivate func connection(_ id: ConnectionID) -> Connection {
        Connection(
            id: id, displayName: id.rawValue, organizationID: Name.organizations[owner], kind: .oidc, status: status,
            emailDomains: domains.set, requiredClaims: requiresClaim ? [Name.claim: [Name.claimValue]] : [:],
            roles: everybody.roles, groupRoles: staff == .nothing ? [:] : [Name.group: staff.roles])
    }
}

extension LinkPlan {
    fileprivate func link(_ id: ExternalConnectionID, _ borrower: Int, to root: ConnectionID) -> ExternalConnection {
        ExternalConnection(
            id: id, displayName: id.rawValue, borrowerID: Name.organizations[borrower], connectionID: root, status: status,
            provisions: provisions, emailDomains: domains.set, roles: everybody.roles,
            groupRoles: staff == .nothing ? [:] : [Name.group: staff.roles], roleCeiling: ceiling.set)
    }
}

extension TenantPlan {
    fileprivate func organization(_ tenant: Int) -> Organization {
        var domainRoles: [EmailDomain: Set<RoleID>] = [:]
        if insideRoles != .nothing { domainRoles[Name.inside] = insideRoles.roles }
        if outsideRoles != .nothing { domainRoles[Name.outside] = outsideRoles.roles }
        let start: AcceptedConnection? =
            switch startsAt {
            case .absent: nil
            case .main: .owned(Name.main)
            case .ownLink: .external(Name.mainLinks[tenant])
            }
        return Organization(
            id: Name.organizations[tenant], slug: Name.slugs[tenant], name: Name.slugs[tenant], status: status,
            createdAt: Instant(milliseconds: Int64(rank)), allowedDomains: allowed.list,
            provisioning: policy.policy(of: tenant), defaultConnection: start, domainRoles: domainRoles)
    }

    /// The members of the tenant and their links.
    fileprivate func addPeople(_ tenant: Int, to members: inout [Member], _ links: inout Set<SubjectLink>) {
        func member(_ id: MemberID, _ email: EmailAddress, _ status: Member.Status = .active) {
            members.append(
                Member(
                    id: id, organizationID: Name.organizations[tenant], email: email, status: status, roles: direct.roles,
                    authority: origin == .configuration ? .configuration : .organizationAdministrator,
                    hasSignedIn: origin == .administratorAfterSignIn))
        }
        func link(_ root: ConnectionID = Name.main, issuer: String = Name.issuer, subject: String = Name.subject) {
            links.insert(
                SubjectLink(
                    memberID: Name.primaries[tenant], organizationID: Name.organizations[tenant], connectionID: root,
                    issuer: issuer, subject: subject))
        }
        let one = Name.primaries[tenant]
        let two = Name.seconds[tenant]
        switch presence {
        case .none: return
        case .subject: member(one, Name.address); link()
        case .subjectSuspended: member(one, Name.address, .suspended); link()
        case .subjectDeleted: member(one, Name.address, .deleted); link()
        case .address: member(one, Name.address)
        case .addressSuspended: member(one, Name.address, .suspended)
        case .addressDeleted: member(one, Name.address, .deleted)
        case .addressOfOtherSubject: member(one, Name.address); link(subject: Name.otherSubject)
        case .addressOfOtherIssuer: member(one, Name.address); link(issuer: Name.otherIssuer)
        case .addressLinkedThroughOther: member(one, Name.address); link(Name.other, subject: Name.otherSubject)
        case .subjectRenamed: member(one, Name.formerAddress); link()
        case .subjectRenamedLinkedTwice: member(one, Name.formerAddress); link(); link(Name.other)
        case .subjectLinkedTwice: member(one, Name.address); link(); link(Name.other)
        case .subjectAndAddress: member(one, Name.formerAddress); link(); member(two, Name.address)
        case .subjectAndAddressSuspended: member(one, Name.formerAddress); link(); member(two, Name.address, .suspended)
        case .subjectAndAddressDeleted: member(one, Name.formerAddress); link(); member(two, Name.address, .deleted)
        case .subjectSuspendedAndAddress: member(one, Name.formerAddress, .suspended); link(); member(two, Name.address)
        case .subjectOfOtherRoot: member(one, Name.formerAddress); link(Name.other)
        case .stranger: member(one, Name.strangersAddress); link(subject: Name.otherSubject)
        }
    }
}

extension DomainList {
    fileprivate var set: Set<EmailDomain>? {
        switch self {
        case .absent: nil
        case .inside: [Name.inside]
        case .outside: [Name.outside]
        case .nobody: []
        }
    }
}

extension Grant {
    var roles: Set<RoleID> {
        switch self {
        case .nothing: []
        case .viewer: [Name.viewer]
        case .editor: [Name.editor]
        case .administrator: [.administrator]
        }
    }
}

extension Ceiling {
    fileprivate var set: Set<RoleID>? {
        switch self {
        case .absent: nil
        case .nothing: []
        case .viewer: [Name.viewer]
        case .viewerAndEditor: [Name.viewer, Name.editor]
        case .administrator: [.administrator]
        }
    }
}

extension Policy {
    fileprivate func policy(of tenant: Int) -> ProvisioningPolicy {
        switch self {
        case .notAllowed: .notAllowed
        case .allAllowed: .allAllowed
        case .restrictedToNothing: .restricted(to: [])
        case .restrictedToMain: .restricted(to: [.owned(Name.main)])
        case .restrictedToOwnLink: .restricted(to: [.external(Name.mainLinks[tenant])])
        case .restrictedToStrangers:
            .restricted(to: [
                .owned(Name.other), .external(Name.mainLinks[(tenant + 1) % 3]), .external(Name.mainLinks[(tenant + 2) % 3]),
            ])
        }
    }
}

extension AllowedDomains {
    fileprivate var list: [Organization.AllowedDomain] {
        switch self {
        case .absent: []
        case .byConfiguration: [.init(domain: Name.inside, authority: .configuration)]
        case .byAdministrator: [.init(domain: Name.inside, authority: .organizationAdministrator)]
        case .byAdministratorVerified: [.init(domain: Name.inside, authority: .organizationAdministrator, isVerified: true)]
        case .foreign: [.init(domain: Name.foreign, authority: .configuration)]
        }
    }
}
