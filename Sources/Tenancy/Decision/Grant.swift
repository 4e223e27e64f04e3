/// Who would be let into an organization, and as whom. The roles are worked out only for the one grant that a
/// decision settles on.
struct Grant {
    let acceptance: Acceptance
    let membership: Admission.Membership
    /// Roles assigned directly.
    let direct: Set<RoleID>
    /// The member's address from now on.
    let address: EmailAddress
    /// Whether that is a new one.
    let adoptsAddress: Bool
    let groups: [String]
    let reasons: [Reason]

    func decision(after earlier: [Reason]) -> Decision {
        let roles = acceptance.roles(direct: direct, address: address, groups: groups)
        let admission = Admission(
            organizationID: acceptance.organization.id, via: acceptance.via, membership: membership,
            adoptsEmail: adoptsAddress ? address : nil, roles: roles.granted)
        let accepted = Reason.accepted(acceptance.organization.id, via: acceptance.via)
        return Decision(
            .admit(admission), reasons: earlier + [accepted] + reasons + roles.capped.map(Reason.roleCapped))
    }
}
