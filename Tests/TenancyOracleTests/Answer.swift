import Tenancy

/// What the comparison looks at in a decision: everything that somebody acts on, no reasons.
enum Answer: Equatable {
    struct Admitted: Equatable {
        var organization: OrganizationID
        var via: AcceptedConnection
        var membership: Admission.Membership
        var adopts: EmailAddress?
        var roles: [RoleID: Set<GrantedRole.Source>]
    }

    case offered(Set<ConnectionID>)
    case begun(ConnectionID)
    case choice(Set<ConnectionID>)
    case admitted(Admitted)
    case reached([OrganizationID: Reach.Way])
    /// With its label where the rules name one and it is the only cause.
    case refused(Refusal?)
    /// An outcome that can't answer the question, or one that says something twice.
    case malformed(String)

    /// Whether `actual` is what this answer expects.
    func expects(_ actual: Answer) -> Bool {
        if case .refused(nil) = self, case .refused = actual { return true }
        return self == actual
    }

    init(_ outcome: Decision.Outcome) {
        switch outcome {
        case .offer(let offers): self = Self.roots(of: offers).map { .offered($0) } ?? .malformed("an entry twice: \(offers)")
        case .choose(let offers): self = Self.roots(of: offers).map { .choice($0) } ?? .malformed("an entry twice: \(offers)")
        case .begin(let root): self = .begun(root)
        case .refuse(let refusal): self = .refused(refusal)
        case .admit(let admission):
            var roles: [RoleID: Set<GrantedRole.Source>] = [:]
            for granted in admission.roles {
                guard roles.updateValue(granted.sources, forKey: granted.role) == nil else {
                    self = .malformed("a role twice: \(admission.roles)")
                    return
                }
            }
            self = .admitted(
                Admitted(
                    organization: admission.organizationID, via: admission.via, membership: admission.membership,
                    adopts: admission.adoptsEmail, roles: roles))
        case .reach(let places):
            let ways = Dictionary(places.map { ($0.organizationID, $0.way) }) { first, _ in first }
            self = ways.count == places.count ? .reached(ways) : .malformed("an organization twice: \(places)")
        case .linkBecomes, .linksBecome: self = .malformed("\(outcome)")
        }
    }

    private static func roots(of offers: [Offer]) -> Set<ConnectionID>? {
        let roots = Set(offers.map(\.rootConnectionID))
        return roots.count == offers.count ? roots : nil
    }
}
