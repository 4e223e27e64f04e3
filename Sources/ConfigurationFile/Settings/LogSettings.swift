/// `[log]`
public struct LogSettings: Sendable, Equatable {
    public enum Access: String, Sendable, CaseIterable {
        case off, sampled, all
    }

    /// Which requests get a line.
    public var access = Access.off
    /// With `sampled`: the fraction of requests, above 0 and at most 1.
    public var sample = 0.01

    public init() {}
}
