/// The way to a provider. The gateway gives one that checks addresses and certificates; tests give
/// one that answers from memory.
public protocol Fetcher: Sendable {
    /// Sends one request and gives the answer whatever its status, without following redirects.
    ///
    /// Throws when there is no answer; what exactly failed is for the fetcher to log. It must return
    /// within `request.deadline`, since sign-ins wait for it, and must refuse a body beyond
    /// `request.maximumBodyBytes` instead of cutting it short.
    func send(_ request: OutgoingRequest) async throws -> IncomingResponse
}

/// One line of a head.
public struct HeaderField: Sendable, Equatable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// A request to a provider. Its headers and body can hold secrets, so its description shows neither.
public struct OutgoingRequest: Sendable, Equatable {
    public enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
    }

    public var method: Method
    /// https, or http to a loopback host.
    public var url: String
    public var headers: [HeaderField]
    public var body: [UInt8]
    public var maximumBodyBytes: Int
    /// For the whole exchange, from resolving the name to the last byte.
    public var deadline: Duration

    init(
        method: Method, url: String, headers: [HeaderField], body: [UInt8] = [], maximumBodyBytes: Int,
        deadline: Duration = Bounds.requestDeadline
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.maximumBodyBytes = maximumBodyBytes
        self.deadline = deadline
    }
}

extension OutgoingRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "\(method.rawValue) \(url)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// What came back. Its description shows the status only.
public struct IncomingResponse: Sendable, Equatable {
    public var status: Int
    public var headers: [HeaderField]
    public var body: [UInt8]

    public init(status: Int, headers: [HeaderField], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The values of all lines with this name, in order. Names ignore ASCII case.
    func values(of name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name }.map(\.value)
    }
}

extension IncomingResponse: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "status \(status)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
