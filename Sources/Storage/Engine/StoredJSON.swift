import FoundationEssentials
import Tenancy

/// The structured columns. Empty lists and objects, the most common ones, cost no parser.
enum StoredJSON {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func text(_ strings: [String]) throws -> String {
        strings.isEmpty ? "[]" : try text(List(strings))
    }

    static func text(_ lists: [String: [String]]) throws -> String {
        lists.isEmpty ? "{}" : try text(lists.mapValues(List.init))
    }

    static func text(_ roles: Set<RoleID>) throws -> String { try text(roles.map(\.rawValue).sorted()) }
    static func text(_ domains: Set<EmailDomain>) throws -> String { try text(domains.map(\.rawValue).sorted()) }
    static func text(_ groupRoles: [String: Set<RoleID>]) throws -> String {
        try text(groupRoles.mapValues { $0.map(\.rawValue).sorted() })
    }
    static func text(_ claims: [String: Set<String>]) throws -> String { try text(claims.mapValues { $0.sorted() }) }

    /// Chooses the generic encoder for a list.
    private struct List: Encodable {
        var strings: [String]
        init(_ strings: [String]) { self.strings = strings }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.unkeyedContainer()
            try container.encode(contentsOf: strings)
        }
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
        try text(column) == "[]" ? [] : json(column)
    }

    func stringLists(_ column: Int) throws -> [String: [String]] {
        try text(column) == "{}" ? [:] : json(column)
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
