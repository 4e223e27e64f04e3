/// How far an admission may go beyond recognizing somebody by subject.
enum AdmissionLatitude {
    /// Not at all: the member of the session goes on, nothing is written (a refresh).
    case onlyContinuing(MemberID)
    /// It may link by address; it may not provision, since nobody clicked (R5).
    case withoutProvisioning
    case withProvisioning
}

extension EvidenceMatches {
    /// The one way into an organization. Applies R2, R6 and R7 to the evidence, in an organization that
    /// accepts the root connection that screened it (R1).
    func admission(through acceptance: Acceptance, upTo latitude: AdmissionLatitude) -> Result<Grant, Refusal> {
        if let domains = acceptance.link?.emailDomains, !domains.contains(address.domain) {
            return .failure(.emailDomainNotAllowed)
        }
        let known = membersBySubject(in: acceptance.organization.id)
        let addressed = membersByAddress(in: acceptance.organization.id)
        // Also where somebody else matches and is active: who was shut out must not come back as another member.
        if let refusal = (known + addressed).lazy.compactMap(\.status.refusal).first { return .failure(refusal) }
        switch latitude {
        case .onlyContinuing(let memberID):
            guard let member = known.first, member.id == memberID else { return .failure(.memberChanged) }
            return .success(grant(to: member, adopting: false, through: acceptance))
        case .withoutProvisioning, .withProvisioning:
            if let member = known.first {
                let adopts =
                    member.email != address && addressed.isEmpty
                    && refusalToIdentify(member, through: acceptance) == nil
                return .success(grant(to: member, adopting: adopts, through: acceptance))
            }
            if let member = addressed.first { return linking(member, through: acceptance) }
            return provisioning(through: acceptance, upTo: latitude)
        }
    }

    /// Recognized by subject.
    private func grant(to member: Member, adopting: Bool, through acceptance: Acceptance) -> Grant {
        var reasons: [Reason] = [.recognizedBySubject(member.id)]
        if member.email != address { reasons.append(adopting ? .emailAdopted : .emailKept) }
        return Grant(
            acceptance: acceptance, membership: .known(member.id), direct: member.roles,
            address: adopting ? address : member.email, adoptsAddress: adopting, groups: evidence.groups, reasons: reasons)
    }

    /// Recognized by address alone.
    private func linking(_ member: Member, through acceptance: Acceptance) -> Result<Grant, Refusal> {
        if let refusal = refusalToIdentify(member, through: acceptance) { return .failure(refusal) }
        return .success(
            Grant(
                acceptance: acceptance, membership: .linking(member.id), direct: member.roles, address: address,
                adoptsAddress: false, groups: evidence.groups, reasons: [.linkedByEmail(member.id)]))
    }

    /// Not recognized.
    private func provisioning(
        through acceptance: Acceptance, upTo latitude: AdmissionLatitude
    ) -> Result<Grant, Refusal> {
        // The same condition as for linking, and the first cause: no other organization could do more.
        guard evidence.emailVerification != .unverified else { return .failure(.emailNotVerified) }
        guard acceptance.permitsProvisioning else { return .failure(.notAMember) }
        guard !domainRolesExceedCeiling(through: acceptance) else { return .failure(.rolesExceedCeiling) }
        guard case .withProvisioning = latitude else { return .failure(.provisioningNeedsClick) }
        return .success(
            Grant(
                acceptance: acceptance, membership: .provisioning(address), direct: [], address: address,
                adoptsAddress: false, groups: evidence.groups, reasons: [.provisioned(acceptance.organization.id)]))
    }

    /// A link's IdP may assert any unused address of the borrower's domain. What the borrower gives to that
    /// domain must not make somebody more than the link's ceiling, exactly as when an address links a member.
    private func domainRolesExceedCeiling(through acceptance: Acceptance) -> Bool {
        acceptance.link?.isExceeded(by: acceptance.organization.domainRoles[address.domain] ?? []) ?? false
    }
}

extension Member.Status {
    fileprivate var refusal: Refusal? {
        switch self {
        case .active: nil
        case .suspended: .memberSuspended
        case .deleted: .memberDeleted
        }
    }
}
