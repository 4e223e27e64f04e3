/// One line of `gateway.conf` and what to do about it. Printed as `gateway.conf:LINE: message`.
///
/// Messages name keys, names and paths of the file; never a secret, nor text of a file that holds one.
public struct Problem: Error, Equatable, Hashable, Sendable, Comparable, CustomStringConvertible {
    public enum Severity: Sendable, Equatable, Hashable {
        /// The configuration can't be used.
        case error
        /// It can be used, and somebody should know what it means.
        case warning
    }

    /// Counted from 1.
    public var line: Int
    public var severity: Severity
    public var message: String

    public init(line: Int, severity: Severity = .error, _ message: String) {
        self.line = line
        self.severity = severity
        self.message = message
    }

    public var description: String { "line \(line): \(message)" }

    /// By line, errors first.
    public static func < (left: Self, right: Self) -> Bool {
        if left.line != right.line { return left.line < right.line }
        if left.severity != right.severity { return left.severity == .error }
        return left.message < right.message
    }
}

/// What became of a file.
public enum ConfigurationResult: Sendable, Equatable {
    case valid(Configuration, warnings: [Problem])
    /// All problems, warnings included, sorted by line. At least one is an error.
    case invalid([Problem])
}

/// Collects the problems of one file while it is read.
final class ProblemList {
    /// How many wrong references get a suggestion. Each is a walk over all names: ten thousand wrong
    /// references among ten thousand names would keep `check` busy for minutes.
    static let maximumSuggestions = 100

    private var found: Set<Problem> = []
    private var suggestions = 0

    func error(_ line: Int, _ message: String) {
        found.insert(Problem(line: max(1, line), message))
    }

    func warning(_ line: Int, _ message: String) {
        found.insert(Problem(line: max(1, line), severity: .warning, message))
    }

    /// "; did you mean `x`?" or "".
    func suggestion(for text: String, among candidates: some Sequence<String>) -> String {
        guard suggestions < Self.maximumSuggestions else { return "" }
        suggestions += 1
        return Nearest.suggestion(for: text, among: candidates)
    }

    var hasErrors: Bool { found.contains { $0.severity == .error } }
    var sorted: [Problem] { found.sorted() }
}
