import Tenancy

/// Puts the drafts of one file together: resolves references and checks every rule that needs a look at
/// two tables.
struct Resolver {
    let drafts: Drafts
    let problems: ProblemList
    let index: NameIndex
    let roles: DeclaredRoles

    init(drafts: Drafts, problems: ProblemList) {
        self.drafts = drafts
        self.problems = problems
        index = NameIndex(drafts, problems: problems)
        roles = DeclaredRoles(drafts.roles, problems: problems)
    }

    /// `nil` where an error has been reported.
    func configuration() -> Configuration? {
        let connections = drafts.connections.map { connection($0) }
        let links = externalConnections()
        let organizations = drafts.organizations.map { organization($0) }
        let routes = self.routes()
        let server = drafts.server
        guard !problems.hasErrors, let externalURL = server.externalURL else { return nil }
        let declaration = Declaration(
            organizations: organizations.compactMap(\.self), connections: connections.compactMap(\.self),
            externalConnections: links.compactMap(\.self),
            roles: drafts.roles.map { Role(id: RoleID($0.name.value), permissions: $0.permissions) })
        // Nothing may be dropped without a word.
        guard declaration.organizations.count == organizations.count, declaration.connections.count == connections.count,
            declaration.externalConnections.count == links.count, routes.allSatisfy({ $0 != nil })
        else {
            problems.error(1, "a declaration could not be understood, for a reason that was not reported")
            return nil
        }
        return Configuration(
            externalURL: externalURL.value, listen: server.listen.map(\.value), store: server.store,
            unixSocketMode: server.unixSocketMode, trustedProxies: server.trustedProxies,
            trustsUnixSockets: server.trustsUnixSockets, proxyProtocolFrom: server.proxyProtocolFrom, tls: server.tls, admin: server.admin,
            projectID: server.projectID,
            session: server.session, limits: server.limits, audit: server.audit, fetch: server.fetch, log: server.log,
            declaration: declaration,
            routes: routes.compactMap(\.self))
    }
}
