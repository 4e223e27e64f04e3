import Tenancy

/// The roles that the file may name.
struct DeclaredRoles {
    /// Every organization has them without a declaration.
    static let reserved: Set<String> = ["stytch_member", RoleID.administrator.rawValue]

    private let names: Set<String>
    private let problems: ProblemList

    init(_ drafts: [RoleDraft], problems: ProblemList) {
        var lines: [String: Int] = [:]
        for draft in drafts {
            if let line = lines[draft.name.value] {
                problems.error(draft.name.line, "the role `\(draft.name.value)` is declared twice, first at line \(line): join the two")
            } else {
                lines[draft.name.value] = draft.name.line
            }
        }
        names = Self.reserved.union(lines.keys)
        self.problems = problems
    }

    /// The roles, all of them declared; those that are not are reported.
    func resolve(_ references: [Located<String>]) -> Set<RoleID> {
        for reference in references where !names.contains(reference.value) {
            let hint = problems.suggestion(for: reference.value, among: names)
            let remedy = hint.isEmpty ? ": add a [[role]] with that name" : "\(hint) (roles are declared with [[role]])"
            problems.error(reference.line, "no role `\(Shown.text(reference.value))` is declared\(remedy)")
        }
        return Set(references.map { RoleID($0.value) })
    }

    func resolve(_ rules: [(group: String, roles: [Located<String>])]) -> [String: Set<RoleID>] {
        Dictionary(rules.map { ($0.group, resolve($0.roles)) }) { $0.union($1) }
    }
}
