/// What the checks of one upstream say together: it takes several in a row to change the verdict, so that
/// one lost packet does not. An upstream is healthy until its checks say otherwise.
struct HealthVerdict: Equatable {
    let healthy: Int
    let unhealthy: Int
    private(set) var isHealthy = true
    /// Results in a row that contradict the verdict.
    private var contradictions = 0

    init(_ check: HealthCheck) {
        healthy = max(1, check.healthy)
        unhealthy = max(1, check.unhealthy)
    }

    /// True: the verdict has changed.
    mutating func note(works: Bool) -> Bool {
        guard works != isHealthy else {
            contradictions = 0
            return false
        }
        contradictions += 1
        guard contradictions >= (works ? healthy : unhealthy) else { return false }
        isHealthy = works
        contradictions = 0
        return true
    }
}
