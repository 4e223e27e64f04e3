extension World {
    /// Where the person lands after the IdP has answered (R4).
    func landing(of evidence: Evidence, at target: SignInTarget, for destination: Destination) -> Decision {
        switch target {
        case .rootConnection(let connectionID):
            landing(of: evidence, atRoot: connectionID, for: destination)
        case .externalConnection(let linkID):
            landing(of: evidence, through: acceptance(through: linkID), for: destination)
        case .organization(let organizationID):
            landing(of: evidence, through: acceptance(of: evidence.connectionID, by: organizationID), for: destination)
        }
    }

    /// One organization was named: that one, or the cause; never silently another.
    private func landing(
        of evidence: Evidence, through acceptance: Result<Acceptance, Refusal>, for destination: Destination
    ) -> Decision {
        .verdict(
            acceptance.flatMap { acceptance in
                acceptance.connection.screen(evidence).flatMap { screened in
                    guard destination.reaches(acceptance.organization.id) else { return .failure(.noRoute) }
                    return EvidenceMatches(of: screened, in: self).admission(through: acceptance, upTo: .withProvisioning)
                }
            })
    }

    /// A root connection was named: the owner, then the oldest organization, where the person is or would be
    /// linked to a member; failing that, the first in the same order that provisions them.
    private func landing(of evidence: Evidence, atRoot connectionID: ConnectionID, for destination: Destination) -> Decision {
        let connection: Connection
        let matches: EvidenceMatches
        switch usableConnection(connectionID).flatMap({ usable in usable.screen(evidence).map { (usable, $0) } }) {
        case .failure(let refusal): return .refusal(refusal)
        case .success(let (usable, screened)):
            connection = usable
            matches = EvidenceMatches(of: screened, in: self)
        }
        var passedOver: [(organizationID: OrganizationID, refusal: Refusal)] = []
        var provisioning: [Grant] = []
        for candidate in candidates(for: connection) {
            let organizationID = candidate.organizationID
            let outcome = acceptance(of: connection, by: candidate).flatMap { acceptance -> Result<Grant, Refusal> in
                guard destination.reaches(organizationID) else { return .failure(.noRoute) }
                return matches.admission(through: acceptance, upTo: .withProvisioning)
            }
            switch outcome {
            case .failure(let refusal): passedOver.append((organizationID, refusal))
            case .success(let grant):
                guard case .provisioning = grant.membership else {
                    return landed(grant, ownerID: connection.organizationID, after: passedOver)
                }
                // Belonging somewhere comes before becoming a member anywhere.
                provisioning.append(grant)
                passedOver.append((organizationID, .notAMember))
            }
        }
        if let first = provisioning.first {
            let permitting = Set(provisioning.map(\.acceptance.organization.id))
            return landed(
                first, ownerID: connection.organizationID,
                after: passedOver.filter { !permitting.contains($0.organizationID) })
        }
        // One cause that all share says more than that nothing was left.
        let causes = Set(passedOver.map(\.refusal))
        let refusal = causes.count == 1 ? causes.first ?? .nowhereToLand : .nowhereToLand
        return .refusal(refusal, after: passedOver.map { .passedOver($0.organizationID, $0.refusal) })
    }

    private func landed(
        _ grant: Grant, ownerID: OrganizationID, after passedOver: [(organizationID: OrganizationID, refusal: Refusal)]
    ) -> Decision {
        let organizationID = grant.acceptance.organization.id
        let choice: Reason = organizationID == ownerID ? .isOwner(organizationID) : .isOldest(organizationID)
        return .verdict(.success(grant), after: passedOver.map { .passedOver($0.organizationID, $0.refusal) } + [choice])
    }
}

extension Destination {
    /// Whether the person can be sent to the organization.
    fileprivate func reaches(_ organizationID: OrganizationID) -> Bool {
        switch self {
        case .anywhere: true
        case .page(let organizations): organizations.contains(organizationID)
        }
    }
}
