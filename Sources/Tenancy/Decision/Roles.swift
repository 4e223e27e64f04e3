/// The roles that somebody has in one organization while they hold a sign-in through one connection (R7).
struct RoleGrants {
    /// Sorted by role id, each with all its sources.
    var granted: [GrantedRole]
    /// Roles that a rule of the link gave and its ceiling took, sorted by id.
    var capped: [RoleID]
}

extension Acceptance {
    /// Direct roles and those of the address's domain as they are; the connection's and its groups' up to the
    /// link's ceiling. A borrower uses its own link's rules, never those of the owner's connection.
    func roles(direct: Set<RoleID>, address: EmailAddress, groups: [String]) -> RoleGrants {
        var sources: [RoleID: Set<GrantedRole.Source>] = [:]
        var capped: Set<RoleID> = []
        for role in direct { sources[role, default: []].insert(.direct) }
        for role in organization.domainRoles[address.domain] ?? [] {
            sources[role, default: []].insert(.emailDomain(address.domain))
        }
        func grant(_ roles: Set<RoleID>, from source: GrantedRole.Source) {
            for role in roles {
                if let ceiling = link?.roleCeiling, !ceiling.contains(role) {
                    capped.insert(role)
                } else {
                    sources[role, default: []].insert(source)
                }
            }
        }
        grant(link?.roles ?? connection.roles, from: .connection(via))
        let rules = link?.groupRoles ?? connection.groupRoles
        for group in groups {
            guard let rule = rules.index(forKey: group), rules[rule].key.hasSameBytes(as: group) else { continue }
            grant(rules[rule].value, from: .group(group, through: via))
        }
        return RoleGrants(
            granted: sources.map { GrantedRole(role: $0.key, sources: $0.value) }.sorted { $0.role < $1.role },
            capped: capped.sorted())
    }
}
