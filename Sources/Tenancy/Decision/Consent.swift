extension World {
    /// What becomes of an external connection when somebody acts on it (R10).
    func consent(to act: ConsentAct, of link: ExternalConnection, by actor: Actor) -> Decision {
        guard let transition = act.transition else { return creation(of: link, by: actor) }
        // The stored link, not the caller's copy: its state, borrower and connection are what the act is about.
        guard let stored = externalConnections[link.id] else { return .refusal(.unknownExternalConnection) }
        let consenting = transition.consenting(stored, connections[stored.connectionID]?.organizationID)
        // Before the state, which is no stranger's business.
        guard actor.speaks(forOneOf: consenting) else { return .refusal(.actorNotAllowed) }
        guard transition.from.contains(stored.status) else { return .refusal(.linkNotPending) }
        return Decision(.linkBecomes(transition.to))
    }

    /// What becomes of the connection's links when its issuer or IdP entity ID changes: the borrowers trusted
    /// another IdP than the one that the owner's administrator now points it at.
    func identityProviderChange(of connectionID: ConnectionID, by actor: Actor) -> Decision {
        guard let connection = connections[connectionID] else { return .refusal(.unknownConnection) }
        switch actor {
        case .configuration, .project: return Decision(.linksBecome([:]))
        case .administrator(let organizationID):
            guard organizationID == connection.organizationID else { return .refusal(.actorNotAllowed) }
            var becoming: [ExternalConnectionID: ExternalConnection.Status] = [:]
            for link in externalConnections.values where link.connectionID == connectionID {
                switch link.status {
                case .active: becoming[link.id] = .pendingConfirmation
                // What was asked for was another IdP: approving it now would put this one on the borrower.
                case .pendingApproval: becoming[link.id] = .severed
                case .pendingConfirmation, .disabled, .severed: break
                }
            }
            return Decision(.linksBecome(becoming))
        }
    }

    /// The file and the project secret need nobody's consent; the borrower's administrator needs the owner's.
    private func creation(of link: ExternalConnection, by actor: Actor) -> Decision {
        guard actor.speaks(forOneOf: [link.borrowerID]) else { return .refusal(.actorNotAllowed) }
        guard let connection = connections[link.connectionID] else { return .refusal(.unknownConnection) }
        guard let borrower = organizations[link.borrowerID] else { return .refusal(.unknownOrganization) }
        guard connection.organizationID != link.borrowerID else { return .refusal(.linkToOwnConnection) }
        let isDuplicate = externalConnections.values.contains {
            $0.id != link.id && $0.borrowerID == link.borrowerID && $0.connectionID == link.connectionID
                && $0.status != .severed
        }
        guard !isDuplicate else { return .refusal(.duplicateLink) }
        switch actor {
        // What is disabled at run time does not keep the file from declaring a link to it: it carries nothing
        // until R1 holds.
        case .configuration, .project: return Decision(.linkBecomes(.active))
        case .administrator:
            if case .failure(let refusal) = usableConnection(link.connectionID) { return .refusal(refusal) }
            guard borrower.status == .active else { return .refusal(.organizationInactive) }
            return Decision(.linkBecomes(.pendingApproval))
        }
    }
}

/// What an act does to a link that exists.
private struct ConsentTransition {
    var from: Set<ExternalConnection.Status>
    var to: ExternalConnection.Status
    /// The organizations whose administrators may do it, given the link and the owner of its connection.
    var consenting: @Sendable (ExternalConnection, OrganizationID?) -> [OrganizationID]
}

extension ConsentAct {
    /// `nil`: the link is only being made.
    fileprivate var transition: ConsentTransition? {
        switch self {
        case .create: nil
        case .approve:
            ConsentTransition(from: [.pendingApproval], to: .active) { _, ownerID in [ownerID].compactMap { $0 } }
        case .confirm:
            ConsentTransition(from: [.pendingConfirmation], to: .active) { link, _ in [link.borrowerID] }
        // Never from a pending state: the way back would go around the consent that is missing.
        case .disable: ConsentTransition(from: [.active], to: .disabled) { link, _ in [link.borrowerID] }
        case .enable: ConsentTransition(from: [.disabled], to: .active) { link, _ in [link.borrowerID] }
        case .sever:
            ConsentTransition(from: Set(ExternalConnection.Status.allCases).subtracting([.severed]), to: .severed) {
                [$0.borrowerID, $1].compactMap { $0 }
            }
        }
    }
}

extension Actor {
    /// The file and the project secret speak for everybody, an administrator for their organization alone.
    fileprivate func speaks(forOneOf organizations: [OrganizationID]) -> Bool {
        switch self {
        case .configuration, .project: true
        case .administrator(let organizationID): organizations.contains(organizationID)
        }
    }
}
