import Tenancy

/// What would happen, in words.
public struct Explanation: Sendable, Equatable, Encodable {
    public struct Way: Sendable, Equatable, Encodable {
        public var organization: String
        public var connection: String
        /// The organization's external connection; `nil`: it owns the connection.
        public var external_connection: String?
        public var shown: Bool
        public var why: String
    }

    public struct Role: Sendable, Equatable, Encodable {
        public var role: String
        public var sources: [String]
    }

    /// One sign-in, through one connection.
    public struct SignIn: Sendable, Equatable, Encodable {
        /// What the start names.
        public var start: String
        public var connection: String?
        public var assumptions: [String]
        /// As the audit trail writes it.
        public var decision: String
        public var organization: String?
        public var member: String?
        public var roles: [Role]
        /// In the order in which the rules were applied.
        public var steps: [String]
        /// The rule that refuses, R1 to R10.
        public var rule: String?
        public var refusal: String?
        public var remedy: String?
    }

    public var email: String
    /// Discovery, without which the person sees no connection unless the start names one.
    public var ways: [Way]
    public var sign_ins: [SignIn]

    /// For a terminal.
    public var lines: [String] {
        var lines = ["\(email), asked which way to sign in:"]
        lines += ways.isEmpty ? ["  nothing here has anything to do with the address"] : ways.map(\.line)
        for signIn in sign_ins { lines += signIn.lines }
        if sign_ins.isEmpty { lines.append("No connection is shown. Name one with --connection, or an organization with --organization.") }
        return lines
    }
}

extension Explanation.Way {
    fileprivate var line: String {
        "  \(connection) for \(organization)\(external_connection.map { " through \($0)" } ?? ""): \(why)"
    }
}

extension Explanation.SignIn {
    fileprivate var lines: [String] {
        var lines = ["", "Starting at \(start)\(connection.map { ", through \($0)" } ?? ""):"]
        lines += assumptions.map { "  assumed: \($0)" }
        lines += steps.map { "  - \($0)" }
        if let organization {
            lines.append("  The person lands in \(organization) as \(member ?? "a new member") (\(decision)).")
            lines.append(roles.isEmpty ? "  Roles: none." : "  Roles:")
            lines += roles.map { "    \($0.role): \($0.sources.joined(separator: "; "))" }
        } else if let rule, let refusal, let remedy {
            lines.append("  Refused by \(rule): \(refusal).")
            lines.append("  What helps: \(remedy).")
        }
        return lines
    }
}
