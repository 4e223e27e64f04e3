import Tenancy

extension Decision {
    var admittedOrganization: OrganizationID? {
        if case .admit(let admission) = outcome { admission.organizationID } else { nil }
    }

    /// An admission that leads to no page lets nobody in: it is a refusal, with the reasons that led to it. What it
    /// becomes is what is recorded.
    func needing(host: String?) -> Decision {
        guard case .admit = outcome, host == nil else { return self }
        return Decision(.refuse(.noRoute), reasons: reasons + [.refused(.noRoute)])
    }
}
