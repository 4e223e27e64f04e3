import Tenancy

/// What an act was about.
public enum AdministeredKind: String, Sendable, CaseIterable {
    case organization
    case member
    case connection
    case externalConnection = "external connection"
    case session
    case role
}

/// Why an act of administration was not done. Nothing was changed.
public enum AdministrationRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    case notFound(AdministeredKind, String)
    /// Several have the name.
    case ambiguous(AdministeredKind, String)
    /// The one decision said no (R10).
    case tenancy(Refusal)
    /// The administrator of one organization acts in another, or on what is the operator's alone.
    case actorNotAllowed
    /// A field that the file declares.
    case managedByConfiguration(AdministeredKind, String)
    /// What the file declares can't be deleted.
    case declaredCannotBeDeleted(AdministeredKind, String)
    /// The file no longer declares it: it counts as disabled until it is back there.
    case leftTheFile(AdministeredKind, String)
    case isDeleted(AdministeredKind, String)
    /// It is so already.
    case unchanged(AdministeredKind, String, is: String)
    /// Another member of the organization has the address, whatever their status.
    case addressTaken(EmailAddress, by: MemberID)
    /// Another member is recognized by the subject.
    case subjectTaken(by: MemberID)
    case notLinked
    /// The organization neither owns the connection nor has an external connection to it.
    case connectionNotAccepted
    case wrongProtocol(ConnectionKind)
    /// The issuer has to be named, since the connection does not state it.
    case issuerNeeded
    /// A value that does not fit; the argument says which and what would.
    case malformed(String)

    /// One of a fixed set, for the audit trail.
    public var label: String {
        switch self {
        case .notFound: "not_found"
        case .ambiguous: "ambiguous"
        case .tenancy(let refusal): refusal.rawValue
        case .actorNotAllowed: Refusal.actorNotAllowed.rawValue
        case .managedByConfiguration: "managed_by_configuration"
        case .declaredCannotBeDeleted: "declared_cannot_be_deleted"
        case .leftTheFile: "left_the_file"
        case .isDeleted: "deleted"
        case .unchanged: "unchanged"
        case .addressTaken: "address_taken"
        case .subjectTaken: "subject_taken"
        case .notLinked: "not_linked"
        case .connectionNotAccepted: Refusal.connectionNotAccepted.rawValue
        case .wrongProtocol: "wrong_protocol"
        case .issuerNeeded: "issuer_needed"
        case .malformed: "malformed"
        }
    }

    /// For whoever acted: what is the matter, and what to do instead.
    public var description: String {
        switch self {
        case .notFound(let kind, let name): "There is no \(kind.rawValue) \"\(name)\"."
        case .ambiguous(let kind, let name): "Several are called \"\(name)\": name the \(kind.rawValue) by its id."
        case .tenancy(let refusal): refusal.explanation.text
        case .actorNotAllowed:
            "An organization's administrator may act in that organization alone: use --as operator, or the right organization."
        case .managedByConfiguration(let kind, let name):
            "The configuration file declares the \(kind.rawValue) \"\(name)\": change it there and reload."
        case .declaredCannotBeDeleted(let kind, let name):
            "The configuration file declares the \(kind.rawValue) \"\(name)\", so it can't be deleted: "
                + "\(kind == .organization || kind == .member ? "suspending" : "disabling") it is the way."
        case .leftTheFile(let kind, let name):
            "The \(kind.rawValue) \"\(name)\" has left the configuration file and is off until it is back there."
        case .isDeleted(let kind, let name): "The \(kind.rawValue) \"\(name)\" was deleted, and stays so."
        case .unchanged(let kind, let name, let state): "The \(kind.rawValue) \"\(name)\" is \(state) already."
        case .addressTaken(let email, let id):
            "\(email.rawValue) is the address of the member \(id): suspended and deleted ones keep theirs; reactivate that one."
        case .subjectTaken(let id): "The subject is linked to the member \(id): unlink it there first."
        case .notLinked: "The member is not linked through that connection."
        case .connectionNotAccepted:
            "The organization neither owns that connection nor has an external connection to it."
        case .wrongProtocol(let kind): "The connection speaks \(kind.rawValue.uppercased())."
        case .issuerNeeded: "The connection does not state its issuer: give --issuer, as the IdP writes it."
        case .malformed(let advice): advice
        }
    }
}
