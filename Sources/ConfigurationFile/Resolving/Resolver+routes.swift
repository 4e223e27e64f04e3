import Tenancy

extension Resolver {
    func routes() -> [RouteDeclaration?] {
        checkHosts()
        return drafts.routes.map(route)
    }

    private func route(_ draft: RouteDraft) -> RouteDeclaration? {
        let organization = index.organization(draft.organization)
        let required = draft.requireRoles
        _ = roles.resolve(required)
        guard let host = draft.host, let path = draft.path else { return nil }
        switch host.value {
        case .exact: guard organization != nil else { return nil }
        case .organizationLabel: guard draft.organization == nil else { return nil }
        }
        return RouteDeclaration(
            line: host.line, host: host.value, path: path.value, organization: organization?.id.value,
            organizationSlug: organization?.slug?.value, upstreams: draft.upstreams,
            requireRoles: required.map { RoleID($0.value) }, publicPaths: draft.publicPaths, headers: draft.headers,
            keepsRepeatedSlashes: draft.keepsRepeatedSlashes, keepsEncodedSlashes: draft.keepsEncodedSlashes,
            maximumSignInAge: draft.maximumSignInAge, authenticationContexts: draft.authenticationContexts,
            upstreamSettings: draft.upstreamSettings, keepsTrailers: draft.keepsTrailers, responseHeaders: draft.responseHeaders)
    }

    /// A host belongs to one organization, and host and path to one route.
    private func checkHosts() {
        var owners: [String: (slug: String, line: Int)] = [:]
        var paths: [HostAndPath: Int] = [:]
        for draft in drafts.routes {
            guard let host = draft.host else { continue }
            if case .exact(let name) = host.value, let slug = draft.organization?.value {
                if let owner = owners[name], owner.slug != slug {
                    problems.error(
                        host.line,
                        "the host \(name) belongs to `\(Shown.text(owner.slug))` (line \(owner.line)): a host belongs to one organization; give this route another host"
                    )
                } else if owners[name] == nil {
                    owners[name] = (slug, host.line)
                }
            }
            guard let path = draft.path else { continue }
            if let line = paths[HostAndPath(host: host.value, path: path.value)] {
                problems.error(
                    host.line, "the route at line \(line) has the same host and path: give one of them another path, or remove it")
            } else {
                paths[HostAndPath(host: host.value, path: path.value)] = host.line
            }
        }
        checkExternalURLHost()
        checkLabels(owners)
    }

    private struct HostAndPath: Hashable {
        var host: RouteDeclaration.Host
        var path: String
    }

    private func checkExternalURLHost() {
        guard let externalURL = drafts.server.externalURL?.value else { return }
        for draft in drafts.routes where draft.host?.value == .exact(externalURL.host) {
            problems.warning(
                draft.host?.line ?? draft.line,
                "the host \(externalURL.host) is that of `external_url`: the application's scripts share the origin with the switcher; give one of them another name"
            )
        }
    }

    /// Names that `{organization}.` hosts take: those of declared organizations, and any that an
    /// organization made later could take.
    private func checkLabels(_ owners: [String: (slug: String, line: Int)]) {
        let suffixes = Set(
            drafts.routes.compactMap { draft -> String? in
                if case .organizationLabel(let suffix) = draft.host?.value { suffix } else { nil }
            })
        guard !suffixes.isEmpty else { return }
        func label(of host: String) -> String? {
            guard let dot = host.firstIndex(of: "."), suffixes.contains(String(host[host.index(after: dot)...])) else { return nil }
            return String(host[..<dot])
        }
        for (host, owner) in owners {
            guard let label = label(of: host), label != owner.slug else { continue }
            if index.organizations[label] != nil {
                problems.error(
                    owner.line,
                    "the host \(host) is that of the organization `\(label)` by the route with {organization}: a host belongs to one organization; give this route another host"
                )
            } else {
                problems.warning(
                    owner.line,
                    "the host \(host) would also be that of an organization with the slug `\(label)`: never make one, or give this route another host"
                )
            }
        }
        guard let externalURL = drafts.server.externalURL, let label = label(of: externalURL.value.host) else { return }
        if index.organizations[label] != nil {
            problems.error(
                externalURL.line,
                "`external_url`: \(externalURL.value.host) is also the host of the organization `\(label)`, by the route with {organization}: choose another name"
            )
        } else {
            problems.warning(
                externalURL.line,
                "`external_url`: \(externalURL.value.host) would also be the host of an organization with the slug `\(label)`: never make one, or choose another name"
            )
        }
    }
}
