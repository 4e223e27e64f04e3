import Tenancy

/// Reads the tables of one file into drafts. Every rule that one table can break alone is checked here;
/// what needs a look at another table is checked by `Resolver`.
struct Reader {
    let problems: ProblemList
    let files: any FileReader
    /// Everybody on the machine can read the file itself, and so what is written in it.
    let isReadableByAll: Bool

    static func read(_ text: String, files: any FileReader, isReadableByAll: Bool) -> ConfigurationResult {
        let root: TOMLNode
        switch TOMLDocument.parse(text) {
        case .success(let node): root = node
        case .failure(let problem): return .invalid([problem])
        }
        let problems = ProblemList()
        guard case .table(let entries) = root.value else {
            return .invalid([Problem(line: 1, "the file is not a TOML document")])
        }
        let reader = Reader(problems: problems, files: files, isReadableByAll: isReadableByAll)
        let drafts = reader.drafts(Section<RootKey>(entries, line: 1, problems: problems))
        let configuration = Resolver(drafts: drafts, problems: problems).configuration()
        guard let configuration, !problems.hasErrors else { return .invalid(problems.sorted) }
        return .valid(configuration, warnings: problems.sorted)
    }

    private func drafts(_ root: Section<RootKey>) -> Drafts {
        let server = self.server(root)
        let ids = IdentifierDerivation(projectID: server.projectID)
        return Drafts(
            server: server,
            organizations: root.sections(.organization, OrganizationKey.self).map { organization($0, ids) },
            connections: root.sections(.connection, ConnectionKey.self).map { connection($0, ids) },
            externalConnections: root.sections(.externalConnection, ExternalConnectionKey.self).map { externalConnection($0, ids) },
            roles: root.sections(.role, RoleKey.self).compactMap { role($0) },
            routes: root.sections(.route, RouteKey.self).map { route($0) })
    }
}

/// Everything of the file, understood table by table. A part that could not be understood is `nil` or
/// absent, and has been reported.
struct Drafts {
    var server: ServerDraft
    var organizations: [OrganizationDraft]
    var connections: [ConnectionDraft]
    var externalConnections: [ExternalConnectionDraft]
    var roles: [RoleDraft]
    var routes: [RouteDraft]
}
