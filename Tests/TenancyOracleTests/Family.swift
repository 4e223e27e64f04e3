import Tenancy

/// A set of worlds that is exhaustive in the dimensions that interact; the product of all
/// dimensions at once has more than 10^15. What a family does not name has its default in it.
enum Family: String, CaseIterable, Sendable {
    /// Who wins the landing: owner × links (absent, active, severed) × people (7) or provisioning
    /// of each tenant; × all 13 orders of creation times, ties included, where all outsiders know the
    /// person and no link is severed.
    case choice
    /// Owner × status of every organization, of `main` and of every link, in full × known, linkable
    /// or new.
    case endings
    /// Owner × people × creation orders × every set of organizations with a route.
    case routes
    /// Owner × policy of every tenant × switch of every link (or no link).
    case provisioning
    /// One tenant, as owner and as borrower: the connection's list × the link's × required claims ×
    /// all states of people × provisioning × who owns `other`; asked with every address.
    case address
    /// One tenant, as owner and as borrower: direct × domain × connection × group roles × ceiling ×
    /// people.
    case roles
    /// Both roots: all owners × all patterns of links to both × people linked through either. Evidence
    /// comes through `main`; through `other` everything is the same with the names exchanged.
    case twoRoots
    /// R3 by membership: all owners of both roots × all patterns of links × who belongs, and by
    /// whose authority.
    case discoveryByMembership
    /// R3 by provisioning: owner × links × allowed domains and provisioning of each tenant × lists ×
    /// who is there already.
    case discoveryByProvisioning
    /// Starts that name an organization: all owners × all links × default connections.
    case starts

    var evidences: [Evidence] {
        switch self {
        case .address: Evidences.addresses
        case .roles: Evidences.groups
        case .discoveryByMembership, .discoveryByProvisioning, .starts: []
        case .choice, .endings, .routes, .provisioning, .twoRoots: [Evidences.plain]
        }
    }

    /// All worlds of the family, each with what to ask in it.
    func forEach<E>(_ body: (Blueprint, Scope) throws(E) -> Void) throws(E) {
        switch self {
        case .choice: try choice(body)
        case .endings: try endings(body)
        case .routes: try routes(body)
        case .provisioning: try provisioning(body)
        case .address: try address(body)
        case .roles: try roles(body)
        case .twoRoots: try twoRoots(body)
        case .discoveryByMembership: try discoveryByMembership(body)
        case .discoveryByProvisioning: try discoveryByProvisioning(body)
        case .starts: try starts(body)
        }
    }

    /// Every order of three creation times, ties included: the ranks that leave no gap.
    static let orders: [[Int]] = {
        var orders: [[Int]] = []
        for first in 0..<3 {
            for second in 0..<3 {
                for third in 0..<3 {
                    let ranks = [first, second, third]
                    if Set(ranks) == Set(0..<Set(ranks).count) { orders.append(ranks) }
                }
            }
        }
        return orders
    }()

    /// No link, and one in each of the given states.
    static func links(_ statuses: [ExternalConnection.Status], provisions: Bool = false) -> [LinkPlan?] {
        [nil] + statuses.map { LinkPlan(status: $0, provisions: provisions) }
    }

    /// All ways to give one of `values` to each of the three tenants.
    static func triples<Value>(_ values: [Value]) -> [[Value]] {
        values.flatMap { first in values.flatMap { second in values.map { [first, second, $0] } } }
    }
}
