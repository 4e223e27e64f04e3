/// What one of the demo's servers answers.
public struct DemoReply: Sendable {
    public var status: Int
    public var fields: [DemoRequest.Field]
    public var body: [UInt8]

    public init(status: Int, fields: [DemoRequest.Field] = [], body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// The first value of that name (any case).
    public func value(of name: String) -> String? {
        let wanted = name.lowercased()
        return fields.first { $0.name.lowercased() == wanted }?.value
    }

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    static func text(_ text: String, type: String, status: Int = 200, cacheControl: String = "no-store") -> DemoReply {
        DemoReply(
            status: status,
            fields: [
                .init("Content-Type", type), .init("Cache-Control", cacheControl),
                .init("X-Content-Type-Options", "nosniff"),
            ],
            body: Array(text.utf8))
    }

    static func json(_ value: JSONValue, status: Int = 200, cacheControl: String = "no-store") -> DemoReply {
        text(value.serialized, type: "application/json", status: status, cacheControl: cacheControl)
    }

    /// 303, because what follows is always a GET, also after a form.
    static func redirect(to location: String) -> DemoReply {
        DemoReply(status: 303, fields: [.init("Location", location), .init("Cache-Control", "no-store")])
    }

    static func methodNotAllowed(_ allowed: String) -> DemoReply {
        var reply = text("Method not allowed.\n", type: "text/plain; charset=utf-8", status: 405)
        reply.fields.append(.init("Allow", allowed))
        return reply
    }
}
