import Tenancy

extension Family {
    func discoveryByMembership<E>(_ body: (Blueprint, Scope) throws(E) -> Void) throws(E) {
        let memberships: [(Presence, Origin)] = [
            (.none, .configuration), (.address, .configuration), (.address, .administrator),
            (.address, .administratorAfterSignIn), (.addressSuspended, .configuration),
        ]
        let patterns = Self.triples(memberships)
        try forEachSharing([.active]) { (plan) throws(E) in
            for pattern in patterns {
                var plan = plan
                for tenant in Blueprint.tenants { (plan[tenant].presence, plan[tenant].origin) = pattern[tenant] }
                try body(plan, [.discovery, .reordered])
            }
        }
    }

    func discoveryByProvisioning<E>(_ body: (Blueprint, Scope) throws(E) -> Void) throws(E) {
        let people: [(Presence, Origin)] = [(.none, .configuration), (.addressDeleted, .configuration), (.address, .administrator)]
        let links = [nil, LinkPlan(), LinkPlan(provisions: true)]
        let allowed = Self.triples(AllowedDomains.allCases)
        for owner in Blueprint.tenants {
            var plan = Blueprint(owner: owner)
            for first in links {
                for second in links {
                    plan[plan.borrowers[0]].mainLink = first
                    plan[plan.borrowers[1]].mainLink = second
                    for policy in [Policy.notAllowed, .allAllowed, .restrictedToOwnLink] {
                        for (presence, origin) in people {
                            for domains in allowed {
                                for tenant in Blueprint.tenants {
                                    plan[tenant].policy = policy
                                    plan[tenant].allowed = domains[tenant]
                                    (plan[tenant].presence, plan[tenant].origin) = (presence, origin)
                                }
                                try body(plan, .discovery)
                            }
                        }
                    }
                }
            }
        }
        try lists(body)
    }

    /// The lists of the connection and of each link, which speak for a domain as well as limit it.
    private func lists<E>(_ body: (Blueprint, Scope) throws(E) -> Void) throws(E) {
        for owner in Blueprint.tenants {
            var plan = Blueprint(owner: owner)
            for provisions in [false, true] {
                for allowed in [AllowedDomains.absent, .byConfiguration] {
                    for own in DomainList.allCases {
                        plan.main.domains = own
                        for first in DomainList.allCases {
                            for second in DomainList.allCases {
                                for tenant in Blueprint.tenants {
                                    plan[tenant].allowed = allowed
                                    plan[tenant].policy = .allAllowed
                                }
                                plan[owner].policy = provisions ? .notAllowed : .allAllowed
                                plan[plan.borrowers[0]].mainLink = LinkPlan(provisions: provisions, domains: first)
                                plan[plan.borrowers[1]].mainLink = LinkPlan(provisions: provisions, domains: second)
                                try body(plan, .discovery)
                            }
                        }
                    }
                }
            }
        }
    }
}
