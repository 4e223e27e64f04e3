/// `[audit]`
public struct AuditSettings: Sendable, Equatable {
    /// Events older than this are cleared away.
    public var retention: Duration = .seconds(90 * 86_400)

    public init() {}
}
