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
