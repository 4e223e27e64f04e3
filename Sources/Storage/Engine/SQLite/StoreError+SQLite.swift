import GRDB

extension StoreError {
    /// Result codes: https://www.sqlite.org/rescode.html. GRDB's message and description hold SQL text, at times with
    /// arguments: only the code and the columns of a constraint are kept.
    init(sqlite error: any Error, path: String) {
        if let error = error as? StoreError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.unavailable, path: path, detail: "\(type(of: error))")
            return
        }
        let reason = "SQLite code \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: self.init(.busy, path: path)
        case .SQLITE_FULL: self.init(.full, path: path)
        case .SQLITE_READONLY: self.init(.readOnly, path: path, detail: reason)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self.init(.corrupt, path: path, detail: reason)
        case .SQLITE_CANTOPEN, .SQLITE_IOERR, .SQLITE_PERM, .SQLITE_NOMEM:
            self.init(.unavailable, path: path, detail: reason)
        case .SQLITE_CONSTRAINT: self.init(.constraint(Self.constraintName(error)), path: path)
        case .SQLITE_MISUSE: self.init(.closed, path: path)
        default: self.init(.other(error.extendedResultCode.rawValue), path: path, detail: reason)
        }
    }

    /// `UNIQUE constraint failed: members.organization_id, members.email` names columns, no values.
    private static func constraintName(_ error: DatabaseError) -> String {
        let separator = "constraint failed: "
        if let message = error.message, let range = message.firstRange(of: separator) {
            return String(message[range.upperBound...])
        }
        return error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY ? "foreign key" : "constraint"
    }
}
