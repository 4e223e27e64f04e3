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
            let cursor = try Row.fetchCursor(database.cachedStatement(sql: sql), arguments: arguments(values))
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
            try database.cachedStatement(sql: sql).execute(arguments: arguments(values))
            return database.changesCount
        }
    }

    func tables() throws -> Set<String> {
        Set(try rows("SELECT name FROM sqlite_master WHERE type = 'table'", []).map { try $0.text(0) })
    }

    /// The one place that binds. By name: to SQLite `$2` is a name, and GRDB would bind an array in
    /// the order in which the names first appear in the text.
    private func arguments(_ values: [SQLValue]) throws -> StatementArguments {
        var named: [String: (any DatabaseValueConvertible)?] = [:]
        named.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            named.updateValue(try bound(value), forKey: String(index + 1))
        }
        return StatementArguments(named)
    }

    private func bound(_ value: SQLValue) throws -> (any DatabaseValueConvertible)? {
        switch value {
        case .null: return nil
        case .integer(let integer): return integer
        case .text(let text):
            // GRDB binds up to the first NUL: `alice\0x` would be stored, and found, as `alice`.
            guard !text.utf8.contains(0) else { throw StoreError(.unstorableText, path: path) }
            guard text.utf8.count <= Self.maximumValueBytes else { throw StoreError(.tooLarge, path: path) }
            return text
        case .blob(let bytes):
            guard bytes.count <= Self.maximumValueBytes else { throw StoreError(.tooLarge, path: path) }
            return Data(bytes)
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
