/// A malfunction of the store. Never holds a value: no token, no address, no row.
public struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable, Equatable {
        /// Another process held the database longer than the busy timeout.
        case busy
        /// The disk is full.
        case full
        /// The file or its folder can't be written.
        case readOnly
        /// The file is not a sound database, or a row is not what this version writes.
        case corrupt
        /// The file can't be opened, read or written.
        case unavailable
        /// A rule of the schema; the argument names it (`members.organization_id, members.email`).
        case constraint(String)
        /// Text with a NUL byte: both engines would cut it there, and two subjects would become one.
        case unstorableText
        /// A single value beyond the engine's bound.
        case tooLarge
        /// The database was written by a newer version of the gateway.
        case schemaTooNew(found: Int64, supported: Int64)
        /// A database of another program.
        case notAGatewayDatabase
        /// Group or others may read or write the key file.
        case keyFileExposed
        /// The key file is not exactly 32 bytes in a regular file.
        case keyFileMalformed
        /// The database has sealed values, and its key file is gone.
        case keyFileMissing
        /// The key file belongs to another database.
        case keyFileMismatch
        /// The store was closed.
        case closed
        /// Anything else, with the engine's own number.
        case other(Int32)
    }

    public var code: Code
    /// The path of the database or key file.
    public var path: String
    /// The engine's reason, or the table and column, where there is one.
    public var detail: String?

    public init(_ code: Code, path: String, detail: String? = nil) {
        self.code = code
        self.path = path
        self.detail = detail
    }

    /// One of a fixed set of labels, for metrics and logs.
    public var label: String {
        switch code {
        case .busy: "busy"
        case .full: "full"
        case .readOnly: "read_only"
        case .corrupt: "corrupt"
        case .unavailable: "unavailable"
        case .constraint: "constraint"
        case .unstorableText: "unstorable_text"
        case .tooLarge: "too_large"
        case .schemaTooNew: "schema_too_new"
        case .notAGatewayDatabase: "not_a_gateway_database"
        case .keyFileExposed: "key_file_exposed"
        case .keyFileMalformed: "key_file_malformed"
        case .keyFileMissing: "key_file_missing"
        case .keyFileMismatch: "key_file_mismatch"
        case .closed: "closed"
        case .other: "other"
        }
    }

    /// For the operator: what is wrong, where, and what to do.
    public var description: String {
        let text = "\(path): \(sentence)"
        guard let detail else { return text }
        return "\(text) (\(detail))"
    }

    private var sentence: String {
        switch code {
        case .busy: "another process holds the database; only one gateway should write to it for long"
        case .full: "the disk is full; free some space"
        case .readOnly: "the database can't be written; give the gateway's user write access to the file and its folder"
        case .corrupt: "the database is damaged; restore it from a backup"
        case .unavailable: "can't be opened or read; check that the folder exists and who may enter it"
        case .constraint(let name): "a rule of the schema refused the change: \(name)"
        case .unstorableText: "a text with a NUL character can't be stored"
        case .tooLarge: "a value is too large to be stored"
        case .schemaTooNew(let found, let supported):
            "written by a newer gateway (schema \(found), this one knows \(supported)); run the newer one"
        case .notAGatewayDatabase: "belongs to another program; name another file as the store"
        case .keyFileExposed: "the key file is open to group or others; run chmod 600 on it"
        case .keyFileMalformed: "not a key file of 32 bytes; restore it from a backup"
        case .keyFileMissing: "the key file is missing, and the database was sealed with it; restore it from a backup"
        case .keyFileMismatch: "this key file belongs to another database; restore the right one from a backup"
        case .closed: "the store is closed"
        case .other(let number): "the database engine failed with code \(number)"
        }
    }
}
