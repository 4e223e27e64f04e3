import Tenancy

/// What an import did. Counts are of organizations, members, connections, external connections and roles.
public struct ImportSummary: Sendable, Equatable {
    public var created = 0
    /// Written anew: changed in the file, back in it, or taken over by it.
    public var changed = 0
    /// No more in the file.
    public var disabled = 0
    /// Declared members who could not be imported whole. They do not stop an import, because a person can
    /// bring them about at an IdP: a changed address must not keep the gateway from starting.
    public var conflicts: [ImportConflict] = []

    public init() {}
}

/// The address of a declared member is another declared member's, who has taken it since through their IdP.
public struct ImportConflict: Sendable, Equatable, CustomStringConvertible {
    public var organizationID: OrganizationID
    /// As the file has it.
    public var declaredID: MemberID
    /// Who has the address.
    public var memberID: MemberID

    public var description: String {
        "organization \(organizationID): the address of the declared member \(declaredID) belongs to \(memberID)"
    }
}

/// Why a declaration can't be imported: everything that is wrong. Nothing was changed.
public struct ImportRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    public var problems: [ImportProblem]

    public var description: String { problems.map(\.description).joined(separator: "\n") }
}

public enum ImportProblem: Sendable, Equatable, CustomStringConvertible {
    /// Another organization has the slug, or had it once.
    case slugTaken(slug: String, by: OrganizationID)
    /// The id of a declared member is that of a member of another organization.
    case memberElsewhere(MemberID, organization: OrganizationID)
    /// The borrower has another external connection to the same root connection, made at run time.
    case linkExists(name: String, other: ExternalConnectionID)

    public var description: String {
        switch self {
        case .slugTaken(let slug, let holder):
            "the slug \"\(slug)\" belongs or once belonged to \(holder); a slug is never reused: choose another, or set that id"
        case .memberElsewhere(let id, let organization):
            "the member id \(id) belongs to a member of \(organization); choose another id"
        case .linkExists(let name, let other):
            "external connection \"\(name)\": its organization has another one to the same connection, \(other); sever that first"
        }
    }
}
