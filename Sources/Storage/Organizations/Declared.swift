import Tenancy

/// Whether the configuration file declares something. Stands beside the run-time status.
enum Declared: String {
    case never
    case present
    /// Was in the file, and is there no more: counts as disabled until it returns.
    case withdrawn

    /// The status that the rules see.
    func effective(_ status: Organization.Status) -> Organization.Status {
        self == .withdrawn && status == .active ? .suspended : status
    }

    func effective(_ status: Member.Status) -> Member.Status {
        self == .withdrawn && status == .active ? .suspended : status
    }

    func effective(_ status: Connection.Status) -> Connection.Status {
        self == .withdrawn && status == .active ? .disabled : status
    }

    func effective(_ status: ExternalConnection.Status) -> ExternalConnection.Status {
        guard self == .withdrawn else { return status }
        switch status {
        case .active, .pendingApproval, .pendingConfirmation: return .disabled
        case .disabled, .severed: return status
        }
    }
}
