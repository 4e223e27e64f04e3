import Testing

@testable import ConfigurationFile

/// One rule of the file: a fragment that breaks it, the one problem that it must give, and the nearest
/// fragment that doesn't break it.
struct Rule: Sendable, CustomTestStringConvertible {
    /// What stands before the fragment.
    enum Base {
        case nothing
        /// The two required keys; the fragment can begin with further keys of the top.
        case server
        /// Two organizations, a connection of the first, two roles.
        case tenancy

        var text: String {
            switch self {
            case .nothing: ""
            case .server: serverText
            case .tenancy: serverText + tenancyText
            }
        }
    }

    var name: String
    var base: Base
    var bad: String
    /// Counted from 1 at the fragment's first line.
    var line: Int
    var message: String
    var good: String

    init(_ name: String, _ base: Base, bad: String, line: Int = 1, _ message: String, good: String) {
        self.name = name
        self.base = base
        self.bad = bad
        self.line = line
        self.message = message
        self.good = good
    }

    var testDescription: String { name }

    /// Exactly one problem, on its line; and none at all with the good fragment.
    func check(_ severity: Problem.Severity = .error, files: StubFiles = .all, location: SourceLocation = #_sourceLocation) {
        let offset = base.text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
        let found = problems(in: base.text + bad, files: files)
        #expect(found.count == 1, "\(found)", sourceLocation: location)
        for problem in found {
            #expect(problem.line == offset + line, "\(problem)", sourceLocation: location)
            #expect(problem.severity == severity, "\(problem)", sourceLocation: location)
            #expect(problem.message.contains(message), "\(problem)", sourceLocation: location)
        }
        #expect(problems(in: base.text + good, files: files) == [], sourceLocation: location)
    }
}

private let serverText = """
    external_url = "https://auth.example.com"
    listen = ["127.0.0.1:8000"]

    """

private let tenancyText = """
    [[organization]]
    slug = "acme"
    [[organization]]
    slug = "globex"
    sso_jit_provisioning = "ALL_ALLOWED"
    [[connection]]
    name = "acme-okta"
    organization = "acme"
    type = "oidc"
    issuer = "https://acme.okta.example"
    client_id = "0oa1"
    [[role]]
    name = "viewer"
    [[role]]
    name = "editor"

    """

/// Errors and warnings, sorted.
func problems(in text: String, files: StubFiles = .all) -> [Problem] {
    switch Configuration.parse(text, files: files) {
    case .valid(_, let warnings): warnings
    case .invalid(let problems): problems
    }
}

/// The value of a file that must be valid.
func configuration(_ text: String, files: StubFiles = .all, location: SourceLocation = #_sourceLocation) throws -> Configuration {
    switch Configuration.parse(text, files: files) {
    case .valid(let configuration, _): return configuration
    case .invalid(let problems):
        Issue.record("\(problems)", sourceLocation: location)
        throw NotValid()
    }
}

struct NotValid: Error {}
