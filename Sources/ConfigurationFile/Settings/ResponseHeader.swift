/// One entry of a route's `response_headers`.
public struct ResponseHeader: Sendable, Hashable {
    /// A token (RFC 9110 §5.1), as written.
    public var name: String
    /// Printable ASCII. Empty: the header is only removed from what the application sends.
    public var value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
