/// Where sessions and the tenancy are kept.
public enum StoreLocation: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// An absolute path.
    case sqlite(path: String)
    /// The whole URL as written; it can hold a password.
    case postgresql(url: String)

    /// Without what could be a password.
    public var description: String {
        switch self {
        case .sqlite(let path): "sqlite:\(path)"
        case .postgresql: "postgresql"
        }
    }

    public var customMirror: Mirror { Mirror(self, children: [("store", description)]) }
}
