import Synchronization

/// An OpenID provider (OpenID Connect Core 1.0, authorization code flow with PKCE) without passwords.
///
/// It is strict where a real one is: exact redirect URIs, S256 demanded, codes used once and
/// short-lived, client authentication by `client_secret_basic` or `client_secret_post`, `iss` in the
/// authorization response (RFC 9207).
///
/// To sign in from a script, POST the authorization URL with the form field `user`; the answer is
/// the redirect back. A GET never signs anybody in.
public final class DemoIdentityProvider: DemoSite {
    public let settings: Settings
    /// Without a trailing slash.
    public let issuer: String
    let environment: DemoEnvironment
    let state: Mutex<State>
    let gates: [Endpoint: Gate]

    struct State {
        /// The first one signs; all are published.
        var keys: [SigningKey]
        var keysMade = 1
        var clients: [Client]
        var faults: Set<Fault> = []
        var sessions = BoundedTable<Session>(capacity: maximumSessions)
        var grants = BoundedTable<Grant>(capacity: maximumGrants)
        var accessTokens = BoundedTable<AccessToken>(capacity: maximumGrants)
        var requestCounts: [Endpoint: Int] = [:]
    }

    /// A browser that has signed in here.
    struct Session {
        var id: String
        var login: String
        /// Seconds since 1970.
        var authenticatedAt: Int64
    }

    static let maximumSessions = 10_000
    static let maximumGrants = 10_000
    static let sessionCookie = "demo-oidc-session"

    /// - Parameter issuer: the origin that it is reached at, such as `http://127.0.0.1:9400`.
    public init(issuer: String, settings: Settings, environment: DemoEnvironment = .system) throws {
        self.issuer = issuer
        self.settings = settings
        self.environment = environment
        gates = Dictionary(uniqueKeysWithValues: Endpoint.allCases.map { ($0, Gate()) })
        state = Mutex(State(keys: [try Self.makeKey(number: 1, settings: settings)], clients: settings.clients))
    }

    /// Registers a client, or changes one with the same id.
    public func register(_ client: Client) {
        state.withLock { state in
            state.clients.removeAll { $0.id == client.id }
            state.clients.append(client)
        }
    }

    /// A new key signs from now on.
    public func rotateKeys(_ rotation: KeyRotation) throws {
        let number = state.withLock { state in
            state.keysMade += 1
            return state.keysMade
        }
        let key = try Self.makeKey(number: number, settings: settings)
        state.withLock { state in
            switch rotation {
            case .soft: state.keys.insert(key, at: 0)
            case .hard: state.keys = [key]
            }
        }
    }

    /// How many requests an endpoint has had, those that hang or fail included.
    public func requestCount(of endpoint: Endpoint) -> Int { state.withLock { $0.requestCounts[endpoint] ?? 0 } }

    public func respond(to request: DemoRequest) async -> DemoReply {
        switch request.path {
        case "/.well-known/openid-configuration": await answer(.discovery, request, methods: ["GET"]) { _ in discovery() }
        case "/jwks": await answer(.keys, request, methods: ["GET"]) { _ in keySet() }
        case "/token": await answer(.token, request, methods: ["POST"]) { token($0) }
        case "/userinfo": await answer(.userinfo, request, methods: ["GET", "POST"]) { userinfo($0) }
        case "/authorize": authorize(request)
        case "/":
            Page.notice(
                title: "\(settings.name) sign-in", accent: settings.accent,
                text: "This is the demo's OpenID provider. Open one of the applications to be sent here.")
        default: Page.asset(at: request) ?? Page.notFound(accent: settings.accent)
        }
    }

    private func answer(
        _ endpoint: Endpoint, _ request: DemoRequest, methods: [String], with answer: (DemoRequest) -> DemoReply
    ) async -> DemoReply {
        guard methods.contains(request.method == "HEAD" ? "GET" : request.method) else {
            return .methodNotAllowed(methods.joined(separator: ", "))
        }
        state.withLock { $0.requestCounts[endpoint, default: 0] += 1 }
        await gates[endpoint]?.pass()
        if has(.fails(endpoint)) { return .json(.object(["error": "server_error"]), status: 500) }
        if has(.answersTooMuch(endpoint)) { return .json(.object(["filler": .string(String(repeating: "x", count: 4 << 20))])) }
        return answer(request)
    }

    private static func makeKey(number: Int, settings: Settings) throws -> SigningKey {
        let algorithm: SigningKey.Algorithm =
            switch settings.algorithm {
            case .rs256: .rs256
            case .es256: .es256
            }
        return try SigningKey(id: "key-\(number)", algorithm: algorithm)
    }
}
