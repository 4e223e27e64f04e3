/// One row. A column that is missing or of another type than the schema says means that the
/// database is not what this version wrote: an error, never a default.
struct SQLRow: Sendable {
    var values: [SQLValue]
    var path: String

    func text(_ column: Int) throws -> String {
        guard case .text(let value) = value(column) else { throw corrupt(column) }
        return value
    }

    func optionalText(_ column: Int) throws -> String? {
        if case .null = value(column) { return nil }
        return try text(column)
    }

    func integer(_ column: Int) throws -> Int64 {
        guard case .integer(let value) = value(column) else { throw corrupt(column) }
        return value
    }

    func optionalInteger(_ column: Int) throws -> Int64? {
        if case .null = value(column) { return nil }
        return try integer(column)
    }

    func blob(_ column: Int) throws -> [UInt8] {
        guard case .blob(let value) = value(column) else { throw corrupt(column) }
        return value
    }

    func optionalBlob(_ column: Int) throws -> [UInt8]? {
        if case .null = value(column) { return nil }
        return try blob(column)
    }

    func flag(_ column: Int) throws -> Bool {
        switch try integer(column) {
        case 0: false
        case 1: true
        default: throw corrupt(column)
        }
    }

    func choice<Choice: RawRepresentable>(_ column: Int, _: Choice.Type = Choice.self) throws -> Choice
    where Choice.RawValue == String {
        guard let choice = Choice(rawValue: try text(column)) else { throw corrupt(column) }
        return choice
    }

    func corrupt(_ column: Int) -> StoreError {
        StoreError(.corrupt, path: path, detail: "unexpected value in result column \(column)")
    }

    private func value(_ column: Int) -> SQLValue? {
        values.indices.contains(column) ? values[column] : nil
    }
}
