/// An answer, with the reasons that led to it. The audit log records both (R9).
public struct Decision: Sendable, Equatable {
    public enum Outcome: Sendable, Equatable {
        /// Connections to show, in a stable order, each root connection once.
        case offer([Offer])
        /// Go to the IdP of this root connection.
        case begin(rootConnectionID: ConnectionID)
        /// Let the person choose.
        case choose([Offer])
        case admit(Admission)
        /// By organization id.
        case reach([Reach])
        case refuse(Refusal)
        case linkBecomes(ExternalConnection.Status)
        case linksBecome([ExternalConnectionID: ExternalConnection.Status])
    }

    public var outcome: Outcome
    /// In the order in which the rules were applied; what was passed over and why.
    public var reasons: [Reason]

    public init(_ outcome: Outcome, reasons: [Reason] = []) {
        self.outcome = outcome
        self.reasons = reasons
    }
}

/// One entry of a choice. Carries nothing that tells an organization to somebody not signed in.
public struct Offer: Hashable, Sendable {
    public var rootConnectionID: ConnectionID
    public var displayName: String
    public var kind: ConnectionKind

    public init(rootConnectionID: ConnectionID, displayName: String, kind: ConnectionKind) {
        self.rootConnectionID = rootConnectionID
        self.displayName = displayName
        self.kind = kind
    }
}

/// A person may be in an organization, as this member, with these roles; and what has to be written
/// first. Whoever acts on it writes all of it in the transaction in which it was decided.
public struct Admission: Sendable, Equatable {
    public enum Membership: Sendable, Equatable {
        /// Recognized by subject.
        case known(MemberID)
        /// Recognized by address: the subject is to be linked to the member.
        case linking(MemberID)
        /// To be made, with the address and name of the evidence and authority `.provisioning`, and linked.
        case provisioning(EmailAddress)
    }

    public var organizationID: OrganizationID
    public var via: AcceptedConnection
    public var membership: Membership
    /// The member's address is to be replaced by this one (R2).
    public var adoptsEmail: EmailAddress?
    public var roles: [GrantedRole]

    public init(
        organizationID: OrganizationID, via: AcceptedConnection, membership: Membership, adoptsEmail: EmailAddress? = nil,
        roles: [GrantedRole] = []
    ) {
        self.organizationID = organizationID
        self.via = via
        self.membership = membership
        self.adoptsEmail = adoptsEmail
        self.roles = roles
    }
}

/// A role and everything that grants it, both sorted by id.
public struct GrantedRole: Sendable, Equatable, Codable {
    public enum Source: Hashable, Sendable, Codable {
        case direct
        case emailDomain(EmailDomain)
        case connection(AcceptedConnection)
        case group(String, through: AcceptedConnection)
    }

    public var role: RoleID
    public var sources: Set<Source>

    public init(role: RoleID, sources: Set<Source>) {
        self.role = role
        self.sources = sources
    }
}

/// Why somebody is not let in. The raw value is the label of logs, metrics and audit events.
public enum Refusal: String, Error, Sendable, Codable, CaseIterable {
    case unknownConnection = "unknown_connection"
    case unknownExternalConnection = "unknown_external_connection"
    case unknownOrganization = "unknown_organization"
    /// The root connection is disabled or deleted.
    case connectionInactive = "connection_inactive"
    /// The root connection's owner is suspended or deleted.
    case ownerInactive = "owner_inactive"
    /// The organization asked for is suspended or deleted.
    case organizationInactive = "organization_inactive"
    /// The external connection is pending, disabled or severed.
    case externalConnectionInactive = "external_connection_inactive"
    /// The organization does not accept the root connection (R1).
    case connectionNotAccepted = "connection_not_accepted"
    /// The organization accepts no connection at all.
    case noConnection = "no_connection"
    /// The evidence comes from another root connection than the one asked for.
    case evidenceMismatch = "evidence_mismatch"
    case emailMissing = "email_missing"
    case emailNotVerified = "email_not_verified"
    /// Outside the connection's or the link's domain list.
    case emailDomainNotAllowed = "email_domain_not_allowed"
    case requiredClaimMissing = "required_claim_missing"
    /// A new subject with the address of a member who is already linked through the root connection.
    case subjectChanged = "subject_changed"
    /// The member is linked through another connection; the address alone makes no second link here.
    case linkedElsewhere = "linked_elsewhere"
    case memberSuspended = "member_suspended"
    case memberDeleted = "member_deleted"
    /// E-mail would link a member whose roles exceed the link's ceiling.
    case rolesExceedCeiling = "roles_exceed_ceiling"
    /// No such member, and just-in-time provisioning is not permitted.
    case notAMember = "not_a_member"
    /// The person could join, by a click.
    case provisioningNeedsClick = "provisioning_needs_click"
    /// The organization has no route to send the person to.
    case noRoute = "no_route"
    /// No organization is left (R4).
    case nowhereToLand = "nowhere_to_land"
    case sessionExpired = "session_expired"
    /// The session's member is no longer the one that the evidence recognizes.
    case memberChanged = "member_changed"
    /// The actor may not do this to the link (R10).
    case actorNotAllowed = "actor_not_allowed"
    /// The link is not in a state from which the act leads anywhere.
    case linkNotPending = "link_not_pending"
    case linkToOwnConnection = "link_to_own_connection"
    case duplicateLink = "duplicate_link"
}

/// One step of a decision.
public enum Reason: Hashable, Sendable {
    /// The organization was considered and refused or passed over.
    case passedOver(OrganizationID, Refusal)
    case accepted(OrganizationID, via: AcceptedConnection)
    case recognizedBySubject(MemberID)
    case linkedByEmail(MemberID)
    case provisioned(OrganizationID)
    case emailAdopted
    /// The asserted address differs from the member's, and is not adopted.
    case emailKept
    case isOwner(OrganizationID)
    case isOldest(OrganizationID)
    case roleCapped(RoleID)
    case refused(Refusal)
}
