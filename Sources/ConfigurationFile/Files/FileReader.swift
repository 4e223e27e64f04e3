/// How the configuration gets at the files that it names. Paths are as written; relative ones are
/// relative to the folder of the configuration file.
public protocol FileReader: Sendable {
    /// The whole of a regular file of at most `maximumBytes`.
    func read(_ path: String, maximumBytes: Int) -> Result<NamedFile, FileProblem>
    /// The absolute path that a path of the file means.
    func absolutePath(_ path: String) -> String
}

/// A file's bytes, and who may read it.
public struct NamedFile: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    public var bytes: [UInt8]
    /// The lowest nine bits of `st_mode`.
    public var permissions: UInt32

    public init(bytes: [UInt8], permissions: UInt32) {
        self.bytes = bytes
        self.permissions = permissions
    }

    /// The rule that ssh has for private keys: a secret is for its owner alone.
    var isForOwnerAlone: Bool { permissions & 0o077 == 0 }
    var isReadableByAll: Bool { permissions & 0o004 != 0 }

    /// Without the bytes, which can be a secret.
    public var description: String { "file of \(bytes.count) bytes" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why a named file could not be read.
public enum FileProblem: Error, Equatable, Sendable {
    case notFound
    case notPermitted
    case notARegularFile
    case tooLarge
    /// `errno`
    case other(Int32)
}
