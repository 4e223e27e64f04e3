import Foundation
import GRDB

/// One transaction of SQLite. Every statement and every value goes through this file.
struct SQLiteConnection: SQLConnection {
    /// Of one text or blob. Beyond SQLite's own limit, a billion bytes, GRDB ends the process.
    static let maximumValueBytes = 64 << 20

    let database: Database
    let path: String

    func rows(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow] {
        try mapping {
            let cursor = try Row.fetchCursor(database.cachedStatement(sql: sql), arguments: arguments(values, of: sql))
            var rows: [SQLRow] = []
            while let row = try cursor.next() {
                rows.append(SQLRow(values: row.databaseValues.map { SQLValue($0) }, path: path))
            }
            return rows
        }
    }

    @discardableResult
    func execute(_ sql: String, _ values: [SQLValue]) throws -> Int {
        try mapping {
            try database.cachedStatement(sql: sql).execute(arguments: arguments(values, of: sql))
            return database.changesCount
        }
    }

    func tables() throws -> Set<String> {
        Set(try rows("SELECT name FROM sqlite_master WHERE type = 'table'", []).map { try $0.text(0) })
    }

    /// The one place that binds. To SQLite `$2` is a name, and GRDB binds an array in the order in which the
    /// names first appear in the text: so the values are put into that order. A dictionary by name would cost
    /// as much as many a statement.
    private func arguments(_ values: [SQLValue], of sql: String) throws -> StatementArguments {
        let order = ParameterOrder(sql)
        // A value that no parameter takes, or a parameter without a value, is a statement that was written wrong.
        guard order.numbers.count == values.count, order.numbers.allSatisfy({ values.indices.contains($0 - 1) }) else {
            throw StoreError(.other(ResultCode.SQLITE_RANGE.rawValue), path: path, detail: "parameters and values of a statement differ")
        }
        return StatementArguments(try order.numbers.map { try bound(values[$0 - 1]) })
    }

    private func bound(_ value: SQLValue) throws -> DatabaseValue {
        switch value {
        case .null: return .null
        case .integer(let integer): return integer.databaseValue
        case .text(let text):
            // GRDB binds up to the first NUL: `alice\0x` would be stored, and found, as `alice`.
            guard !text.utf8.contains(0) else { throw StoreError(.unstorableText, path: path) }
            guard text.utf8.count <= Self.maximumValueBytes else { throw StoreError(.tooLarge, path: path) }
            return text.databaseValue
        case .blob(let bytes):
            guard bytes.count <= Self.maximumValueBytes else { throw StoreError(.tooLarge, path: path) }
            return Data(bytes).databaseValue
        }
    }

    private func mapping<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw StoreError(sqlite: error, path: path)
        }
    }
}

extension SQLValue {
    fileprivate init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let integer): self = .integer(integer)
        case .string(let text): self = .text(text)
        case .blob(let data): self = .blob([UInt8](data))
        // No column holds one; readers refuse it as text.
        case .double(let number): self = .text(String(number))
        }
    }
}
