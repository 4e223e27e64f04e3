/// What a start named (R4).
public enum SignInTarget: Hashable, Sendable, Codable {
    case rootConnection(ConnectionID)
    case externalConnection(ExternalConnectionID)
    case organization(OrganizationID)
}

/// Whether a landing needs somewhere to go.
public enum Destination: Sendable, Equatable {
    /// A page was asked for: organizations outside the set (those with a route) are passed over.
    case page(of: Set<OrganizationID>)
    /// No page: an API client finishes the sign-in itself.
    case anywhere
}

/// Everything that can be asked of the rules.
public enum Question: Sendable, Equatable {
    /// Which connections to offer for an address, before any sign-in (R3). → `Decision.offer`
    case discovery(EmailAddress)
    /// Whether a sign-in may begin, and at which root connection (R1). Naming an organization with several
    /// connections and no default is a choice. → `.begin`, `.choose`, `.refuse`
    case start(SignInTarget)
    /// Where the person lands after the IdP has answered (R2, R4, R6, R7). → `.admit`, `.refuse`
    case landing(SignInTarget, Evidence, Destination)
    /// A session into another organization (R5). `byClick`: a visible step was taken, so provisioning is
    /// allowed where R6 permits it. → `.admit`, `.refuse`
    case exchange(Session, into: OrganizationID, byClick: Bool)
    /// Which organizations a session's evidence reaches, and how (R2, R3, R5). → `.reach`
    case reach(Session)
    /// Whether a session still stands, and with which roles (R1, R2, R7, R8). Asked at every refresh.
    /// → `.admit`, `.refuse`
    case continuation(Session)
    /// What becomes of an external connection when `actor` does `act` (R10). The link need not exist in the
    /// world for `.create`. → `.linkBecomes`, `.refuse`
    case consent(ConsentAct, ExternalConnection, by: Actor)
    /// What becomes of a connection's links when its issuer or IdP entity ID changes (R10).
    /// → `.linksBecome`
    case identityProviderChange(ConnectionID, by: Actor)
}

/// Who acts on links and connections.
public enum Actor: Hashable, Sendable {
    case configuration
    case project
    /// An administrator of the organization.
    case administrator(of: OrganizationID)
}

public enum ConsentAct: String, Sendable, CaseIterable {
    /// The borrower makes the link.
    case create
    /// The owner's administrator approves a pending link.
    case approve
    /// The borrower confirms after the IdP changed.
    case confirm
    /// Either side ends it.
    case sever
    /// The borrower takes no sign-in through it for a while.
    case disable
    /// The borrower takes it up again, with the IdP that is behind it now.
    case enable
}
