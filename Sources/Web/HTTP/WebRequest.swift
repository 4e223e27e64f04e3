import SignOn

/// A request that the gateway answers itself, as plain values.
public struct WebRequest: Sendable {
    /// Why it is not forwarded.
    public enum Purpose: Sendable, Equatable {
        /// A path of the gateway itself.
        case own
        case signInNeeded(isPageLoad: Bool)
        /// Signed in, without any of the route's roles.
        case forbidden
        /// Signed in, but not as lately or in the way that the page demands.
        case stepUpNeeded(isPageLoad: Bool, SignInDemand)
        case unknownHost
        case noSuchOrganization
        case badGateway
        case gatewayTimeout
        case unavailable
    }

    public var method: String
    /// Canonical host without port.
    public var host: String
    /// Scheme, host and, where it is not the scheme's own, port.
    public var origin: String
    /// Canonical path.
    public var path: String
    /// Raw, without the `?`.
    public var query: String?
    /// Names in lower case, in order.
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]
    /// Address of the client after trusted proxies.
    public var clientAddress: String
    public var requestID: String
    public var purpose: Purpose

    public init(
        method: String, host: String, origin: String, path: String, query: String?, headers: [(name: String, value: String)],
        body: [UInt8], clientAddress: String, requestID: String, purpose: Purpose
    ) {
        self.method = method
        self.host = host
        self.origin = origin
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.clientAddress = clientAddress
        self.requestID = requestID
        self.purpose = purpose
    }

    /// The value of the only field of that (lower-case) name; `nil` for none or several.
    func header(_ name: String) -> String? {
        let values = headers.filter { $0.name == name }
        return values.count == 1 ? values.first?.value : nil
    }
}

public struct WebResponse: Sendable {
    public var status: Int
    public var headers: [(String, String)]
    public var body: [UInt8]

    public init(status: Int, headers: [(String, String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
