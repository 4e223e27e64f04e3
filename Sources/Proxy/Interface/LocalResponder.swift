/// Answers what is not forwarded: the gateway's own paths, sign-in redirects and error pages.
public protocol LocalResponder: Sendable {
    /// Called in a task of its own. The task is not cancelled when the client goes away, so that a
    /// sign-out or a revocation is finished whatever the browser does.
    func respond(to request: LocalRequest) async -> LocalResponse
}

/// A request that the gateway answers itself.
public struct LocalRequest: Sendable {
    public enum Purpose: Sendable, Equatable {
        /// A path of the gateway itself.
        case own
        /// No session. A page load is redirected to sign-in, anything else gets 401.
        case signInNeeded(isPageLoad: Bool)
        /// Signed in, without any of the route's roles.
        case forbidden
        /// Signed in, but not as lately or in the way that the route demands.
        case stepUpNeeded(isPageLoad: Bool, Route.SignInDemand)
        /// No route has this host (and path).
        case unknownHost
        case noSuchOrganization
        /// The upstream could not be reached, or did not answer in HTTP.
        case badGateway
        case gatewayTimeout
        /// The store can't be reached, or a limit of this process is reached. Wants `Retry-After`.
        case unavailable
    }
    public struct Field: Sendable, Equatable {
        /// Lower case.
        public let name: String
        public let value: String
    }
    public let method: String
    /// `http` or `https`, as the browser sees it.
    public let scheme: String
    /// Canonical host without port.
    public let host: String
    /// Scheme, host and, where it is not the scheme's own, port.
    public let origin: String
    /// Canonical path.
    public let path: String
    /// Raw, without the `?`.
    public let query: String?
    /// The client's fields in order. Hop-by-hop, forwarding and reserved fields are already removed. For
    /// `badGateway` and `gatewayTimeout` the gateway's own cookies are too.
    public let headers: [Field]
    /// Complete; empty unless the purpose is `own`.
    public let body: [UInt8]
    /// Address of the client, behind trusted proxies; `unknown` on a unix socket.
    public let peerAddress: String
    public let requestID: String
    public let purpose: Purpose
    public let organizationSlug: String?

    /// The value of the only field with this (lower-case) name; `nil` for none or several.
    public func header(_ name: String) -> String? {
        var found: String?
        for field in headers where field.name == name {
            if found != nil { return nil }
            found = field.value
        }
        return found
    }
}

public struct LocalResponse: Sendable {
    public var status: Int
    /// Without framing fields: the proxy writes `Content-Length`, `Connection` and `X-Request-Id`.
    public var headers: [(String, String)]
    public var body: [UInt8]

    public init(status: Int, headers: [(String, String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Fields that the protocol to the client decides on.
    static func isFraming(_ name: String) -> Bool {
        switch name.lowercased() {
        case "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "trailer", "x-request-id": true
        default: false
        }
    }
}
