import Tenancy

/// What a tenant would do with the person: somebody is there, or nobody and JIT is off or on. It is
/// on too where somebody bars the person, and must make no difference.
private struct Attitude: Sendable {
    var presence: Presence
    var provisions = false

    static let all = [
        Attitude(presence: .none), Attitude(presence: .none, provisions: true), Attitude(presence: .subject),
        Attitude(presence: .subjectSuspended, provisions: true), Attitude(presence: .address),
        Attitude(presence: .addressDeleted, provisions: true), Attitude(presence: .addressOfOtherSubject, provisions: true),
    ]
    static let welcoming = [Attitude(presence: .none, provisions: true), Attitude(presence: .subject), Attitude(presence: .address)]
}

extension Blueprint {
    fileprivate mutating func apply(_ attitudes: [Attitude]) {
        for (tenant, attitude) in zip(Self.tenants, attitudes) {
            self[tenant].presence = attitude.presence
            self[tenant].policy = attitude.provisions ? .allAllowed : .notAllowed
            self[tenant].mainLink?.provisions = attitude.provisions
        }
    }

    fileprivate var hasSeveredLink: Bool { Self.tenants.contains { self[$0].mainLink?.status == .severed } }

    /// The tenants that do not accept `main`.
    fileprivate var outsiders: [Int] { borrowers.filter { self[$0].mainLink?.status != .active } }

    /// Everything, unless outsiders differ in what can't matter more than in other worlds.
    fileprivate var scopeOfChoice: Scope {
        if hasSeveredLink { return .severed }
        let isOrdinary = outsiders.allSatisfy { [.none, .subject, .address].contains(self[$0].presence) && self[$0].policy == .notAllowed }
        return isOrdinary ? .signIn.union(.pages) : .root
    }

    fileprivate mutating func apply(order: [Int]) {
        for (tenant, rank) in zip(Self.tenants, order) { self[tenant].rank = rank }
    }
}

extension Family {
    func choice<E>(_ body: (Blueprint, Scope) throws(E) -> Void) throws(E) {
        let links = Self.links([.active, .severed])
        let attitudes = Self.triples(Attitude.all)
        for owner in Blueprint.tenants {
            var plan = Blueprint(owner: owner)
            for first in links {
                for second in links {
                    plan[plan.borrowers[0]].mainLink = first
                    plan[plan.borrowers[1]].mainLink = second
                    for attitude in attitudes {
                        plan.apply(attitude)
                        plan.apply(order: [0, 0, 0])
                        try body(plan, plan.scopeOfChoice)
                        // Creation times matter to landing at the root alone. Whoever is outside has the
                        // most tempting attitude then.
                        let isTempting = plan.outsiders.allSatisfy { plan[$0].presence == .subject }
                        if !isTempting || plan.hasSeveredLink { continue }
                        for order in Self.orders.dropFirst() {
                            plan.apply(order: order)
                            try body(plan, .root)
                        }
                    }
                }
            }
        }
    }

    func endings<E>(_ body: (Blueprint, Scope) throws(E) -> Void) throws(E) {
        let links = Self.links(ExternalConnection.Status.allCases, provisions: true)
        let statuses = Self.triples(Organization.Status.allCases)
        for owner in Blueprint.tenants {
            var plan = Blueprint(owner: owner)
            for first in links {
                for second in links {
                    plan[plan.borrowers[0]].mainLink = first
                    plan[plan.borrowers[1]].mainLink = second
                    for (index, attitude) in Attitude.welcoming.enumerated() {
                        plan.apply([attitude, attitude, attitude])
                        for connection in Connection.Status.allCases {
                            plan.main.status = connection
                            for status in statuses {
                                for tenant in Blueprint.tenants { plan[tenant].status = status[tenant] }
                                // Whether a sign-in may begin is no matter of people.
                                try body(plan, index == 0 ? [.root, .starts, .onlyFirst] : [.root, .links, .reach])
                            }
                        }
                    }
                }
            }
        }
    }

    func routes<E>(_ body: (Blueprint, Scope) throws(E) -> Void) throws(E) {
        let attitudes = Self.triples(Attitude.welcoming)
        for owner in Blueprint.tenants {
            var plan = Blueprint(owner: owner)
            for borrower in plan.borrowers { plan[borrower].mainLink = LinkPlan() }
            for attitude in attitudes {
                plan.apply(attitude)
                for (index, order) in Self.orders.enumerated() {
                    plan.apply(order: order)
                    try body(plan, index == 0 ? [.root, .links, .organizations, .everyPage] : [.root, .everyPage])
                }
            }
        }
    }

    func provisioning<E>(_ body: (Blueprint, Scope) throws(E) -> Void) throws(E) {
        let links = [nil, LinkPlan(), LinkPlan(provisions: true)]
        for owner in Blueprint.tenants {
            var plan = Blueprint(owner: owner)
            for own in Policy.allCases {
                plan[owner].policy = own
                for first in links {
                    plan[plan.borrowers[0]].mainLink = first
                    for second in links {
                        plan[plan.borrowers[1]].mainLink = second
                        for firstPolicy in Policy.allCases {
                            plan[plan.borrowers[0]].policy = firstPolicy
                            for secondPolicy in Policy.allCases {
                                plan[plan.borrowers[1]].policy = secondPolicy
                                try body(plan, [.root, .exchanges, .reach])
                            }
                        }
                    }
                }
            }
        }
    }
}
