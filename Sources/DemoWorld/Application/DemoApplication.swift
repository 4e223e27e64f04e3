/// An application behind the gateway. It has no sign-in of its own: it shows the request that it
/// received, checks the gateway's assertion and says what came of it.
///
/// Every path is answered with the page, `/json` (and any path, for `Accept: application/json`) with
/// the same as JSON. Below `/public/` is what the demo's configuration makes public.
public final class DemoApplication: DemoSite {
    public enum Kind: String, Sendable, CaseIterable {
        case wiki, tickets

        /// What the pages call it.
        public var name: String {
            switch self {
            case .wiki: "Wiki"
            case .tickets: "Tickets"
            }
        }

        var accent: Accent {
            switch self {
            case .wiki: .wiki
            case .tickets: .tickets
            }
        }
    }

    public struct Settings: Sendable {
        public var kind: Kind
        /// The gateway's `external_url`: the issuer of assertions.
        public var gatewayOrigin: String
        /// The hosts that are this application's: this one and everything below it, such as `wiki.localhost`.
        public var hostSuffix: String
        /// The port that browsers use for them: the gateway's.
        public var port: Int

        public init(kind: Kind, gatewayOrigin: String, hostSuffix: String, port: Int) {
            self.kind = kind
            self.gatewayOrigin = gatewayOrigin
            self.hostSuffix = hostSuffix
            self.port = port
        }
    }

    public let settings: Settings
    private let verifier: AssertionVerifier

    /// - Parameter fetchKeys: gets `/.well-known/jwks.json` of the gateway.
    public init(
        settings: Settings, environment: DemoEnvironment = .system, fetchKeys: @escaping @Sendable () async throws -> [UInt8]
    ) {
        self.settings = settings
        verifier = AssertionVerifier(
            issuer: settings.gatewayOrigin, keys: AssertionKeys(fetch: fetchKeys, now: environment.now),
            now: { environment.seconds })
    }

    public func respond(to request: DemoRequest) async -> DemoReply {
        if let asset = Page.asset(at: request) { return asset }
        let outcome = await verifier.verify(request, origin: origin(of: request))
        let wantsJSON = request.value(of: "accept").map { $0.hasPrefix("application/json") } ?? false
        if request.path == "/json" || wantsJSON { return json(request, outcome) }
        return page(request, outcome)
    }

    /// The origin that the browser sees, from `Host`. `nil` for a host that is not this application's:
    /// an assertion made for another application must not count here because the request says so.
    private func origin(of request: DemoRequest) -> String? {
        guard let authority = request.authority?.lowercased() else { return nil }
        let portSuffix = settings.port == 80 ? "" : ":\(settings.port)"
        guard authority.hasSuffix(portSuffix) else { return nil }
        let host = authority.dropLast(portSuffix.utf8.count)
        guard host == settings.hostSuffix || host.hasSuffix("." + settings.hostSuffix) else { return nil }
        return "http://" + authority
    }
}
