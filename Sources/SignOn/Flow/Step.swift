import Storage
import Tenancy

/// Who asks, for limits, logs and the audit trail.
public struct RequestContext: Sendable {
    public var requestID: String
    /// Client address after trusted proxies.
    public var clientAddress: String

    public init(requestID: String, clientAddress: String) {
        self.requestID = requestID
        self.clientAddress = clientAddress
    }
}

/// The gateway's cookies as the browser sent them: each exactly once, or `nil`.
public struct BrowserCookies: Sendable {
    public var flow: String?
    public var signIn: String?
    public var session: String?

    public init(flow: String? = nil, signIn: String? = nil, session: String? = nil) {
        self.flow = flow
        self.signIn = signIn
        self.session = session
    }
}

/// One change to the browser's cookies. Names and attributes are `Web`'s.
public enum CookieChange: Sendable {
    public enum Kind: String, Sendable, CaseIterable { case flow, signIn, session }

    /// A session cookie (no Max-Age): the browser may forget it, the store decides when it ends.
    case set(Kind, String)
    case clear(Kind)
}

/// The answer to one step of a sign-in.
public enum Step: Sendable {
    case redirect(to: String, cookies: [CookieChange])
    /// The person chooses among several ways in.
    case choose(SignInChoice)
    case askForEmail(SignInVisit)
    /// Signed in, but this sign-in does not lead to the page that was asked for.
    case blocked(SignInObstacle)
    case refused(SignOnRefusal)
}

/// A page of ways in; `visit` goes back with the choice.
public struct SignInChoice: Sendable {
    public var offers: [Offer]
    public var visit: SignInVisit

    public init(offers: [Offer], visit: SignInVisit) {
        self.offers = offers
        self.visit = visit
    }
}

/// Query of `/.gateway/sign-in` on the host of `external_url`.
public struct SignInVisit: Sendable, Equatable {
    /// Absolute address of the page that was asked for.
    public var returnTo: String?
    /// SHA-256 of the flow cookie on the tenant's host, base64url: what the hand-off is bound to.
    public var browser: String?
    /// The person has signed out before: show a step instead of signing in silently.
    public var asksFirst: Bool
    /// This is the second try of a hand-off, after `finish` has set its cookie.
    public var isSecondTry: Bool
    /// What the page demands of the sign-in itself.
    public var demand: SignInDemand?

    public init(
        returnTo: String? = nil, browser: String? = nil, asksFirst: Bool = false, isSecondTry: Bool = false,
        demand: SignInDemand? = nil
    ) {
        self.returnTo = returnTo
        self.browser = browser
        self.asksFirst = asksFirst
        self.isSecondTry = isSecondTry
        self.demand = demand
    }
}

extension SignInVisit {
    /// Address of this visit, on the host of `external_url`.
    public var address: String { Self.address(query) }

    /// Address, on the host of `external_url`, of the start with one of the offers. Whoever chose has been asked.
    public func address(choosing connection: String) -> String {
        Self.address([("connection", connection)] + query.filter { $0.0 != "ask" })
    }

    private var query: [(String, String)] {
        var query: [(String, String)] = []
        if let returnTo { query.append(("return_to", returnTo)) }
        if let browser { query.append(("browser", browser)) }
        if asksFirst { query.append(("ask", "1")) }
        if isSecondTry { query.append(("again", "1")) }
        query += (demand?.query ?? []).map { ($0.name, $0.value) }
        return query
    }

    private static func address(_ query: [(String, String)]) -> String {
        query.isEmpty ? "/.gateway/sign-in" : "/.gateway/sign-in?" + FormEncoding.encode(query)
    }
}
