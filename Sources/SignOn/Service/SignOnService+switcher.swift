import Crypto
import Storage
import Tenancy

/// What the form of an exchange says.
public struct ExchangeForm: Sendable {
    /// Id or slug.
    public var organization: String
    public var csrfToken: String?
    /// Absolute address of the page that was asked for, if there was one.
    public var returnTo: String?
    /// SHA-256 of the flow cookie on that page's host, base64url.
    public var browser: String?

    public init(organization: String, csrfToken: String?, returnTo: String? = nil, browser: String? = nil) {
        self.organization = organization
        self.csrfToken = csrfToken
        self.returnTo = returnTo
        self.browser = browser
    }
}

extension SignOnService {
    /// Bytes of an organization's id or slug in a form; longer ones name nothing.
    private static let maximumNameBytes = 128

    /// `/.gateway/organizations`: what the sign-in of this browser reaches. Organizations without a page are left out.
    public func switcher(cookies: BrowserCookies) async -> Lookup<Switcher> {
        guard let token = cookies.signIn.flatMap({ SecretToken($0) }) else { return .absent }
        let now = clock()
        do {
            let found = try await store.read { transaction -> (SignInRecord, [Reach], World)? in
                guard let record = try self.liveSignIn(token, at: now, in: transaction) else { return nil }
                let question = Question.reach(
                    Session(
                        memberID: record.memberID, organizationID: record.organizationID, evidence: record.evidence,
                        expiresAt: record.expiresAt))
                let world = try transaction.world(for: question)
                guard case .reach(let reached) = decide(question, in: world).outcome else { return (record, [], world) }
                return (record, reached, world)
            }
            guard let (record, reached, world) = found else { return .absent }
            await noteUse(session: nil, signIn: token.hash, at: now)
            let places = reached.compactMap { reach in
                world.organizations[reach.organizationID].flatMap { place(reach, $0, in: record.organizationID) }
            }
            return .found(
                Switcher(
                    email: record.evidence.email?.rawValue ?? "", places: places.sorted(by: Self.comesBefore),
                    csrfToken: Self.signInFormToken(for: token)))
        } catch {
            return .unknown(unavailable(error))
        }
    }

    private func place(_ reach: Reach, _ organization: Organization, in current: OrganizationID) -> Switcher.Place? {
        let routes = settings.routes
        guard let host = routes.firstHost(ofSlug: organization.slug) else { return nil }
        let way: Switcher.Place.Way =
            switch reach.way {
            case .enter: organization.id == current ? .current : .enter
            case .join: .join
            case .signInAnew: .signInAnew
            }
        let visit = SignInVisit(returnTo: routes.origin(ofHost: host) + "/", asksFirst: true)
        return Switcher.Place(
            organizationID: organization.id, slug: organization.slug, name: organization.name, host: host, way: way,
            address: routes.origin(ofHost: host) + "/", signInAddress: visit.address)
    }

    private static func comesBefore(_ left: Switcher.Place, _ right: Switcher.Place) -> Bool {
        let order = Switcher.Place.Way.allCases
        let (leftRank, rightRank) = (order.firstIndex(of: left.way) ?? 0, order.firstIndex(of: right.way) ?? 0)
        return (leftRank, left.name, left.slug) < (rightRank, right.name, right.slug)
    }

    /// `POST /.gateway/exchange`: into another organization, by a click.
    public func exchange(_ form: ExchangeForm, cookies: BrowserCookies, context: RequestContext) async -> Step {
        await answering(context, .exchange) {
            guard let token = cookies.signIn.flatMap({ SecretToken($0) }) else { return .failure(.tenancy(.sessionExpired)) }
            // Before anything is looked at: a form of another site learns and changes nothing.
            guard let csrfToken = form.csrfToken, ConstantTime.areEqual(csrfToken, Self.signInFormToken(for: token)) else {
                return .failure(.forgedForm)
            }
            guard form.organization.utf8.count <= Self.maximumNameBytes, form.organization.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
            else { return .failure(.exchange(.unknownOrganization)) }
            guard starts.admits(context.clientAddress, perMinute: settings.signInsPerMinutePerAddress, now: clock()) else {
                return .failure(.rateLimited)
            }
            let crossing = Crossing(
                destination: .named(form.organization), byClick: true,
                address: form.returnTo.flatMap { ReturnAddress(absolute: $0, routes: settings.routes) },
                browser: form.browser.flatMap(TokenHash.init(text:)))
            switch try await cross(crossing, signIn: token, context: context) {
            case .crossed(let address): return .success(.redirect(to: address, cookies: []))
            // Recorded in the transaction.
            case .refused(let refusal, _, _): return .success(.refused(.exchange(refusal)))
            case .notSignedIn, .tooWeak: return .failure(.tenancy(.sessionExpired))
            }
        }
    }

    /// Of forms on the host of `external_url`: bound to the sign-in cookie, and no form token of any session.
    static func signInFormToken(for token: SecretToken) -> String {
        Base64URL.encode(Array(SHA256.hash(data: Array("gateway sign-in form 1 ".utf8) + Array(token.revealed.utf8))))
    }

    /// Notes a use in the next batch.
    func noteUse(session: TokenHash?, signIn: TokenHash?, at now: Instant) async {
        if lastSeen.note(session: session, signIn: signIn, at: now) { await writeLastSeen() }
    }
}
