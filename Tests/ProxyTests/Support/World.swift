import Synchronization
import Testing

@testable import Proxy

/// A proxy with one loop, a recording upstream, and stubs for what it asks.
final class World: Sendable {
    /// 32 zero bytes, as a cookie value.
    static let token = String(repeating: "A", count: 43)
    static let otherToken = String(repeating: "B", count: 42) + "A"
    static let block = "X-Gateway-Organization: acme\r\nX-Gateway-Assertion: signed\r\n"
    static let anonymousBlock = "X-Gateway-Anonymous: proof\r\n"

    let server: ProxyServer
    let upstream: RecordingUpstream
    let sessions: StubSessions
    let local: StubLocal
    let clock: TestClock
    let refusals: RefusalLog
    let upstreamChanges: EventLog<UpstreamReport>
    let port: Int

    private init(
        server: ProxyServer, upstream: RecordingUpstream, sessions: StubSessions, local: StubLocal, clock: TestClock, refusals: RefusalLog,
        upstreamChanges: EventLog<UpstreamReport>, port: Int
    ) {
        self.server = server
        self.upstream = upstream
        self.sessions = sessions
        self.local = local
        self.clock = clock
        self.refusals = refusals
        self.upstreamChanges = upstreamChanges
        self.port = port
    }

    static func hash(_ token: String) -> SessionTokenHash {
        withView(token) { CookieFilter.hash($0) } ?? SessionTokenHash(Array(repeating: UInt8(0), count: 32)).unsafelyUnwrapped
    }

    /// The routes that most tests use.
    static func routes(upstreamPort: Int) -> [Route] {
        let upstream = [Upstream(host: "127.0.0.1", port: upstreamPort)]
        return [
            Route(
                id: "wiki", host: .exact("wiki.acme.example"), organizationSlug: "acme", upstreams: upstream,
                publicPaths: ["/static/", "/health"], headers: [.init(name: "Remote-User", template: [.placeholder("email")])]),
            Route(id: "apps", host: .organizationLabel(suffix: "apps.example"), organizationSlug: nil, upstreams: upstream),
            Route(
                id: "kept", host: .exact("kept.example"), organizationSlug: "acme", upstreams: upstream,
                publicPaths: ["/public/"], keepsRepeatedSlashes: true, keepsEncodedSlashes: true),
        ]
    }

    static func run(
        limits: ProxyLimits = World.quickLimits, trusted: TrustedProxies = TrustedProxies(), secure: Bool = false,
        proxies: [AddressRange] = [], tls: TLSContext? = nil, loops: Int = 1,
        upstream given: RecordingUpstream? = nil, accessLog: AccessLogSettings? = nil,
        routes: (@Sendable (Int) -> [Route])? = nil,
        reply: @escaping @Sendable (RecordingUpstream.Request) -> RecordingUpstream.Reply = { _ in .text(RecordingUpstream.ok) },
        _ body: (World) async throws -> Void
    ) async throws {
        let upstream: RecordingUpstream
        if let given { upstream = given } else { upstream = try await RecordingUpstream.start(reply) }
        let sessions = StubSessions()
        let local = StubLocal()
        let clock = TestClock()
        let refusals = RefusalLog()
        let settings = ProxySettings(
            listen: [.tcp(host: "127.0.0.1", port: 0)], loops: loops, secureCookies: secure, trustedProxies: trusted,
            proxyProtocolPeers: proxies, tls: tls, limits: limits, accessLog: accessLog)
        let upstreamChanges = EventLog<UpstreamReport>()
        let table = try RouteTable(routes: (routes ?? World.routes)(upstream.port), externalHost: "auth.example")
        let server = ProxyServer(
            settings: settings, routes: table, sessions: sessions, local: local, clock: { clock.now }, seed: { 7 },
            onRefusal: { _, label in refusals.add(label) }, onUpstreamChange: { upstreamChanges.add($0) })
        let bound = try await server.start()
        guard case .tcp(_, let port)? = bound.first else { throw RawClient.Closed() }
        let world = World(
            server: server, upstream: upstream, sessions: sessions, local: local, clock: clock, refusals: refusals,
            upstreamChanges: upstreamChanges, port: port)
        do {
            try await body(world)
        } catch {
            await server.shutDown(deadline: .zero)
            await upstream.stop()
            throw error
        }
        await server.shutDown(deadline: .zero)
        await upstream.stop()
    }

    static var quickLimits: ProxyLimits {
        var limits = ProxyLimits()
        limits.timerResolution = .milliseconds(20)
        return limits
    }

    func connect() async throws -> RawClient { try await RawClient.connect(port: port) }

