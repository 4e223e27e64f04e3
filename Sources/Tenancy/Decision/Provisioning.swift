extension Acceptance {
    /// Whether R6 lets the organization make a member of somebody who comes this way. The conditions on the
    /// address are R2's.
    var permitsProvisioning: Bool {
        switch organization.provisioning {
        case .notAllowed: false
        case .allAllowed: link?.provisions ?? true
        case .restricted(let listed): listed.contains(via) || link?.provisions ?? false
        }
    }
}
