import Proxy
import SignOn
import Storage
import Tenancy

/// Answers the data plane's questions about sessions from sign-on.
struct IdentitySource: SessionSource {
    let signOn: SignOnService

    func session(_ lookup: SessionLookup) async -> SessionAnswer {
        guard let hash = TokenHash(bytes: lookup.tokenHash.bytes) else { return .absent }
        let request = IdentityRequest(
            tokenHash: hash, host: Self.host(of: lookup.origin), organizationSlug: lookup.organizationSlug,
            audience: lookup.origin, requiredRoles: lookup.route.requireRoles.map { RoleID($0) },
            demand: lookup.route.signInDemand.map { SignInDemand(maximumAge: $0.maximumAge, contexts: $0.contexts) },
            templates: lookup.route.headers.filter { !$0.isOfConnection }.map(Self.template), countsAsUse: lookup.purpose == .request,
            requestID: lookup.requestID)
        switch await signOn.identity(request) {
        case .absent: return .absent
        case .forbidden: return .forbidden
        case .stepUpNeeded: return .stepUpNeeded
        case .unknown: return .unknown
        case .identity(let answer):
            return .session(
                IdentityHeaders(
                    block: answer.headers, refreshAt: answer.refreshAt.milliseconds, expiresAt: answer.expiresAt.milliseconds,
                    graceUntil: answer.graceUntil.milliseconds, tags: Array(answer.tags),
                    member: answer.memberID.map { Array($0.rawValue.utf8) } ?? []))
        }
    }

    func anonymous(_ lookup: AnonymousLookup) async -> AnonymousAnswer {
        switch await signOn.anonymous(organizationSlug: lookup.organizationSlug, audience: lookup.origin) {
        case .absent: return .noSuchOrganization
        case .unknown: return .unknown
        case .found(let answer):
            return .headers(
                IdentityHeaders(
                    block: answer.headers, refreshAt: answer.refreshAt.milliseconds, expiresAt: answer.expiresAt.milliseconds,
                    graceUntil: answer.expiresAt.milliseconds, tags: Array(answer.tags)))
        }
    }

    /// `scheme://host[:port]`, as the data plane writes it.
    private static func host(of origin: String) -> String {
        String(origin.drop { $0 != "/" }.dropFirst(2).prefix { $0 != ":" })
    }

    private static func template(_ header: Route.ExtraHeader) -> IdentityHeaderTemplate {
        IdentityHeaderTemplate(
            name: header.name,
            parts: header.template.map { part in
                switch part {
                case .text(let text): .text(text)
                // The configuration has a closed list; a name outside it sends nothing.
                case .placeholder(let name): IdentityPlaceholder(rawValue: name).map { .placeholder($0) } ?? .text("")
                }
            })
    }
}
