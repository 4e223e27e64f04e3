/// What the configuration can say and this version does not do. Such a key is refused, not ignored: a
/// file that asks for TLS must not be served without it. A version that serves one of these removes it
/// from `features`; nothing else here changes.
enum NotServedYet: String, CaseIterable {
    case postgresqlStore

    static let features: Set<NotServedYet> = [.postgresqlStore]

    /// What to write instead, after "is not served by this version: remove it".
    private var sentence: String {
        switch self {
        case .postgresqlStore: "a PostgreSQL store is not served by this version: remove it and use sqlite:/path"
        }
    }

    /// Whether it is served; if not, a problem at `line` says so.
    @discardableResult
    static func check(_ feature: NotServedYet, at line: Int, _ problems: ProblemList) -> Bool {
        guard features.contains(feature) else { return true }
        problems.error(line, feature.sentence)
        return false
    }
}
