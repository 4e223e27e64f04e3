import Tenancy

/// A value of the file and the line on which it begins.
struct TOMLNode: Sendable, Equatable {
    enum Value: Sendable, Equatable {
        case table([TOMLEntry])
        case array([TOMLNode])
        case string(String)
        case integer(Int64)
        case float(Double)
        case boolean(Bool)
        case dateTime(CivilDateTime)
        /// A date or a time alone.
        case partialTime
        /// Something that the library names and this code doesn't.
        case unknown
    }

    var line: Int
    var value: Value

    /// How messages name the type.
    var typeName: String {
        switch value {
        case .table: "a table"
        case .array: "a list"
        case .string: "a string"
        case .integer: "a whole number"
        case .float: "a number"
        case .boolean: "true or false"
        case .dateTime: "a date-time"
        case .partialTime: "a date or a time"
        case .unknown: "a value of an unknown type"
        }
    }
}

/// One `key = value` of a table. `line` is the key's.
struct TOMLEntry: Sendable, Equatable {
    var key: String
    var line: Int
    var node: TOMLNode
}
