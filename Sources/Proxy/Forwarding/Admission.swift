/// What is to be done with a request.
enum Admission {
    case forward(CompiledRoute, CachedIdentity)
    case local(LocalRequest.Purpose)
    case ask(LookupQuestion, previous: CachedIdentity?)
}

extension LoopState {
    /// Decides on a request, from its canonical form and what is cached. `outcomes`: answers that it has
    /// waited for already.
    func admit(_ request: ReceivedRequest, _ outcomes: LookupOutcomes) -> Admission {
        let isExternal = table.isExternalHost(request.host)
        guard request.hostMatch != nil || isExternal else { return .local(.unknownHost) }
        if request.path.hasPrefix("/.gateway/") { return .local(.own) }
        if isExternal, request.route == nil || Self.isExternalPath(request.path) { return .local(.own) }
        guard let route = request.route else { return .local(.unknownHost) }

        guard let tokenHash = request.session else { return admitWithoutSession(request, route, outcomes) }
        let key = IdentityKey(tokenHash: tokenHash, route: ObjectIdentifier(route.route), originHash: originHash(request))
        switch resolve(key, request, route, outcomes) {
        case .identity(let identity): return .forward(route, identity)
        case .ask(let question, let previous): return .ask(question, previous: previous)
        case .absent: return admitWithoutSession(request, route, outcomes)
        // On a public path nobody needs roles: whoever lacks them is treated as anybody else.
        case .forbidden:
            return route.isPublic(request.path) ? admitWithoutSession(request, route, outcomes) : .local(.forbidden)
        case .stepUpNeeded:
            guard !route.isPublic(request.path), let demand = route.route.signInDemand else {
                return admitWithoutSession(request, route, outcomes)
            }
            return .local(.stepUpNeeded(isPageLoad: isPageLoad(request), demand))
        case .unknown: return .local(.unavailable)
        }
    }

    private func admitWithoutSession(_ request: ReceivedRequest, _ route: CompiledRoute, _ outcomes: LookupOutcomes) -> Admission {
        guard route.isPublic(request.path) else { return .local(.signInNeeded(isPageLoad: isPageLoad(request))) }
        let key = IdentityKey(tokenHash: nil, route: ObjectIdentifier(route.route), originHash: originHash(request))
        switch resolve(key, request, route, outcomes) {
        case .identity(let identity): return .forward(route, identity)
        case .ask(let question, let previous): return .ask(question, previous: previous)
        case .absent, .forbidden, .stepUpNeeded: return .local(.noSuchOrganization)
        case .unknown: return .local(.unavailable)
        }
    }

    private enum Resolution {
        case identity(CachedIdentity)
        case ask(LookupQuestion, CachedIdentity?)
        case absent
        case forbidden
        case stepUpNeeded
        case unknown
    }

    @inline(__always)
    private func resolve(_ key: IdentityKey, _ request: ReceivedRequest, _ route: CompiledRoute, _ outcomes: LookupOutcomes) -> Resolution {
        if let outcome = outcomes.outcome(for: key) {
            switch outcome {
            case .identity(let identity):
                // A hash of the origin is no origin.
                if identity.scheme == request.scheme, request.authority.equals(identity.authority) { return .identity(identity) }
            case .absent: return .absent
            case .forbidden: return .forbidden
            case .stepUpNeeded: return .stepUpNeeded
            case .unknown: return .unknown
            }
        }
        let cached = desk.cached(key, authority: request.authority, scheme: request.scheme)
        if let cached, desk.freshness(cached) == .fresh { return .identity(cached) }
        let question = LookupQuestion(
            key: key, route: route.route, scheme: request.scheme, authority: request.authority.array,
            organizationSlug: request.organizationSlug ?? "")
        return .ask(question, cached)
    }

    @inline(__always)
    private func originHash(_ request: ReceivedRequest) -> UInt64 {
        var hash = ByteHash()
        hash.add(request.scheme.rawValue)
        for index in 0..<request.authority.count { hash.add(request.authority[index]) }
        return hash.value
    }

    /// Paths that the gateway answers itself on the host of `external_url`, also where that has a route.
    private static func isExternalPath(_ path: ByteView) -> Bool {
        path.hasPrefix("/v1/") || path.hasPrefix("/sdk/v1/") || path.equals("/.well-known/jwks.json")
    }

    /// A navigation: as Fetch metadata says, or, without any, by what is accepted.
    private func isPageLoad(_ request: ReceivedRequest) -> Bool {
        guard request.method.equals("GET") || request.method.equals("HEAD") else { return false }
        var hasFetchMetadata = false
        var mode: ByteView?
        var acceptsPage = false
        for index in 0..<reader.fields.count {
            let field = reader.fields[index]
            let name = field.name(in: request.bytes)
            if name.slice(0, 10).equalsIgnoringCase("sec-fetch-") {
                hasFetchMetadata = true
                if name.equalsIgnoringCase("sec-fetch-mode") { mode = field.value(in: request.bytes) }
            } else if name.equalsIgnoringCase("accept") {
                acceptsPage = acceptsPage || Self.containsPage(field.value(in: request.bytes))
            }
        }
        if hasFetchMetadata { return mode?.equals("navigate") ?? false }
        return acceptsPage
    }

    private static func containsPage(_ accept: ByteView) -> Bool {
        var list = TokenList(accept)
        while let element = list.next() {
            let end = element.firstIndex(of: 0x3B, from: 0) ?? element.count
            if element.slice(0, end).trimmed().equalsIgnoringCase("text/html") { return true }
        }
        return false
    }
}
