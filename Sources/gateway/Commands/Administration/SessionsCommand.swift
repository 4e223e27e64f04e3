import ArgumentParser
import SignOn
import Storage
import Tenancy

struct SessionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions", abstract: "List and revoke a member's sessions.",
        subcommands: [ListSessions.self, RevokeSessions.self])
}

struct RevokeSessions: MemberCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "End a member's sessions within a second, with the sign-ins that they came from.")

    @OptionGroup var member: MemberOptions
    @Option(help: ArgumentHelp("This one alone.", valueName: "id")) var session: String?

    func act(_ administration: Administration, as administrator: Administrator) async throws -> String {
        let id = try await member.id(in: administration)
        let count = try await administration.revokeSessions(of: id, only: session, by: administrator).get()
        return "\(member.member): \(count) \(count == 1 ? "session" : "sessions") revoked"
    }
}

struct ListSessions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "The sessions of a member.")

    @OptionGroup var options: ListOptions
    @Option(help: ArgumentHelp("The member's organization.", valueName: "slug or id")) var organization: String
    @Option(help: ArgumentHelp("The member.", valueName: "email or id")) var member: String

    func run() async throws {
        let (organization, member) = (organization, member)
        let now = WallClock.now
        try await options.show(["id", "host", "connection", "signed in", "last seen", "ends"]) { transaction in
            let organizationID = try transaction.organization(named: organization).get().id
            let id = try transaction.member(named: member, of: organizationID).get().id
            let names = Names(transaction)
            return try transaction.sessions(of: id, at: now).map { stored in
                [
                    stored.id, stored.host, try names.accepted(stored.via),
                    InstantText.text(stored.session.evidence.authenticatedAt), InstantText.text(stored.lastSeenAt),
                    InstantText.text(stored.session.expiresAt),
                ]
            }
        }
    }
}
