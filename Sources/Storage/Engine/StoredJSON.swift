import FoundationEssentials
import Tenancy

/// The structured columns: JSON. Lists of strings, which every row of a slice has several of, are written and read here;
/// the general encoder and decoder cost ten times as much as the query.
enum StoredJSON {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func text(_ strings: [String]) -> String {
        var text = ""
        append(strings, to: &text)
        return text
    }

    static func text(_ lists: [String: [String]]) -> String {
        var text = "{"
        for (key, strings) in lists.sorted(by: { $0.key < $1.key }) {
            if text.utf8.count > 1 { text += "," }
            append(key, to: &text)
            text += ":"
            append(strings, to: &text)
        }
        return text + "}"
    }

    static func text(_ roles: Set<RoleID>) -> String { text(roles.map(\.rawValue).sorted()) }
    static func text(_ domains: Set<EmailDomain>) -> String { text(domains.map(\.rawValue).sorted()) }
    static func text(_ groupRoles: [String: Set<RoleID>]) -> String {
        text(groupRoles.mapValues { $0.map(\.rawValue).sorted() })
    }
    static func text(_ claims: [String: Set<String>]) -> String { text(claims.mapValues { $0.sorted() }) }

    private static func append(_ strings: [String], to text: inout String) {
        text += "["
        for (index, string) in strings.enumerated() {
            if index > 0 { text += "," }
            append(string, to: &text)
        }
        text += "]"
    }

    /// RFC 8259 §7: quotation mark, reverse solidus and control characters must be escaped.
    private static func append(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"", "\\":
                text += "\\"
                text.unicodeScalars.append(scalar)
            case "\0"..<" ":
                let hex = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    /// `nil` when the text is not a list of strings.
    static func strings(_ text: String) -> [String]? {
        PlainJSON.strings(text) ?? (try? JSONDecoder().decode([String].self, from: Data(text.utf8)))
    }

    /// `nil` when the text is not an object of lists of strings.
    static func lists(_ text: String) -> [String: [String]]? {
        PlainJSON.lists(text) ?? (try? JSONDecoder().decode([String: [String]].self, from: Data(text.utf8)))
    }
}

extension SQLRow {
    func json<Value: Decodable>(_ column: Int, _: Value.Type = Value.self) throws -> Value {
        guard let value = try? JSONDecoder().decode(Value.self, from: Data(try text(column).utf8)) else {
            throw corrupt(column)
        }
        return value
    }

    func strings(_ column: Int) throws -> [String] {
        guard let strings = StoredJSON.strings(try text(column)) else { throw corrupt(column) }
        return strings
    }

    func stringLists(_ column: Int) throws -> [String: [String]] {
        guard let lists = StoredJSON.lists(try text(column)) else { throw corrupt(column) }
        return lists
    }

    func roles(_ column: Int) throws -> Set<RoleID> { Set(try strings(column).map(RoleID.init)) }

    /// NULL is no limit; an empty list is a limit that nobody meets.
    func optionalRoles(_ column: Int) throws -> Set<RoleID>? {
        try optionalText(column) == nil ? nil : roles(column)
    }

    func groupRoles(_ column: Int) throws -> [String: Set<RoleID>] {
        try stringLists(column).mapValues { Set($0.map(RoleID.init)) }
    }

    func domains(_ column: Int) throws -> Set<EmailDomain> {
        Set(
            try strings(column).map { text in
                guard let domain = EmailDomain(text) else { throw corrupt(column) }
                return domain
            })
    }

    func optionalDomains(_ column: Int) throws -> Set<EmailDomain>? {
        try optionalText(column) == nil ? nil : domains(column)
    }

    func instant(_ column: Int) throws -> Instant { Instant(milliseconds: try integer(column)) }
    func optionalInstant(_ column: Int) throws -> Instant? { try optionalInteger(column).map(Instant.init(milliseconds:)) }

    func accepted(_ column: Int) throws -> AcceptedConnection {
        guard let accepted = AcceptedConnection(storedText: try text(column)) else { throw corrupt(column) }
        return accepted
    }

    func email(_ column: Int) throws -> EmailAddress {
        guard let address = EmailAddress(try text(column)) else { throw corrupt(column) }
        return address
    }

    func hash(_ column: Int) throws -> TokenHash {
        guard let hash = TokenHash(bytes: try blob(column)) else { throw corrupt(column) }
        return hash
    }

    func optionalHash(_ column: Int) throws -> TokenHash? {
        try optionalBlob(column) == nil ? nil : hash(column)
    }
}

extension SQLValue {
    static func instant(_ instant: Instant) -> SQLValue { .integer(instant.milliseconds) }
    static func instant(_ instant: Instant?) -> SQLValue { instant.map { .integer($0.milliseconds) } ?? .null }
    static func hash(_ hash: TokenHash) -> SQLValue { .blob(hash.bytes) }
    static func hash(_ hash: TokenHash?) -> SQLValue { hash.map { .blob($0.bytes) } ?? .null }
    static func id<Kind>(_ id: Identifier<Kind>) -> SQLValue { .text(id.rawValue) }
    static func id<Kind>(_ id: Identifier<Kind>?) -> SQLValue { id.map { .text($0.rawValue) } ?? .null }
}

extension AcceptedConnection {
    /// `owned:` or `external:` and the id.
    var storedText: String {
        switch self {
        case .owned(let id): "owned:\(id.rawValue)"
        case .external(let id): "external:\(id.rawValue)"
        }
    }

    init?(storedText: String) {
        guard let colon = storedText.firstIndex(of: ":") else { return nil }
        let id = String(storedText[storedText.index(after: colon)...])
        switch storedText[..<colon] {
        case "owned": self = .owned(ConnectionID(id))
        case "external": self = .external(ExternalConnectionID(id))
        default: return nil
        }
    }
}