    /// Sends bytes on a new connection and reads one response.
    func exchange(_ text: String, toHead isHead: Bool = false) async throws -> RawClient.Response {
        let client = try await connect()
        try await client.send(text)
        let response = try await client.readResponse(toHead: isHead)
        await client.close()
        return response
    }

    /// A signed-in request.
    static func request(
        _ target: String = "/", method: String = "GET", host: String = "wiki.acme.example", _ fields: String = "", body: String = "",
        secure: Bool = false
    ) -> String {
        "\(method) \(target) HTTP/1.1\r\nHost: \(host)\r\nCookie: \(secure ? "__Host-" : "")gateway-session=\(token)\r\n\(fields)\r\n\(body)"
    }

    /// The positive control of a negative test: the very same world serves an ordinary request.
    func expectServing(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let before = upstream.requests.count
        let response = try await exchange(World.request())
        #expect(response.status == 200, sourceLocation: sourceLocation)
        #expect(upstream.requests.count == before + 1, sourceLocation: sourceLocation)
    }
}

final class StubSessions: SessionSource {
    typealias Answer = @Sendable (SessionLookup) async -> SessionAnswer
    let lookups = Mutex<[SessionLookup]>([])
    let anonymousLookups = Mutex<[AnonymousLookup]>([])
    private let answer = Mutex<Answer>(StubSessions.usual)
    private let anonymousAnswer = Mutex<AnonymousAnswer>(.headers(StubSessions.headers(World.anonymousBlock)))

    static func headers(_ block: String, refreshAt: Int64 = .max, expiresAt: Int64 = .max, graceUntil: Int64 = .max, tags: [UInt64] = [1])
        -> IdentityHeaders
    {
        IdentityHeaders(block: Array(block.utf8), refreshAt: refreshAt, expiresAt: expiresAt, graceUntil: graceUntil, tags: tags)
    }

    @Sendable static func usual(_ lookup: SessionLookup) async -> SessionAnswer {
        lookup.tokenHash == World.hash(World.token) ? .session(headers(World.block)) : .absent
    }

    func set(_ new: @escaping Answer) { answer.withLock { $0 = new } }
    func setAnonymous(_ new: AnonymousAnswer) { anonymousAnswer.withLock { $0 = new } }

    func session(_ lookup: SessionLookup) async -> SessionAnswer {
        lookups.withLock { $0.append(lookup) }
        return await answer.withLock { $0 }(lookup)
    }

    func anonymous(_ lookup: AnonymousLookup) async -> AnonymousAnswer {
        anonymousLookups.withLock { $0.append(lookup) }
        return anonymousAnswer.withLock { $0 }
    }

    var count: Int { lookups.withLock { $0.count } }
}

/// Answers each purpose with a status of its own and keeps the requests.
final class StubLocal: LocalResponder {
    let requests = Mutex<[LocalRequest]>([])

    func respond(to request: LocalRequest) async -> LocalResponse {
        requests.withLock { $0.append(request) }
        let status =
            switch request.purpose {
            case .own: 200
            case .signInNeeded(let isPageLoad), .stepUpNeeded(let isPageLoad, _): isPageLoad ? 302 : 401
            case .forbidden: 403
            case .unknownHost, .noSuchOrganization: 404
            case .badGateway: 502
            case .gatewayTimeout: 504
            case .unavailable: 503
            }
        return LocalResponse(status: status, headers: [("Content-Type", "text/plain")], body: Array("local".utf8))
    }

    var last: LocalRequest? { requests.withLock { $0.last } }
    var count: Int { requests.withLock { $0.count } }
}

final class TestClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_000_000)
    var now: Int64 { milliseconds.withLock { $0 } }
    func advance(_ by: Int64) { milliseconds.withLock { $0 += by } }
}

final class RefusalLog: Sendable {
    private let labels = Mutex<[String]>([])
    func add(_ label: String) { labels.withLock { $0.append(label) } }
    var all: [String] { labels.withLock { $0 } }
}

/// Holds back whoever waits until it is opened.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var arrived = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }
    private let state = Mutex(State())

    func pass() async {
        await withCheckedContinuation { continuation in
            let (open, watchers) = state.withLock { state in
                state.arrived += 1
                if !state.isOpen { state.waiting.append(continuation) }
                let ready = state.watchers.filter { $0.count <= state.arrived }
                state.watchers.removeAll { [arrived = state.arrived] in $0.count <= arrived }
                return (state.isOpen, ready)
            }
            for watcher in watchers { watcher.continuation.resume() }
            if open { continuation.resume() }
        }
    }

    func arrivals(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state in
                if state.arrived >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if ready { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
