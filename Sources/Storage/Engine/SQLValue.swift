/// The only types that cross to an engine.
enum SQLValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])

    static func text(_ value: String?) -> SQLValue { value.map { .text($0) } ?? .null }
    static func blob(_ value: [UInt8]?) -> SQLValue { value.map { .blob($0) } ?? .null }
    static func flag(_ value: Bool) -> SQLValue { .integer(value ? 1 : 0) }
    /// A bound on rows; an engine's limit is 64-bit and never negative here.
    static func limit(_ value: Int) -> SQLValue { .integer(Int64(max(0, value))) }
}
