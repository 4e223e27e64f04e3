import Tenancy

struct RouteDraft {
    var line: Int
    var host: Located<RouteDeclaration.Host>?
    var path: Located<String>?
    var organization: Located<String>?
    var upstreams: [UpstreamAddress]
    var requireRoles: [Located<String>]
    var publicPaths: [String]
    var headers: [RouteHeader]
    var keepsRepeatedSlashes: Bool
    var keepsEncodedSlashes: Bool
    var maximumSignInAge: Duration?
    var authenticationContexts: [String]
    var upstreamSettings: UpstreamSettings
    var keepsTrailers: Bool
    var responseHeaders: [ResponseHeader]
}

extension Reader {
    static let organizationLabel = "{organization}."

    func route(_ section: Section<RouteKey>) -> RouteDraft {
        section.require(.host)
        section.require(.upstream)
        let host = section.parsed(.host, Self.routeHost)
        switch host?.value {
        case .exact: section.require(.organization)
        case .organizationLabel:
            if section.has(.organization) { section.error(.organization, "the host says which organization it is: remove it") }
        case nil: break
        }
        let keepsRepeated = section.boolean(.keepRepeatedSlashes) ?? false
        let keepsEncoded = section.boolean(.keepEncodedSlashes) ?? false
        let path =
            section.has(.path)
            ? section.parsed(.path) { Self.routePath($0, keepsRepeated, keepsEncoded) } : Located(value: "/", line: section.line)
        let publicPaths = section.parsedList(.publicPaths) { text -> Result<String, Advice> in
            if let advice = CanonicalPath.advice(for: text, keepsRepeatedSlashes: keepsRepeated, keepsEncodedSlashes: keepsEncoded) {
                return .failure(Advice(advice))
            }
            if let path, !CanonicalPath.contains(path.value, text) {
                return .failure(
                    Advice("it is outside of the route's path \(path.value): public paths are written from the root of the host"))
            }
            return .success(text)
        }
        let upstreams = section.parsedList(.upstream, UpstreamAddress.parse)
        if section.strings(.upstream)?.isEmpty == true { section.error(.upstream, "the list is empty: name at least one address") }
        return RouteDraft(
            line: section.line, host: host, path: path, organization: section.string(.organization),
            upstreams: (upstreams ?? []).map(\.value), requireRoles: section.strings(.requireRoles) ?? [],
            publicPaths: (publicPaths ?? []).map(\.value), headers: headers(section), keepsRepeatedSlashes: keepsRepeated,
            keepsEncodedSlashes: keepsEncoded, maximumSignInAge: section.duration(.maxAge, in: Self.signInAges)?.value,
            authenticationContexts: authenticationContexts(section),
            upstreamSettings: upstreamSettings(section, upstreams ?? []), keepsTrailers: section.boolean(.keepTrailers) ?? false,
            responseHeaders: responseHeaders(section))
    }

    /// Less would be over before the page is there.
    private static let signInAges: ClosedRange<Duration> = .seconds(60) ... .seconds(366 * 86_400)
    private static let maximumContexts = 10
    private static let maximumContextBytes = 255

    private func authenticationContexts(_ section: Section<RouteKey>) -> [String] {
        let contexts = section.parsedList(.acr) { text -> Result<String, Advice> in
            // `acr_values` is a list with spaces between (OpenID Connect Core §3.1.2.1).
            guard !text.isEmpty, text.utf8.count <= Self.maximumContextBytes, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
            else { return .failure(Advice("write the value as the identity provider states it: printable ASCII without spaces")) }
            return .success(text)
        }
        guard let contexts else { return [] }
        if section.strings(.acr)?.isEmpty == true {
            section.error(.acr, "the list is empty: name at least one value, or leave the key out")
        }
        if contexts.count > Self.maximumContexts { section.error(.acr, "at most \(Self.maximumContexts) values") }
        return contexts.map(\.value)
    }

    private static func routeHost(_ text: String) -> Result<RouteDeclaration.Host, Advice> {
        guard text.contains("{") || text.contains("}") else {
            return HostName.advice(for: text).map { .failure(Advice($0)) } ?? .success(.exact(text))
        }
        let suffix = String(text.dropFirst(organizationLabel.count))
        guard text.hasPrefix(organizationLabel), !suffix.contains("{"), !suffix.contains("}") else {
            return .failure(Advice("`{organization}` can only be the whole first label: {organization}.apps.example.com"))
        }
        if let advice = HostName.advice(for: suffix) { return .failure(Advice(advice)) }
        guard IPAddress(suffix) == nil else { return .failure(Advice("there are no names under an IP address")) }
        return .success(.organizationLabel(suffix: suffix))
    }

    private static func routePath(_ text: String, _ keepsRepeated: Bool, _ keepsEncoded: Bool) -> Result<String, Advice> {
        if let advice = CanonicalPath.advice(for: text, keepsRepeatedSlashes: keepsRepeated, keepsEncodedSlashes: keepsEncoded) {
            return .failure(Advice(advice))
        }
        guard text == "/" || !text.hasSuffix("/") else {
            return .failure(Advice("a route's path matches itself and everything below it: write it without the / at the end"))
        }
        return .success(text)
    }

    private func headers(_ section: Section<RouteKey>) -> [RouteHeader] {
        var headers: [RouteHeader] = [], seen: [String: String] = [:]
        for (name, text) in section.stringTable(.headers, allowsEmptyText: true) ?? [] {
            if let advice = HeaderName.advice(for: name) {
                problems.error(text.line, "`headers`: `\(Shown.text(name))`: \(advice)")
            } else if let other = seen.updateValue(name, forKey: HeaderName.folded(name)) {
                problems.error(text.line, "`headers`: `\(name)` and `\(other)` are one name to many servers: keep one")
            } else {
                switch RouteHeader.parse(template: text.value) {
                case .success(let template): headers.append(RouteHeader(name: name, template: template))
                case .failure(let advice): problems.error(text.line, "`headers`: `\(name)`: \(advice.text)")
                }
            }
        }
        return headers.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
}
