import Tenancy

/// A small world as a value of a few bytes: three tenants, the root connection `main` and perhaps
/// a second one, `other`. Two blueprints that differ after `canonical` give two different worlds.
struct Blueprint: Hashable, Sendable {
    var main: RootPlan
    var other: RootPlan?
    private var first = TenantPlan()
    private var second = TenantPlan()
    private var third = TenantPlan()

    static let tenants = 0..<3

    init(owner: Int, otherOwner: Int? = nil) {
        main = RootPlan(owner: owner)
        other = otherOwner.map { RootPlan(owner: $0) }
    }

    subscript(tenant: Int) -> TenantPlan {
        get { tenant == 0 ? first : tenant == 1 ? second : third }
        set {
            switch tenant {
            case 0: first = newValue
            case 1: second = newValue
            default: third = newValue
            }
        }
    }

    /// The tenants that may borrow `main`.
    var borrowers: [Int] { Self.tenants.filter { $0 != main.owner } }
    /// The tenants that may borrow `other`.
    var otherBorrowers: [Int] { Self.tenants.filter { $0 != other?.owner } }

    /// Without what leaves no trace in the world: the roles of a member who does not exist.
    var canonical: Blueprint {
        var plan = self
        for tenant in Self.tenants where plan[tenant].presence == .none {
            plan[tenant].direct = .nothing
            plan[tenant].origin = .configuration
        }
        return plan
    }
}

struct RootPlan: Hashable, Sendable {
    var owner: Int
    var status = Connection.Status.active
    var domains = DomainList.absent
    var requiresClaim = false
    /// Implicit role of everybody.
    var everybody = Grant.nothing
    /// Role of the group `staff`.
    var staff = Grant.nothing
}

struct LinkPlan: Hashable, Sendable {
    var status = ExternalConnection.Status.active
    var provisions = false
    var domains = DomainList.absent
    var ceiling = Ceiling.absent
    var everybody = Grant.nothing
    var staff = Grant.nothing
}

struct TenantPlan: Hashable, Sendable {
    var status = Organization.Status.active
    /// Rank of the creation time; equal ranks are ties.
    var rank = 0
    var policy = Policy.notAllowed
    var allowed = AllowedDomains.absent
    var startsAt = Default.absent
    /// Roles of the domain `in.test`, and of `out.test`.
    var insideRoles = Grant.nothing
    var outsideRoles = Grant.nothing
    var mainLink: LinkPlan?
    var otherLink: LinkPlan?
    var presence = Presence.none
    /// Roles of every member of the tenant.
    var direct = Grant.nothing
    var origin = Origin.configuration
}

/// A mail domain list of a connection or a link.
enum DomainList: UInt8, CaseIterable { case absent, inside, outside, nobody }

enum Grant: UInt8, CaseIterable { case nothing, viewer, editor, administrator }

enum Ceiling: UInt8, CaseIterable { case absent, nothing, viewer, viewerAndEditor, administrator }

enum Policy: UInt8, CaseIterable {
    case notAllowed, allAllowed, restrictedToNothing, restrictedToMain, restrictedToOwnLink
    /// Names `other` and the links of the two other tenants.
    case restrictedToStrangers
}

enum AllowedDomains: UInt8, CaseIterable { case absent, byConfiguration, byAdministrator, byAdministratorVerified, foreign }

enum Default: UInt8, CaseIterable { case absent, main, ownLink }

/// Who made the members of a tenant.
enum Origin: UInt8, CaseIterable { case configuration, administrator, administratorAfterSignIn }

/// Who is in a tenant, seen from a person with the subject `person` and the address
/// `p@in.test`. "Subject" is a link through `main`.
enum Presence: UInt8, CaseIterable {
    case none
    case subject, subjectSuspended, subjectDeleted
    case address, addressSuspended, addressDeleted
    /// The address, linked through `main` under another subject, or under the same one of another issuer.
    case addressOfOtherSubject, addressOfOtherIssuer
    /// The address, linked through `other`.
    case addressLinkedThroughOther
    /// The subject, whose member has another address of the same domain.
    case subjectRenamed
    /// The same, linked through both roots.
    case subjectRenamedLinkedTwice
    case subjectLinkedTwice
    /// The subject with another address, and the address at another member.
    case subjectAndAddress, subjectAndAddressSuspended, subjectAndAddressDeleted, subjectSuspendedAndAddress
    /// The same issuer and subject, but through `other` alone, with another address.
    case subjectOfOtherRoot
    /// Somebody else.
    case stranger
}
