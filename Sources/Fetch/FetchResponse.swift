/// A response, whatever its status. Redirects are responses: nobody follows them.
public struct FetchResponse: Sendable, Equatable {
    /// 200 to 599: interim responses are passed over.
    public var status: Int
    /// In order. Trailers are not among them.
    public var headers: [HeaderField]
    public var body: [UInt8]

    public init(status: Int, headers: [HeaderField], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first field of that name, in any case.
    public func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }
}
