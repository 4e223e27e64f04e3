/// One outgoing request.
public struct FetchRequest: Sendable {
    public enum Method: String, Sendable { case get = "GET", post = "POST" }

    /// Body bytes that a response may have unless the request says otherwise.
    public static let defaultMaximumBodyBytes = 1 << 20
    public static let defaultDeadline: Duration = .seconds(10)

    /// `https://…`; `http://…` only for `localhost`, names below it, and loopback addresses. At most 8 KiB of
    /// printable ASCII, without user information and fragment.
    public var url: String
    public var method: Method
    /// Sent as they are. Refused: names that are no token, values with control characters or white space at an end
    /// (RFC 9110 §5.5), and the fields by which libcurl frames the message (`Host`, `Content-Length` and the like).
    public var headers: [HeaderField]
    /// Sent with POST alone; `application/x-www-form-urlencoded` unless a header says otherwise.
    public var body: [UInt8]
    /// Bytes of body after transfer decoding; with one more the request fails.
    public var maximumBodyBytes: Int
    /// From the call to the last byte; at least a millisecond, at most an hour.
    public var deadline: Duration

    public init(
        url: String, method: Method = .get, headers: [HeaderField] = [], body: [UInt8] = [],
        maximumBodyBytes: Int = defaultMaximumBodyBytes, deadline: Duration = defaultDeadline
    ) {
        self.url = url
        self.method = method
        self.headers = headers
        self.body = body
        self.maximumBodyBytes = maximumBodyBytes
        self.deadline = deadline
    }
}
