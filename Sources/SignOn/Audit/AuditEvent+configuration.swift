import Storage
import Tenancy

/// What became of a file that was read.
public enum ConfigurationOutcome: Sendable {
    /// At a start.
    case imported(ImportSummary)
    case reloaded(ImportSummary)
    /// Nothing was changed. One sentence a problem.
    case refused([String])
}

extension AuditEvent {
    /// Problems that one event holds, and bytes of each: a file of nonsense must not become a row of megabytes.
    private static let maximumProblems = 10
    private static let maximumProblemBytes = 300

    /// - Parameter id: unique.
    public static func configuration(_ outcome: ConfigurationOutcome, id: String, at: Instant) -> AuditEvent {
        let decision: String
        var detail: [String: String]
        switch outcome {
        case .imported(let summary): (decision, detail) = ("imported", counts(summary))
        case .reloaded(let summary): (decision, detail) = ("reloaded", counts(summary))
        case .refused(let problems):
            decision = "refused"
            let shown = problems.prefix(maximumProblems).map { String(decoding: $0.utf8.prefix(maximumProblemBytes), as: UTF8.self) }
            detail = ["problems": shown.joined(separator: "\n"), "problem_count": String(problems.count)]
        }
        detail["actor"] = "configuration"
        return AuditEvent(id: id, at: at, kind: AuditKind.configuration.rawValue, requestID: "", decision: decision, detail: detail)
    }

    private static func counts(_ summary: ImportSummary) -> [String: String] {
        var counts = [
            "created": String(summary.created), "changed": String(summary.changed), "disabled": String(summary.disabled),
        ]
        if !summary.conflicts.isEmpty { counts["conflicts"] = String(summary.conflicts.count) }
        return counts
    }
}
