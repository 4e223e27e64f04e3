extension World {
    /// Whether a sign-in may begin, and where (R1, R4). Nothing is known about the person yet.
    func start(of target: SignInTarget) -> Decision {
        switch target {
        case .rootConnection(let connectionID):
            switch usableConnection(connectionID) {
            case .success: Decision(.begin(rootConnectionID: connectionID))
            case .failure(let refusal): .refusal(refusal)
            }
        case .externalConnection(let linkID):
            switch acceptance(through: linkID) {
            case .success(let acceptance): begin(acceptance)
            case .failure(let refusal): .refusal(refusal)
            }
        case .organization(let organizationID): start(atOrganization: organizationID)
        }
    }

    /// The organization's default if it still accepts it; otherwise the only connection that it accepts, or a choice.
    private func start(atOrganization organizationID: OrganizationID) -> Decision {
        guard let organization = organizations[organizationID] else { return .refusal(.unknownOrganization) }
        guard organization.status == .active else { return .refusal(.organizationInactive) }
        let accepted = acceptances(by: [organizationID])
        if let preferred = accepted.first(where: { $0.via == organization.defaultConnection }) { return begin(preferred) }
        guard let first = accepted.first else { return .refusal(.noConnection) }
        return accepted.count == 1 ? begin(first) : Decision(.choose(Offer.list(of: accepted)))
    }

    private func begin(_ acceptance: Acceptance) -> Decision {
        Decision(
            .begin(rootConnectionID: acceptance.connection.id),
            reasons: [.accepted(acceptance.organization.id, via: acceptance.via)])
    }
}
