import ArgumentParser
import ConfigurationFile
import SAML
import SignOn
import Storage
import Tenancy

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Say what would happen to somebody who signs in, and why, without signing anyone in.",
        discussion: """
            Which connections discovery shows, where the person lands, which roles they have and from where, or which rule \
            refuses them and what helps. --event asks again what an event of `gateway audit` was about.
            """)

    @OptionGroup var file: ConfigurationOption
    @Option(help: ArgumentHelp("The address that the identity provider asserts.", valueName: "address")) var email: String?
    @Option(help: ArgumentHelp("A start with this connection or external connection.", valueName: "name or id")) var connection: String?
    @Option(help: ArgumentHelp("A start at this organization, as a visit to its pages is.", valueName: "slug or id"))
    var organization: String?
    @Option(help: ArgumentHelp("Groups that the identity provider asserts.", valueName: "a,b")) var groups: String?
    @Option(help: ArgumentHelp("The subject that it asserts.", valueName: "text")) var subject: String?
    @Option(help: ArgumentHelp("Its issuer or entity ID, where the connection does not state it.", valueName: "text"))
    var issuer: String?
    @Option(help: ArgumentHelp("What it says about the address; by default nothing.", valueName: "true|false"))
    var emailVerified: Bool?
    @Option(help: ArgumentHelp("An event of `gateway audit`.", valueName: "id")) var event: String?
    @Flag(help: "One JSON object.") var json = false

    func validate() throws {
        if (email == nil) == (event == nil) { throw ValidationError("Give either --email or --event.") }
        if event != nil, connection ?? organization ?? groups ?? subject ?? issuer != nil || emailVerified != nil {
            throw ValidationError("--event holds the whole question: it takes no other option beside --json.")
        }
        if let email, EmailAddress(email) == nil { throw ValidationError("\"\(email)\" is no e-mail address.") }
    }

    func run() async throws {
        let lines = try await StoreCommand.run(file) { configuration, store in
            try SAMLLibrary.start()
            let routes = configuration.signOnSettings.routes
            let now = WallClock.now
            return try await store.read { transaction in
                if let event { return try explain(event: event, in: transaction, routes: routes, now: now) }
                let question = try self.question(in: transaction)
                let explanation = try Explainer(transaction, routes: routes, now: now).explain(question)
                return json ? [try JSONLine.text(explanation)] : explanation.lines
            }
        }
        for line in lines { Terminal.line(Terminal.shown(line)) }
    }

    private func question(in transaction: ReadTransaction) throws -> ExplainedQuestion {
        guard let email = email.flatMap({ EmailAddress($0) }) else { throw CommandFailure("--email is missing.") }
        var question = ExplainedQuestion(
            email: email, subject: subject, issuer: issuer,
            groups: (groups ?? "").split(separator: ",").map(String.init),
            verification: emailVerified.map { $0 ? .verified : .unverified } ?? .notStated)
        if let connection {
            switch try transaction.connection(named: connection) {
            case .success(let stored):
                question.target = .rootConnection(stored.connection.id)
                question.connectionID = stored.connection.id
            case .failure(let refusal):
                guard case .success(let link) = try transaction.externalConnection(named: connection) else { throw refusal }
                question.target = .externalConnection(link.externalConnection.id)
                question.connectionID = link.externalConnection.connectionID
            }
        }
        if let organization { question.target = .organization(try transaction.organization(named: organization).get().id) }
        return question
    }

    /// What was decided then, and what would be now.
    private func explain(
        event id: String, in transaction: ReadTransaction, routes: RoutePlan, now: Instant
    ) throws -> [String] {
        guard let event = try transaction.auditEvent(id) else { throw CommandFailure("There is no audit event \"\(id)\".") }
        let names = Names(transaction)
        let explanation = try ExplainedQuestion(event).map { try Explainer(transaction, routes: routes, now: now).explain($0) }
        let refusal = ExplainedEvent.refusal(of: event)
        guard !json else {
            return [try JSONLine.text(ExplainedEvent(event: event.id, decision: event.decision, why: refusal, now: explanation))]
        }
        var lines = [try AuditLine.text(event, names)]
        if let refusal { lines.append("Then: \(refusal)") }
        guard let explanation else { return lines }
        let decisions = explanation.sign_ins.map(\.decision)
        lines.append(
            decisions.contains(event.decision) || decisions.contains("admitted") && event.decision.hasPrefix("admitted")
                ? "Asked again now, the answer is the same:" : "Asked again now, the answer is another:")
        return lines + [""] + explanation.lines
    }
}

private struct ExplainedEvent: Encodable {
    var event: String
    var decision: String
    /// The sentence for a refusal.
    var why: String?
    /// The same question, asked again; `nil` for an event that holds none.
    var now: Explanation?

    static func refusal(of event: AuditEvent) -> String? {
        let prefix = "refused_"
        guard event.decision.hasPrefix(prefix) else { return nil }
        return SignOnRefusal.operatorSentence(ofLabel: String(event.decision.dropFirst(prefix.count)))
    }
}
