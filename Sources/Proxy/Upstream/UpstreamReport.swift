/// A change in the health of an upstream, for the operator's log.
public struct UpstreamReport: Sendable, Equatable {
    public enum Change: String, Sendable {
        /// Left alone for a while, because requests failed.
        case avoided
        /// It has answered again.
        case recovered
        /// By its health check.
        case unhealthy, healthy
    }

    /// The upstream as an operator writes it.
    public let upstream: String
    public let change: Change
    /// Why, from a closed list of words.
    public let reason: String
}
