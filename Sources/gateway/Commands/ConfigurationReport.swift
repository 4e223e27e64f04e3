import ArgumentParser
import ConfigurationFile

/// Problems of the file, as the operator reads them.
enum ConfigurationReport {
    /// The configuration; or all problems on standard error, and exit code 1.
    static func load(_ path: String, showsWarnings: Bool = true) throws -> Configuration {
        let name = fileName(path)
        switch Configuration.load(path: path) {
        case .valid(let configuration, let warnings):
            for warning in warnings where showsWarnings { Terminal.error(line(warning, in: name)) }
            return configuration
        case .invalid(let problems):
            for problem in problems { Terminal.error(line(problem, in: name)) }
            throw ExitCode.failure
        }
    }

    /// `gateway.conf:LINE: message`
    static func line(_ problem: Problem, in name: String) -> String {
        "\(name):\(problem.line): \(problem.severity == .warning ? "warning: " : "")\(problem.message)"
    }

    static func fileName(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
}
