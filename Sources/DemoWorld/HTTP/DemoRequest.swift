/// A request as one of the demo's servers received it.
public struct DemoRequest: Sendable {
    public struct Field: Sendable, Equatable {
        /// As received, letter case included.
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public var method: String
    /// Path and query, as received.
    public var target: String
    /// The `Host` field's value.
    public var authority: String?
    /// In the order received, without the first `Host`.
    public var fields: [Field]
    /// At most ``maximumKeptBodyBytes``: the beginning of the body.
    public var body: [UInt8]
    /// Bytes that were received in all.
    public var bodyLength: Int

    /// How much of a body is kept. Forms here are far smaller; a longer body is only counted.
    public static let maximumKeptBodyBytes = 64 * 1024

    public init(
        method: String, target: String, authority: String? = nil, fields: [Field] = [], body: [UInt8] = [],
        bodyLength: Int? = nil
    ) {
        self.method = method
        self.target = target
        self.authority = authority
        self.fields = fields
        self.body = body
        self.bodyLength = bodyLength ?? body.count
    }

    /// The target up to the first `?`.
    public var path: String { String(target.prefix { $0 != "?" }) }

    /// The text after the first `?`, as received.
    public var rawQuery: String {
        guard let mark = target.firstIndex(of: "?") else { return "" }
        return String(target[target.index(after: mark)...])
    }

    /// `nil`: not well formed.
    public var query: FormFields? { FormFields(rawQuery) }

    /// The fields of an `application/x-www-form-urlencoded` body. `nil`: not such a body, too long, or not well formed.
    public var form: FormFields? {
        let type = value(of: "content-type")?.prefix { $0 != ";" }.lowercased()
        guard type == "application/x-www-form-urlencoded", bodyLength == body.count else { return nil }
        return FormFields(String(decoding: body, as: UTF8.self))
    }

    /// The value of the only field of that name (any case); `nil` if there is none, or several.
    public func value(of name: String) -> String? {
        let wanted = name.lowercased()
        let found = fields.filter { $0.name.lowercased() == wanted }
        return found.count == 1 ? found[0].value : nil
    }

    /// The value of the only cookie of that name; `nil` if there is none, or several.
    public func cookie(_ name: String) -> String? {
        let pairs = fields.filter { $0.name.lowercased() == "cookie" }.flatMap { $0.value.split(separator: ";") }
        let found = pairs.compactMap { pair -> Substring? in
            let pair = pair.drop { $0 == " " }
            return pair.hasPrefix(name + "=") ? pair.dropFirst(name.count + 1) : nil
        }
        return found.count == 1 ? String(found[0]) : nil
    }
}
