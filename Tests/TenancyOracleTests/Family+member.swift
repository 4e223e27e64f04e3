import Tenancy

extension Family {
    func address<E>(_ body: (Blueprint, Scope) throws(E) -> Void) throws(E) {
        for isOwner in [true, false] {
            for otherOwner in [0, 1] {
                for presence in Presence.allCases {
                    for provisions in [false, true] {
                        for list in DomainList.allCases {
                            for linkList in isOwner ? [.absent] : DomainList.allCases {
                                for requiresClaim in list == .absent ? [false, true] : [false] {
                                    var plan = Blueprint(owner: isOwner ? 0 : 1, otherOwner: otherOwner)
                                    plan.main.domains = list
                                    plan.main.requiresClaim = requiresClaim
                                    plan[0].presence = presence
                                    plan[0].policy = provisions ? .allAllowed : .notAllowed
                                    if !isOwner { plan[0].mainLink = LinkPlan(provisions: provisions, domains: linkList) }
                                    try body(plan, .firstTenant)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    func roles<E>(_ body: (Blueprint, Scope) throws(E) -> Void) throws(E) {
        let people: [Presence] = [.none, .subject, .subjectRenamed, .address]
        for isOwner in [true, false] {
            for presence in people {
                for direct in presence == .none ? [.nothing] : Grant.allCases {
                    for inside in [Grant.nothing, .viewer, .administrator] {
                        for outside in [Grant.nothing, .viewer, .administrator] {
                            for everybody in [Grant.nothing, .viewer, .administrator] {
                                for ceiling in isOwner ? [.absent] : Ceiling.allCases {
                                    var plan = Blueprint(owner: isOwner ? 0 : 1)
                                    plan.main.everybody = everybody
                                    plan.main.staff = .editor
                                    plan[0].presence = presence
                                    plan[0].direct = direct
                                    plan[0].insideRoles = inside
                                    plan[0].outsideRoles = outside
                                    plan[0].policy = .allAllowed
                                    if !isOwner {
                                        // The owner's roles are set too: none of them may reach the borrower.
                                        plan.main.staff = .administrator
                                        plan[0].mainLink = LinkPlan(
                                            provisions: true, ceiling: ceiling, everybody: everybody, staff: .editor)
                                    }
                                    try body(plan, .firstTenant)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    func twoRoots<E>(_ body: (Blueprint, Scope) throws(E) -> Void) throws(E) {
        let people: [Presence] = [.subject, .subjectOfOtherRoot, .subjectRenamedLinkedTwice, .addressLinkedThroughOther]
        try forEachSharing([.active, .severed]) { (plan) throws(E) in
            for presence in people {
                var plan = plan
                for tenant in Blueprint.tenants { plan[tenant].presence = presence }
                try body(plan, [.root, .links, .organizations, .exchanges, .reach])
                // Somebody in the first tenant alone: no other one may take that as evidence.
                plan[1].presence = .none
                plan[2].presence = .none
                try body(plan, [.root, .organizations, .reach])
            }
        }
    }

    func starts<E>(_ body: (Blueprint, Scope) throws(E) -> Void) throws(E) {
        try forEachSharing([.active, .disabled]) { (plan) throws(E) in
            for start in Default.allCases {
                var plan = plan
                for tenant in Blueprint.tenants { plan[tenant].startsAt = start }
                try body(plan, [.starts, .mistakes, .reordered])
            }
        }
    }

    /// All owners of both roots and all patterns of links in the given states.
    func forEachSharing<E>(
        _ statuses: [ExternalConnection.Status], _ body: (Blueprint) throws(E) -> Void
    ) throws(E) {
        let links = Self.links(statuses)
        for owner in Blueprint.tenants {
            for otherOwner in Blueprint.tenants {
                var plan = Blueprint(owner: owner, otherOwner: otherOwner)
                for index in 0..<(links.count * links.count * links.count * links.count) {
                    let (high, low) = index.quotientAndRemainder(dividingBy: links.count * links.count)
                    plan[plan.borrowers[0]].mainLink = links[high / links.count]
                    plan[plan.borrowers[1]].mainLink = links[high % links.count]
                    plan[plan.otherBorrowers[0]].otherLink = links[low / links.count]
                    plan[plan.otherBorrowers[1]].otherLink = links[low % links.count]
                    try body(plan)
                }
            }
        }
    }
}
