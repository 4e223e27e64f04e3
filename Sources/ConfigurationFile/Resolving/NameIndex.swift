/// What the names and ids of the file stand for. The values are positions in `Drafts`.
struct NameIndex {
    enum Target: Equatable {
        case owned(Int)
        case external(Int)
    }

    private(set) var organizations: [String: Int] = [:]
    /// Names of connections and external connections, which share one namespace; and their ids.
    private(set) var connections: [String: Target] = [:]
    private let drafts: Drafts
    private let problems: ProblemList

    init(_ drafts: Drafts, problems: ProblemList) {
        self.drafts = drafts
        self.problems = problems
        indexOrganizations()
        indexConnections()
        checkIDs()
    }

    private mutating func indexOrganizations() {
        organizations.reserveCapacity(drafts.organizations.count)
        for (position, draft) in drafts.organizations.enumerated() {
            guard let slug = draft.slug else { continue }
            if let first = organizations[slug.value] {
                problems.error(
                    slug.line,
                    "the slug `\(Shown.text(slug.value))` is taken by the organization at line \(drafts.organizations[first].line): choose another"
                )
            } else {
                organizations[slug.value] = position
            }
        }
    }

    private mutating func indexConnections() {
        // Names and ids.
        connections.reserveCapacity(2 * (drafts.connections.count + drafts.externalConnections.count))
        var lines: [String: Int] = [:]
        lines.reserveCapacity(drafts.connections.count + drafts.externalConnections.count)
        func isNew(_ name: Located<String>) -> Bool {
            guard let line = lines[name.value] else { lines[name.value] = name.line; return true }
            problems.error(
                name.line,
                "the name `\(Shown.text(name.value))` is taken at line \(line): connections and external connections share one set of names; choose another"
            )
            return false
        }
        for (position, draft) in drafts.connections.enumerated() {
            if let name = draft.name, isNew(name) { connections[name.value] = .owned(position) }
        }
        for (position, draft) in drafts.externalConnections.enumerated() {
            if let name = draft.name, isNew(name) { connections[name.value] = .external(position) }
        }
        // Names win: an id is only looked at where no name is the same text.
        for (position, draft) in drafts.connections.enumerated() where connections[draft.id.value.rawValue] == nil {
            connections[draft.id.value.rawValue] = .owned(position)
        }
        for (position, draft) in drafts.externalConnections.enumerated() where connections[draft.id.value.rawValue] == nil {
            connections[draft.id.value.rawValue] = .external(position)
        }
    }

    /// Derived ids differ where names do; so this finds explicit ones that are used twice, and one that
    /// is another thing's derived id.
    private func checkIDs() {
        var lines: [String: Int] = [:]
        func check(_ id: String, _ line: Int) {
            if let first = lines[id] {
                problems.error(line, "the id `\(id)` is that of the declaration at line \(first): every id is used once")
            } else {
                lines[id] = line
            }
        }
        for (position, draft) in drafts.organizations.enumerated() {
            // A repeated slug has been reported; the same derived id would only say it again.
            if let slug = draft.slug, organizations[slug.value] == position { check(draft.id.value.rawValue, draft.id.line) }
            var addresses: Set<String> = []
            for member in draft.members where addresses.insert(member.email.value.rawValue).inserted {
                check(member.id.value.rawValue, member.id.line)
            }
        }
        for (position, draft) in drafts.connections.enumerated() {
            if let name = draft.name, connections[name.value] == .owned(position) { check(draft.id.value.rawValue, draft.id.line) }
        }
        for (position, draft) in drafts.externalConnections.enumerated() {
            if let name = draft.name, connections[name.value] == .external(position) { check(draft.id.value.rawValue, draft.id.line) }
        }
    }

    // MARK: References

    /// Reports a slug that no organization has.
    func organization(_ slug: Located<String>?) -> OrganizationDraft? {
        guard let slug else { return nil }
        if let position = organizations[slug.value] { return drafts.organizations[position] }
        let hint = problems.suggestion(for: slug.value, among: organizations.keys)
        problems.error(
            slug.line, "there is no organization `\(Shown.text(slug.value))`\(hint.isEmpty ? ": declare it with [[organization]]" : hint)")
        return nil
    }

    /// Reports a name or id that no connection has.
    func connection(_ name: Located<String>, key: String) -> Target? {
        if let target = connections[name.value] { return target }
        let names = drafts.connections.compactMap(\.name?.value) + drafts.externalConnections.compactMap(\.name?.value)
        let hint = problems.suggestion(for: name.value, among: names)
        problems.error(
            name.line,
            "`\(key)`: there is no connection `\(Shown.text(name.value))`\(hint.isEmpty ? ": declare it with [[connection]]" : hint)")
        return nil
    }
}
