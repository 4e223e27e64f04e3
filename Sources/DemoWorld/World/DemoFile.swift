/// A file of the demo's folder. Only its owner may read it (mode 0600): some hold secrets.
public struct DemoFile: Sendable, Equatable {
    /// Relative to the folder.
    public var name: String
    public var contents: String

    /// For `open(2)`.
    public static let mode: UInt16 = 0o600
}
